package viewer

import (
	"image/color"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// few is up to how many classes the error of the first guess is the one to look
// at.
const few = 10

// words of states, with their signs.
var stateWords = map[monitor.State]struct {
	word string
	icon draw.Icon
}{
	monitor.Preparing:  {"Preparing", draw.Clock},
	monitor.Training:   {"Training", draw.Play},
	monitor.Paused:     {"Paused", draw.Pause},
	monitor.Validating: {"Validating", draw.Play},
	monitor.Finished:   {"Finished", draw.Check},
	monitor.Stopped:    {"Stopped", draw.Stop},
	monitor.Failed:     {"Stopped itself", draw.Error},
}

// number is one of the header's five.
type number struct {
	caption, value, unit string
	ink                  color.RGBA
	share                float64 // of the bar below; negative: none
}

// header draws the run and its five numbers. They are always the present's.
func (p *painter) header(r draw.Rect) {
	th, s, f := p.th, p.app.snap, p.app.frame
	p.Fill(r, th.Surface)
	width, block, height := f.width, 288.0, float64(theme.HeaderHeight)
	width /= f.zoom // the canvas is larger by that
	if width < theme.CompactWidth || f.compact && !f.wall {
		block = 208
	}
	p.HLine(0, height-1, width, th.Line)
	p.Text(theme.Margin, 31, p.Fit(s.Run.Name, strong, block-2*theme.Margin), strong, th.Text)
	p.state(s, block)
	numbers := p.app.numbers()
	cell := (width - block) / float64(len(numbers))
	for i, n := range numbers {
		x := block + cell*float64(i)
		p.VLine(x, 16, 48, th.Line)
		p.Text(x+theme.Margin, 26, p.Fit(n.caption, small, cell-theme.Margin), small, th.Text2)
		w := p.value(x+theme.Margin, 64, cell-theme.Margin-4, n.value, n.ink)
		if w+8+p.Width(n.unit, medium) < cell-theme.Margin {
			p.Text(x+theme.Margin+w+8, 64, n.unit, medium, th.Text2)
		}
		if n.share >= 0 {
			bar := draw.Rect{X: x + theme.Margin, Y: 72, W: cell - 2*theme.Margin, H: 3}
			p.Fill(bar, th.Raised)
			bar.W *= min(1, n.share)
			p.Fill(bar, th.Text)
		}
	}
}

// value writes one of the five. Where it is too wide, its words become smaller and
// its digits, which are to be read from afar, do not: 1 h 23 min.
func (p *painter) value(x, y, width float64, text string, ink color.RGBA) float64 {
	if p.Width(text, large) <= width {
		return p.Text(x, y, text, large, ink)
	}
	at := x
	for i, word := range strings.Fields(text) {
		style := large
		if i > 0 {
			at += 5
		}
		if word[0] < '0' || word[0] > '9' {
			style = medium
		}
		at += p.Text(at, y, word, style, ink)
	}
	return at - x
}

func (p *painter) state(s *monitor.Snapshot, block float64) {
	words := stateWords[s.State]
	ink := p.th.Text
	if s.State == monitor.Failed {
		ink = p.th.Error
	}
	p.Icon(words.icon, theme.Margin, 45, ink, p.th.Surface)
	x := theme.Margin + 22.0
	x += p.Text(x, 57, words.word, bold, p.th.Text) + 8
	note := s.Reason
	if note == "" && s.State.Live() {
		note = batchWords(s.Run)
	}
	p.Text(x, 57, p.Fit(note, small, block-x-4), small, p.th.Text2)
}

func batchWords(r *monitor.Run) string {
	text := "batch " + theme.Count(r.Batch)
	different := slices.Compact(slices.Sorted(slices.Values(r.Devices))) // columns may share one
	switch n := len(different); {
	case n == 1:
		text += " · 1 device"
	case n > 1:
		text += " · " + theme.Count(n) + " devices"
	}
	return text
}

// numbers are the header's five.
func (a *App) numbers() []number {
	th, s := a.th, a.snap
	plain := func(caption, value, unit string) number {
		n := number{caption, value, unit, th.Text, -1}
		if value == "NaN" {
			n.ink = th.Error
		}
		return n
	}
	loss := theme.Unknown
	if v, ok := recentLoss(s); ok {
		loss = theme.Loss(v)
	}
	caption, value, unit := "Validation "+ErrorName(s.Run)+" error", theme.Unknown, ""
	if n := len(s.Validations); n > 0 {
		if value = theme.PercentValue(ErrorOf(s.Run, s.Validations[n-1])); value != "NaN" {
			unit = "%"
		}
	}
	speed := theme.Unknown
	if n := len(s.Points); n > 0 && finite(s.Points[n-1].ImagesPerSecond) {
		speed = theme.Whole(s.Points[n-1].ImagesPerSecond)
	}
	if !s.State.Live() || s.State == monitor.Paused {
		speed = "0"
	}
	epoch := plain("Epoch", epochs(s.Epoch), "")
	if e := s.Run.Epochs(); e > 0 {
		epoch.unit, epoch.share = "of "+wholeEpochs(e), s.Epoch/e
	}
	left := number{"Time left", theme.Unknown, "", th.Text, -1}
	if s.State == monitor.Paused {
		left.caption = "Time left once resumed"
	}
	if d, ok := timeLeft(s); ok {
		left.value = theme.Duration(d)
	}
	return []number{plain("Training loss", loss, ""), plain(caption, value, unit), plain("Images per second", speed, ""), epoch, left}
}

// epochs writes an epoch, of the first one more, or nothing would seem to happen.
func epochs(v float64) string {
	if v > 0 && v < 1 {
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
	return theme.Epoch(v)
}

func wholeEpochs(v float64) string {
	if whole := math.Round(v); v >= 1 && math.Abs(v-whole) < 0.05 { // the last step goes beyond it
		return theme.Count(int(whole))
	}
	return epochs(v)
}

// ErrorName is the error that is looked at: with few classes five guesses hit
// almost always.
func ErrorName(r *monitor.Run) string {
	if n := len(r.Classes); n > 0 && n <= few {
		return "top-1"
	}
	return "top-5"
}

// ErrorOf is that error of a validation.
func ErrorOf(r *monitor.Run, v monitor.Validation) float64 {
	if ErrorName(r) == "top-1" {
		return v.Top1Error
	}
	return v.Top5Error
}

// averaged is over how many steps the header's loss is.
const averaged = 50

// recentLoss is the median of the loss over the last steps, which a step that went astray
// does not change. A loss that is not a number is the one to tell.
func recentLoss(s *monitor.Snapshot) (float64, bool) {
	n := len(s.Points)
	if n == 0 {
		return 0, false
	}
	last := s.Points[n-1]
	var losses []float64
	for i := n - 1; i >= 0 && s.Points[i].Step > last.Step-averaged; i-- {
		if !finite(s.Points[i].Loss) {
			if i == n-1 {
				return s.Points[i].Loss, true
			}
			continue
		}
		losses = append(losses, s.Points[i].Loss)
	}
	slices.Sort(losses)
	k := len(losses)
	return (losses[(k-1)/2] + losses[k/2]) / 2, true
}

// timeLeft is what the steps to come take at the speed of the last lines of the log: that
// of one alone jumps with whatever else the machine does.
func timeLeft(s *monitor.Snapshot) (time.Duration, bool) {
	n := len(s.Points)
	if n == 0 || s.Run.Steps == 0 || !s.State.Live() || s.Run.Batch == 0 {
		return 0, false
	}
	perImage, lines := 0.0, 0
	for _, p := range s.Points[max(0, n-10):] {
		if p.ImagesPerSecond > 0 {
			perImage, lines = perImage+1/p.ImagesPerSecond, lines+1
		}
	}
	if lines == 0 {
		return 0, false
	}
	seconds := float64(max(0, s.Run.Steps-s.Step)*s.Run.Batch) * perImage / float64(lines)
	return time.Duration(min(seconds, 1e9) * float64(time.Second)), true
}
