package viewer

import (
	"runtime"
	"testing"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// TestLargeLossHasRoom: the labels of a loss that went up by a thousand million lie
// within the page, linear and logarithmic.
func TestLargeLossHasRoom(t *testing.T) {
	for _, log := range []bool{false, true} {
		s := sample()
		for i := len(s.Points) - 10; i < len(s.Points); i++ {
			s.Points[i].Loss, s.Points[i].Rate = 2.37e9, 1e-7
		}
		a, _, _ := with(t, s, 1440, 900, 1)
		a.curves.log = log
		r := draw.Rect{W: 1100, H: 700}
		f := a.curves.build(a, r)
		c := draw.New(r, 1, a.fonts)
		for _, p := range f.Panes {
			for _, v := range p.Ticks {
				if w := c.Width(p.Label(v), draw.Style{Size: theme.Small}); w > f.Before-8 {
					t.Errorf("log %t, %s: %q is %.0f wide, there is room for %.0f", log, p.Title, p.Label(v), w, f.Before-8)
				}
			}
		}
		if f.Before > 80 {
			t.Errorf("log %t: %g of the page are left to labels", log, f.Before)
		}
	}
}

// TestReadoutNamesTheValidation: what is read out of a validation is of the nearest one,
// which may be far from the place pointed at.
func TestReadoutNamesTheValidation(t *testing.T) {
	a, _, _ := with(t, sample(), 1440, 900, 1)
	f := a.curves.build(a, draw.Rect{W: 1100, H: 700})
	for pane, of := range map[int][]int{0: {2}, 1: {0, 1}} {
		for _, i := range of {
			s := f.Panes[pane].Series[i]
			if s.Of == nil || s.Of(2) != "validation of step 1,500" || s.X[2] != 3 {
				t.Errorf("%s of %s does not name the validation at %g", s.Name, f.Panes[pane].Title, s.X[2])
			}
		}
	}
	if training := f.Panes[0].Series[1]; training.Of != nil {
		t.Error("training is named, too")
	}
}

// TestComparedIsLeft: nobody listens any more to a run that is compared with no longer.
func TestComparedIsLeft(t *testing.T) {
	a, _, _ := with(t, sample(), 1440, 900, 1)
	before := runtime.NumGoroutine()
	for range 20 {
		a.curves.compare(a, "earlier", &fake{Board: monitor.NewBoard(sample())})
	}
	a.curves.compare(a, "", nil)
	until(t, a, "nobody listens", func() bool { return runtime.NumGoroutine() <= before })
}

// TestCompared: another run's lines are chosen by their names, each is told as what it is,
// and one validation of it is seen.
func TestCompared(t *testing.T) {
	a, _, _ := with(t, sample(), 1440, 900, 1)
	other := sample()
	other.Run.Name = "earlier"
	other.Validations = other.Validations[:1]
	var opened string
	a.options.Recent = func() ([]Recent, error) {
		return []Recent{{Path: "runs/earlier", Name: "earlier"}}, nil
	}
	a.options.Open = func(path string) (Source, error) {
		opened = path
		return &fake{Board: monitor.NewBoard(other)}, nil
	}
	press(a, "3")
	a.Draw()
	until(t, a, "the other runs", func() bool { return len(a.curves.choices) > 0 })
	before := a.Picture()
	click(t, a, "compare")
	press(a, "Down", "Down", "Enter")
	answered(t, a)
	if opened != "runs/earlier" || same(before, a.Picture()) {
		t.Fatalf("opened %q", opened)
	}
	told := map[string]bool{}
	for _, p := range a.curves.figure.Panes {
		for _, s := range p.Series {
			if !s.Dashed {
				continue
			}
			told[s.Told] = true
			if len(s.X) == 1 && !s.Squares {
				t.Errorf("%s, a single value, has no square", s.Told)
			}
		}
	}
	if len(told) != 2 || !told["training of earlier"] || !told["top-5 of earlier"] {
		t.Errorf("the read-out tells of %v", told)
	}
}
