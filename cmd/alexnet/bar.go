package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"alexnet/net"
	"alexnet/train"
	"alexnet/train/pack"
	"alexnet/viewer/theme"
)

// bar shows progress: a bar on a terminal, a line now and then elsewhere.
type bar struct {
	mu       sync.Mutex // messages come from several goroutines
	to       *os.File
	warnings *os.File // where warnings go
	terminal bool
	bar      *progressbar.ProgressBar // of training steps
	pass     *progressbar.ProgressBar // of a pass over images
	start    time.Time
	last     time.Time
	first    int  // step at which the bar began
	tuned    bool // it was said that kernels are being chosen
	lost     bool // and that choices cannot be remembered
	line     bool // a line of its own is shown, on a terminal
}

func newBar(to *os.File) *bar {
	info, err := to.Stat()
	return &bar{to: to, warnings: os.Stderr, terminal: err == nil && info.Mode()&os.ModeCharDevice != 0, start: time.Now()}
}

// tuning returns what says that kernels are being compared for a problem, which
// takes a while the first time, and stops it with the context.
func (b *bar) tuning(ctx context.Context) func(net.Choosing) error {
	return func(c net.Choosing) error {
		b.showTuning(c)
		return ctx.Err()
	}
}

func (b *bar) showTuning(c net.Choosing) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.tuned {
		b.tuned = true
		remembered := " (remembered for the next run)"
		if c.Lost != nil {
			remembered = ""
		}
		fmt.Fprintln(b.to, "choosing kernels for this device"+remembered)
	}
	if c.Lost != nil && !b.lost {
		b.lost = true
		b.hide()
		fmt.Fprintln(b.warnings, "warning:", c.Lost)
	}
	b.show(fmt.Sprintf("%v, %s: %s", c, c.Layer, c.Problem))
}

// stage shows what is being done.
func (b *bar) stage(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.show(text)
}

// counted is begin that shows how many steps of a kind have begun.
func (b *bar) counted(kind string, begin func() error) func() error {
	steps := 0
	return func() error {
		steps++
		b.stage(fmt.Sprintf("%s: step %d", kind, steps))
		return begin()
	}
}

// show shows a line in place of the one before it, on a terminal only.
func (b *bar) show(text string) {
	if b.terminal {
		b.line = true
		fmt.Fprintf(b.to, "\r\x1b[K  %s", text)
	}
}

// hide removes the line.
func (b *bar) hide() {
	if b.line {
		b.line = false
		fmt.Fprint(b.to, "\r\x1b[K")
	}
}

func (b *bar) progress(p train.Progress) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bar == nil {
		b.first = p.Step // its time is no measure: it compiles
		b.last = time.Time{}
		b.start = time.Now()
		total := int64(p.Steps)
		if total == 0 {
			total = -1
		}
		b.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(b.to), progressbar.OptionSetVisibility(b.terminal),
			progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionFullWidth())
	}
	text := fmt.Sprintf("loss %s, rate %s, %.0f images/s", theme.Loss(p.Loss), theme.Rate(p.Rate), p.ImagesPerSecond)
	if b.terminal {
		b.bar.Describe(text)
		b.bar.Set(p.Step)
		return
	}
	if time.Since(b.last) < 5*time.Second && p.Step != p.Steps {
		return
	}
	b.last = time.Now()
	left := ""
	if p.Steps > 0 && p.Step > b.first {
		each := time.Since(b.start) / time.Duration(p.Step-b.first)
		left = fmt.Sprintf(", %v left", (each * time.Duration(p.Steps-p.Step)).Round(time.Second))
	}
	of := ""
	if p.Steps > 0 {
		of = fmt.Sprintf(" of %d", p.Steps)
	}
	fmt.Fprintf(b.to, "step %d%s, epoch %.2f: %s%s\n", p.Step, of, p.Epoch, text, left)
}

func (b *bar) clear() {
	b.hide()
	for _, p := range []*progressbar.ProgressBar{b.bar, b.pass} {
		if p != nil && b.terminal {
			p.Clear()
		}
	}
}

func (b *bar) validation(v train.Validation) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clear()
	fmt.Fprintf(b.to, "validation after step %d: loss %s, top-1 error %.1f %%, top-5 error %.1f %%\n", v.Step, theme.Loss(v.Loss), 100*v.Top1Error, 100*v.Top5Error)
}

// message prints a sentence; a warning where errors go: what is printed may be
// kept in a file that nobody reads while the run trains.
func (b *bar) message(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.clear()
	to := b.to
	if strings.HasPrefix(text, "warning: ") {
		to = b.warnings
	}
	fmt.Fprintln(to, text)
}

// images shows how far a pass over images has come, on a terminal only.
func (b *bar) images(done, total int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hide()
	if b.pass == nil {
		b.pass = progressbar.NewOptions(total, progressbar.OptionSetWriter(b.to), progressbar.OptionSetVisibility(b.terminal),
			progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionFullWidth(), progressbar.OptionClearOnFinish())
	}
	b.pass.Set(done)
	if done == total {
		b.pass = nil
	}
}

// prepared shows how far preparing images has come: a bar on a terminal, a line now and
// then elsewhere.
func (b *bar) prepared(p pack.Progress) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p.Total == 0 {
		if b.terminal {
			fmt.Fprintf(b.to, "\r\x1b[Klisting images: %d", p.Listed)
		}
		return
	}
	if b.bar == nil {
		b.first, b.start, b.last = p.Done, time.Now(), time.Now()
		b.bar = progressbar.NewOptions64(int64(p.Total), progressbar.OptionSetWriter(b.to), progressbar.OptionSetVisibility(b.terminal),
			progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionFullWidth())
	}
	seconds := time.Since(b.start).Seconds()
	text := fmt.Sprintf("%.0f images/s", float64(p.Done-b.first)/max(seconds, 1e-3))
	if p.Skipped > 0 {
		text += fmt.Sprintf(", %d skipped", p.Skipped)
	}
	if b.terminal {
		b.bar.Describe(text)
		b.bar.Set(p.Done)
		return
	}
	if time.Since(b.last) < 5*time.Second {
		return
	}
	b.last = time.Now()
	left := time.Duration(seconds / float64(max(p.Done-b.first, 1)) * float64(p.Total-p.Done) * float64(time.Second))
	fmt.Fprintf(b.to, "%d of %d images, %s, %v left\n", p.Done, p.Total, text, left.Round(time.Second))
}

// bytes shows how far checksums are compared.
func (b *bar) bytes(done, total int64) { b.images(int(done), int(total)) }
