package follow

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"alexnet/train"
	"alexnet/train/monitor"
)

// piece is how much of a log is read before what was read is shown.
const piece = 1 << 20

// logReader reads a log as it grows. What it holds is only ever appended to, so
// that snapshots may share it; a log that was cut (the run was resumed) is read
// anew into new memory.
type logReader struct {
	path    string
	batch   int
	classes int
	anew    int // times that another log lay there

	file   os.FileInfo // the file that was read, to notice another in its place
	read64 int64       // bytes read, without the half line at the end
	growth
	partial string // a last line without its end
	problem string // why nothing could be read

	points      []monitor.Point
	validations []monitor.Validation
	events      []monitor.Event
	step        int

	line                        int
	unreadable, firstUnreadable int
	firstNaN                    int
	rise                        train.Rise

	steered    int                // the step behind which the journal has last changed the rate
	changes    map[string]float64 // what it has set last, by key
	paused     bool               // by its user
	failed     string             // why the run stopped itself
	failedStep int
	ended      bool // who trained it has finished or stopped it, and nobody has gone on since
	finished   bool
}

// growth is how far a log has grown, and when it last did: one of both alone may stay when
// it does, by a file system's clock or where it is written anew.
type growth struct {
	size    int64
	changed time.Time
}

// read takes in the next piece and says whether there is more.
func (l *logReader) read() (more bool) {
	f, err := os.Open(l.path)
	if os.IsNotExist(err) {
		return false // not yet
	}
	if err != nil {
		l.problem = "The log cannot be read: " + err.Error() + "."
		return false
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		l.problem = "The log cannot be read: " + err.Error() + "."
		return false
	}
	if l.file != nil && (!os.SameFile(l.file, info) || info.Size() < l.read64+int64(len(l.partial))) {
		*l = logReader{path: l.path, batch: l.batch, classes: l.classes, anew: l.anew + 1}
	}
	l.file, l.growth, l.problem = info, growth{info.Size(), info.ModTime()}, ""
	buffer := make([]byte, min(piece, max(0, l.size-l.read64)))
	n, err := f.ReadAt(buffer, l.read64)
	if err != nil && err != io.EOF {
		l.problem = "The log cannot be read: " + err.Error() + "."
		return false
	}
	return l.take(buffer[:n])
}

// take reads whole lines and keeps the rest for later.
func (l *logReader) take(text []byte) (more bool) {
	end := bytes.LastIndexByte(text, '\n') + 1
	for line := range bytes.Lines(text[:end]) {
		l.line++
		if len(bytes.TrimSpace(line)) > 0 && !l.add(line) {
			if l.unreadable == 0 {
				l.firstUnreadable = l.line
			}
			l.unreadable++
		}
	}
	l.read64 += int64(end)
	l.partial = ""
	if atEnd := l.size-l.read64 < piece; atEnd {
		l.partial = string(text[end:])
	}
	return end > 0 && l.read64+int64(len(l.partial)) < l.size
}

// half says whether the log ends in the beginning of a line.
func (l *logReader) half() bool { return strings.HasPrefix(l.partial, "{") }

// left are the lines that cannot be read, and the number of the first of them. What the log
// ends in counts where it is not the beginning of a line.
func (l *logReader) left() (lines, first int) {
	lines, first = l.unreadable, l.firstUnreadable
	if l.partial != "" && !l.half() {
		if lines++; lines == 1 {
			first = l.line + 1
		}
	}
	return lines, first
}

// share is how much of the log is read.
func (l *logReader) share() float64 {
	if l.size == 0 {
		return 1
	}
	return float64(l.read64+int64(len(l.partial))) / float64(l.size)
}

// number is a float64 that other writers may have written as NaN or Infinity.
type number float64

// UnmarshalJSON reads numbers, quoted ones and null, which is NaN.
func (n *number) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		*n = number(math.NaN())
		return nil
	}
	v, err := strconv.ParseFloat(string(bytes.Trim(text, `"`)), 64)
	*n = number(v)
	return err
}

// line is one of the log's. What a line lacks stays NaN.
type line struct {
	Kind            string
	Step            int
	Epoch           number
	Seconds         number
	Loss            number
	Rate            number
	Top1Error       number `json:"top1_error"`
	Top5Error       number `json:"top5_error"`
	ImagesPerSecond number `json:"images_per_second"`
	Waited          number
	Text            string
	Short           string
	Key             string
	Value           number
	Bytes           int64 // of a checkpoint
	Finished        bool  // of an end: otherwise the run was stopped
}

// odd are the numbers that JSON does not have and Python's writer writes.
var odd = regexp.MustCompile(`:\s*([+-]?(?:NaN|nan|Infinity|Inf|inf))\b`)

func (l *logReader) add(text []byte) bool {
	nan := number(math.NaN())
	var in line
	parse := func(text []byte) error {
		in = line{Epoch: nan, Seconds: nan, Loss: nan, Rate: nan, Top1Error: nan, Top5Error: nan, ImagesPerSecond: nan, Waited: nan, Value: nan}
		return json.Unmarshal(text, &in)
	}
	if parse(text) != nil && parse(odd.ReplaceAll(text, []byte(`:"$1"`))) != nil {
		return false
	}
	if in.Step < 0 || in.Kind == "" {
		return false
	}
	l.ended, l.finished = false, false
	switch in.Kind {
	case "end":
		l.ended, l.finished = true, in.Finished
	case "train":
		l.addPoint(in)
	case "val":
		l.validations = append(l.validations, monitor.Validation{
			Step: in.Step, Epoch: l.epochOf(in.Step), Seconds: l.seconds(),
			Loss: float64(in.Loss), Top1Error: float64(in.Top1Error), Top5Error: float64(in.Top5Error),
		})
	case "event":
		l.addEvent(in)
	case "checkpoint":
		l.events = train.AddCheckpoint(l.events, train.CheckpointEvent(in.Step, l.epochOf(in.Step), in.Bytes))
	}
	l.step = max(l.step, in.Step)
	return true
}

