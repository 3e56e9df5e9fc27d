package viewer

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"alexnet/train/monitor"
)

// chance makes events as they may come to a window, in any order.
type chance struct {
	*rand.Rand
	a    *App
	run  *fake
	now  *clock
	made []string // what was done, for who has to find out
}

// TestAnyEvents: no order of keys, clicks, snapshots and frames ends the window.
func TestAnyEvents(t *testing.T) {
	seeds := 24
	if testing.Short() {
		seeds = 3
	}
	for seed := range seeds {
		c := newChance(uint64(seed))
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			defer func() {
				if e := recover(); e != nil {
					t.Fatalf("%v, behind %q", e, c.made[max(0, len(c.made)-20):])
				}
			}()
			for i := 0; i < 150 && !c.a.Quit(); i++ {
				c.event()
			}
		})
	}
}

func newChance(seed uint64) *chance {
	c := &chance{Rand: rand.New(rand.NewPCG(seed, 1)), now: &clock{time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}, run: &fake{Board: monitor.NewBoard(sample())}}
	o := newChecker().options()
	o.Now = c.now.Now
	o.Save = func(string, string, []byte) (string, error) { return "saved", nil }
	o.Recent = func() ([]Recent, error) {
		return []Recent{{Path: "runs/a", Name: "a"}, {Path: "runs/b", Name: "b"}}, nil
	}
	o.Open = func(string) (Source, error) { return &fake{Board: monitor.NewBoard(sample())}, nil }
	c.a = New(o, c.run)
	c.a.Resize(1440, 900, 1)
	return c
}

func (c *chance) event() {
	switch c.IntN(8) {
	case 0, 1, 2:
		c.key()
	case 3:
		c.click()
	case 4:
		c.publish()
	case 5:
		c.did("time passes")
		c.now.now = c.now.now.Add(time.Duration(c.IntN(8000)) * time.Millisecond)
		c.a.Update()
	case 6:
		c.did("frame")
		c.a.Draw()
	case 7:
		if c.IntN(4) == 0 {
			c.did("another run")
			c.run = &fake{Board: monitor.NewBoard(sample())}
			c.a.Show(c.run)
		}
	}
	for len(c.run.Commands()) > 3 {
		<-c.run.Commands()
		c.run.Obeyed()
	}
}

func (c *chance) did(what string) { c.made = append(c.made, what) }

func (c *chance) key() {
	keys := []string{"Space", "S", "R", "V", "C", "D", "N", "B", "G", "Z", "A", "M", "1", "2", "3", "4", "5", "6", "[", "]", "Left", "Right", "Up", "Down", ",", ".", "Home", "End",
		"Enter", "L", "F", "P", "E", "J", "W", "O", "F8", "?", "Esc", "Tab", "Backspace"}
	k := Key{Name: keys[c.IntN(len(keys))], Ctrl: c.IntN(6) == 0}
	c.did(fmt.Sprintf("%+v", k))
	c.a.Handle(k)
	if len(k.Name) == 1 && !k.Ctrl {
		c.a.Handle(Char{rune(k.Name[0])})
	}
}

func (c *chance) click() {
	x, y := c.Float64()*1440, c.Float64()*900
	c.did(fmt.Sprintf("click at %.0f, %.0f", x, y))
	c.a.Handle(Moved{x, y})
	c.a.Handle(Pressed{true})
	if c.IntN(3) == 0 {
		c.a.Handle(Moved{x + c.Float64()*50, y})
		c.a.Handle(Wheeled{c.Float64() - 0.5})
	}
	c.a.Handle(Pressed{false})
}

// publish shows another state of the run, which may not have come to anything yet.
func (c *chance) publish() {
	states := []monitor.State{monitor.Preparing, monitor.Training, monitor.Paused, monitor.Finished, monitor.Stopped}
	s := *sample()
	s.State, s.Undo = states[c.IntN(len(states))], c.now.now.Add(10*time.Second)
	if c.IntN(3) == 0 {
		s.Kernels, s.Maps, s.Layers, s.Timeline, s.Points = nil, nil, nil, nil, nil
	}
	c.did(fmt.Sprintf("state %d, %d points", s.State, len(s.Points)))
	c.run.Publish(&s)
	c.a.unseen = true
	c.a.Update()
}
