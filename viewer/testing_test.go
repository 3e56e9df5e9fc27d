package viewer

import (
	"errors"
	"image"
	"math"
	"testing"
	"time"

	"alexnet/train/monitor"
)

// fake is a source that a test writes.
type fake struct {
	*monitor.Board
	closed bool
}

func (f *fake) Close() error { f.closed = true; return nil }

// clock is the tests' time.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

// waves are kernels that look like something: gratings in column 1, blobs of
// colour in column 2, more of it the later the step.
func waves(strength float64) *monitor.Kernels {
	const size, n = 11, 96
	k := &monitor.Kernels{Size: size, Columns: []int{48, 48}, Values: make([]float32, n*3*size*size)}
	for i := range k.Values {
		x, y, colour, kernel := float64(i%size)-5, float64(i/size%size)-5, i/(size*size)%3, i/(3*size*size)
		s, c := math.Sincos(float64(kernel) * 0.7)
		v := math.Sin((x*c + y*s) * (0.6 + float64(kernel%5)*0.2))
		if kernel >= 48 {
			v = strength * math.Exp(-(x*x+y*y)/12) * math.Sin(float64(kernel)+2*float64(colour))
		}
		k.Values[i] = float32(0.1 * v)
	}
	return k
}

// sample is a snapshot in the middle of a run of the paper's length.
func sample() *monitor.Snapshot {
	const steps, perEpoch = 20_000, 500.0
	s := &monitor.Snapshot{
		Run: &monitor.Run{
			Name: "imagenet-two-column", Path: "runs/imagenet-two-column", Data: "ImageNet, 1,000 classes", Batch: 128, Columns: 2,
			Devices: []string{"NVIDIA GeForce RTX 4070", "AMD Radeon RX 7800 XT"}, Steps: 45_000, StepsPerEpoch: perEpoch, LogEvery: 20,
			Classes: make([]string, 1000), Layers: []string{"conv1", "conv2"},
		},
		State: monitor.Training, Read: 1, Step: steps, Epoch: steps / perEpoch,
		Solver: monitor.Solver{Rate: 0.001, Momentum: 0.9, Decay: 0.0005, Dropout: 0.5},
	}
	for i := 20; i <= steps; i += 20 {
		t, rate := float64(i), 0.01
		if i > 12_000 {
			rate = 0.001
		}
		s.Points = append(s.Points, monitor.Point{
			Step: i, Epoch: t / perEpoch, Seconds: t * 0.2, Rate: rate, ImagesPerSecond: 640 + 9*math.Sin(t),
			Loss: 2 + 4.9*math.Exp(-t/4000) + 0.3*math.Sin(t*t) - 20*(0.01-rate), Top1Error: math.NaN(),
		})
	}
	for i := 1; i <= 40; i++ {
		e := float64(i)
		s.Validations = append(s.Validations, monitor.Validation{Step: i * 500, Epoch: e, Seconds: e * 100, Loss: 2 + 4*math.Exp(-e/8), Top1Error: 0.45 + 0.5*math.Exp(-e/9), Top5Error: 0.22 + 0.6*math.Exp(-e/9)})
	}
	for _, at := range []int{0, 5000, 10_000, 20_000} {
		k := waves(0.2 + float64(at)/10_000)
		s.Kernels = append(s.Kernels, &monitor.Shot{Step: at, Epoch: float64(at) / perEpoch, Kernels: k, Figures: k.ColumnFigures(), Velocity: waves(9).Values})
	}
	s.Events = []monitor.Event{
		{Kind: monitor.Checkpointed, Step: 5000, Epoch: 10, Short: "checkpoint", Text: "Checkpoint saved"},
		{Kind: monitor.RateChanged, Step: 12_000, Epoch: 24, Short: "rate ÷ 10", Text: "Rate 0.01 → 0.001"},
		{Kind: monitor.Checkpointed, Step: 20_000, Epoch: 40, Short: "checkpoint", Text: "Checkpoint saved"},
	}
	return s
}

// plateau is the sample with its question.
func plateau() *monitor.Snapshot {
	s := sample()
	s.Card = &monitor.Card{
		Title: "Plateau assistant", Short: "No better top-5 error for 5 validations. Divide the rate by 10, to 0.0001?",
		Text: "Top-5 error has not improved for 5 validations (best 22.1 % at epoch 33). Divide the rate by 10, to 0.0001?", Tick: "Do this by itself from now on",
		Yes: monitor.Choice{Label: "Divide", Key: "D", Command: monitor.Command{Verb: monitor.Answer, Value: 1}},
		No:  monitor.Choice{Label: "Not now", Key: "N", Command: monitor.Command{Verb: monitor.Answer}},
	}
	return s
}

// with makes an app that shows a snapshot at a window's size.
func with(t *testing.T, s *monitor.Snapshot, width, height int, scale float64) (*App, *fake, *clock) {
	t.Helper()
	now := &clock{time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	source := &fake{Board: monitor.NewBoard(s)}
	a := New(Options{Now: now.Now}, source)
	a.Resize(width, height, scale)
	a.Draw()
	return a, source, now
}

// press types keys and draws after each.
func press(a *App, keys ...string) {
	for _, k := range keys {
		e := Key{Name: k}
		if len(k) > 5 && k[:5] == "Ctrl+" {
			e = Key{Name: k[5:], Ctrl: true}
		}
		a.Handle(e)
		if len(k) == 1 {
			a.Handle(Char{rune(k[0])})
		}
		a.Draw()
	}
}

// click clicks the middle of a control.
func click(t *testing.T, a *App, id string) {
	t.Helper()
	a.Draw()
	h, _, ok := a.find(id)
	if !ok {
		t.Fatalf("there is no control %q", id)
	}
	a.Handle(Moved{(h.rect.X + h.rect.W/2) * a.scale, (h.rect.Y + h.rect.H/2) * a.scale})
	a.Draw()
	a.Handle(Pressed{true})
	a.Draw()
	a.Handle(Pressed{false})
	a.Draw()
}

// answered lets the app take in what it was asked for.
func answered(t *testing.T, a *App) {
	t.Helper()
	until(t, a, "an answer", func() bool { return a.asking.since.IsZero() })
}

// sent is the next command that reached the run.
func sent(t *testing.T, f *fake) monitor.Command {
	t.Helper()
	select {
	case c := <-f.Commands():
		return c
	default:
		t.Fatal("no command was sent")
		return monitor.Command{}
	}
}

func nothingSent(t *testing.T, f *fake) {
	t.Helper()
	select {
	case c := <-f.Commands():
		t.Errorf("command %+v was sent", c)
	default:
	}
}

var errTest = errors.New("follow: there is no folder x; give the folder of a run")

// same says whether two pictures are equal, bit by bit.
func same(a, b *image.RGBA) bool {
	return a.Rect == b.Rect && string(a.Pix) == string(b.Pix)
}