func (l *logReader) addEvent(in line) {
	l.events = append(l.events, monitor.Event{Kind: train.EventKind(in.Key), Step: in.Step, Epoch: l.epochOf(in.Step), Text: in.Text, Short: in.Short})
	switch in.Key {
	case "rate", "rate_scale":
		l.steered = in.Step
	case "pause", "resume":
		l.paused = in.Key == "pause"
	case "failed":
		l.failed, l.failedStep = in.Text, in.Step
	}
	if l.changes == nil {
		l.changes = map[string]float64{}
	}
	l.changes[in.Key] = float64(in.Value)
}

func (l *logReader) addPoint(in line) {
	p := monitor.Point{
		Step: in.Step, Epoch: float64(in.Epoch), Seconds: float64(in.Seconds), Loss: float64(in.Loss), Rate: float64(in.Rate),
		Top1Error: float64(in.Top1Error), ImagesPerSecond: float64(in.ImagesPerSecond), Waited: float64(in.Waited),
	}
	last := monitor.Point{Rate: math.NaN()}
	if n := len(l.points); n > 0 {
		last = l.points[n-1]
	}
	if math.IsNaN(p.Seconds) { // a log without times: from the speed
		p.Seconds = last.Seconds
		if p.ImagesPerSecond > 0 {
			p.Seconds += float64(max(0, p.Step-last.Step)*l.batch) / p.ImagesPerSecond
		}
	}
	if (math.IsNaN(p.Loss) || math.IsInf(p.Loss, 0)) && l.firstNaN == 0 {
		l.firstNaN = p.Step
	}
	if train.RateDrops(last.Rate, p.Rate) && !l.warmsUp(p.Rate) && (l.steered < last.Step || l.steered >= p.Step) {
		short, text := monitor.RateChange(last.Rate, p.Rate)
		l.events = append(l.events, monitor.Event{Kind: monitor.RateChanged, Step: p.Step, Epoch: p.Epoch, Short: short, Text: text})
	}
	l.points = append(l.points, p)
	l.rise.Add(p.Step, p.Loss, l.classes)
}

// steer applies what the journal has set to a recipe's solver.
func (l *logReader) steer(s *monitor.Solver) {
	for key, value := range l.changes {
		switch key {
		case "momentum":
			s.Momentum = value
		case "decay":
			s.Decay = value
		case "dropout":
			s.DropoutOff = value == 0
		}
	}
}

// warmsUp says whether a rate goes on rising, which is no event.
func (l *logReader) warmsUp(rate float64) bool {
	n := len(l.points)
	return rate > l.points[n-1].Rate && (n < 2 || l.points[n-1].Rate != l.points[n-2].Rate)
}

// seconds is the time of training until now.
func (l *logReader) seconds() float64 {
	if n := len(l.points); n > 0 {
		return l.points[n-1].Seconds
	}
	return 0
}

// rate is the last one; NaN before the first line.
func (l *logReader) rate() float64 {
	if n := len(l.points); n > 0 {
		return l.points[n-1].Rate
	}
	return math.NaN()
}

// stepsPerEpoch is known from the first line on.
func (l *logReader) stepsPerEpoch() float64 {
	if n := len(l.points); n > 0 && l.points[n-1].Epoch > 0 {
		return math.Round(1000*float64(l.points[n-1].Step)/l.points[n-1].Epoch) / 1000
	}
	return 0
}

// epochOf is the epoch after a step.
func (l *logReader) epochOf(step int) float64 {
	if per := l.stepsPerEpoch(); per > 0 {
		return float64(step) / per
	}
	return 0
}

// broken says whether the run stopped itself, or ended with a loss that is not a
// number.
func (l *logReader) broken() bool {
	if l.failed != "" {
		return true
	}
	n := len(l.points)
	return n > 0 && (math.IsNaN(l.points[n-1].Loss) || math.IsInf(l.points[n-1].Loss, 0))
}

// usual is the time from one line to the next.
func (l *logReader) usual() time.Duration {
	n := len(l.points)
	if n < 2 {
		return 0
	}
	from := l.points[max(0, n-11)]
	return time.Duration((l.points[n-1].Seconds - from.Seconds) / float64(min(10, n-1)) * float64(time.Second))
}

var stepField = regexp.MustCompile(`"step"\s*:\s*([0-9]+)\s*,`)

// partialStep is the step of the half line at the end: its own if it got so far.
func (l *logReader) partialStep() int {
	if m := stepField.FindStringSubmatch(l.partial); m != nil {
		if step, err := strconv.Atoi(m[1]); err == nil {
			return step
		}
	}
	n := len(l.points)
	if n < 2 {
		return l.step + 1
	}
	return l.points[n-1].Step + l.points[n-1].Step - l.points[n-2].Step
}
