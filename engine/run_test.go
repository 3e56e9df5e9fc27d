package engine

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"alexnet/engine/internal/vk"
	"alexnet/shaders"
)

// chain is a sequence of dependent dispatches: what it computes shows each one
// that is lost, repeated or out of order.
type chain struct {
	up, a, b, down *Buffer
	s              *Sequence
}

// newChain records links times b = tanh(a), a = tanh(b), a[:n/4] = b[:n/4].
func newChain(t *testing.T, d *Device, links int) *chain {
	t.Helper()
	const n = 2048
	kernel, err := NewKernel(d, shaders.Activation, shaders.ActivationConstants{Function: 1})
	if err != nil {
		t.Fatal(err)
	}
	c := &chain{
		up: mustBuffer(t, d, "up", n, Upload), a: mustBuffer(t, d, "a", n, Local),
		b: mustBuffer(t, d, "b", n, Local), down: mustBuffer(t, d, "down", n, Readback), s: d.NewSequence("chain"),
	}
	for i := range c.up.Floats() {
		c.up.Floats()[i] = float32(i-n/2) / 100
	}
	push := shaders.ActivationPush{Count: n, Channels: 8, Units: 8}
	c.s.Copy(c.a.Whole(), c.up.Whole())
	for range links {
		kernel.Dispatch(c.s, "tanh", Linear(n/4), push, c.a.Whole(), c.b.Whole())
		kernel.Dispatch(c.s, "tanh", Linear(n/4), push, c.b.Whole(), c.a.Whole())
		c.s.Copy(c.a.Part(0, n), c.b.Part(0, n))
	}
	c.s.Copy(c.down.Whole(), c.a.Whole())
	if err := c.s.End(); err != nil {
		t.Fatal(err)
	}
	return c
}

// countSubmits records the number of command buffers of each submit.
func countSubmits(d *Device) *[]int {
	var sizes []int
	submit := d.submit
	d.submit = func(f vk.Fence, list []vk.CommandBuffer) error {
		sizes = append(sizes, len(list))
		return submit(f, list)
	}
	return &sizes
}

func sum(list []int) (total int) {
	for _, n := range list {
		total += n
	}
	return total
}

func TestBudgetCutsSubmits(t *testing.T) {
	list := testDevices(t)
	for _, info := range list {
		t.Run(info.Driver, func(t *testing.T) {
			var want []float32
			// Without a budget, with one that every piece exceeds, and with one that
			// the whole sequence keeps.
			for _, budget := range []time.Duration{0, 1, time.Hour} {
				d, err := Open(info, Options{Budget: budget})
				if err != nil {
					t.Fatal(err)
				}
				c := newChain(t, d, 20)
				submits := countSubmits(d)
				for run := range 3 {
					clear(c.down.Floats())
					*submits = nil
					if err := d.Run(c.s); err != nil {
						t.Fatal(err)
					}
					got := slices.Clone(c.down.Floats())
					if want == nil {
						want = got
					}
					for i := range got {
						if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
							t.Fatalf("budget %v, run %d, value %d: %v, want %v", budget, run, i, got[i], want[i])
						}
					}
					pieces, alone := sum(*submits), budget == 1 || budget == time.Hour && run == 0
					if budget == 0 && info.CPU() && !slices.Equal(*submits, []int{1}) {
						t.Errorf("a software driver's run took submits of %v command buffers; want one of 1", *submits)
					}
					if budget > 0 && (pieces < 20 || pieces > maxPieces) {
						t.Errorf("%d pieces", pieces)
					}
					if budget > 0 && alone != (len(*submits) == pieces) || budget == time.Hour && run > 0 && len(*submits) != 1 {
						t.Errorf("budget %v, run %d: submits of %v command buffers", budget, run, *submits)
					}
				}
				var total time.Duration
				for _, p := range c.s.pieces {
					total += p.cost
				}
				if measured := total > time.Microsecond*maxPieces; measured != (d.options.Budget > 0) {
					t.Errorf("budget %v: the pieces' costs are %v", budget, total)
				}
				d.Close()
			}
		})
	}
}

func TestBudgetOfKinds(t *testing.T) {
	for _, c := range []struct {
		kind      string
		set, want time.Duration
	}{
		{"discrete", 0, submitBudget}, {"integrated", 0, submitBudget}, {"other", 0, submitBudget},
		{"cpu", 0, 0}, {"cpu", 5, 5}, {"discrete", 5, 5},
	} {
		if got := budget(&Info{Type: c.kind}, Options{Budget: c.set}); got != c.want {
			t.Errorf("%s, %v set: %v, want %v", c.kind, c.set, got, c.want)
		}
	}
}

// TestFitting fakes a device whose pieces take known times.
func TestFitting(t *testing.T) {
	const ms = time.Millisecond
	truth := []time.Duration{10 * ms, 400 * ms, 60 * ms, 60 * ms, 60 * ms, 1 * ms, 1 * ms}
	d := &Device{options: Options{Budget: 150 * ms}}
	pieces := make([]*piece, len(truth))
	for i := range pieces {
		pieces[i] = &piece{}
	}
	run := func(factor float64) (sizes []int, longest time.Duration) {
		for at := 0; at < len(pieces); {
			n := d.fitting(pieces[at:])
			var took time.Duration
			for _, one := range truth[at : at+n] {
				took += time.Duration(factor * float64(one))
			}
			learn(pieces[at:at+n], took)
			sizes, longest, at = append(sizes, n), max(longest, took), at+n
		}
		return sizes, longest
	}
	for i, c := range []struct {
		factor float64 // of the device's speed: another program may slow it
		want   []int
	}{
		{1, []int{1, 1, 1, 1, 1, 1, 1}},
		{1, []int{1, 1, 2, 3}},
		{4, []int{1, 1, 2, 3}},
		{4, []int{1, 1, 1, 1, 1, 2}},
		{0.1, []int{1, 1, 1, 1, 1, 2}},
		{0.1, []int{7}},
		{0, []int{7}}, // a driver that does nothing
	} {
		got, longest := run(c.factor)
		if !slices.Equal(got, c.want) {
			t.Errorf("run %d: submits of %v pieces, longest %v; want %v", i, got, longest, c.want)
		}
	}
	run(1)
	run(1)
	if _, longest := run(1); longest > 400*ms {
		t.Errorf("three runs after a driver that did nothing, a submit still takes %v", longest)
	}
}

// lastingError checks that err is final for the device: what other calls return.
func lastingError(t *testing.T, d *Device, s *Sequence, p *Profile, want error) {
	t.Helper()
	other := d.NewSequence("later")
	_, buffer := d.NewBuffer("later", 4, Local)
	_, kernel := NewKernel(d, shaders.Activation, shaders.ActivationConstants{})
	_, link := NewLink("later", d, d, 4)
	_, profile := d.NewSequence("later").Profile()
	calls := map[string]error{
		"Run": d.Run(s), "NewBuffer": buffer, "NewKernel": kernel, "NewLink": link, "End": other.End(), "Profile": profile,
	}
	if p != nil {
		_, calls["Read"] = p.Read()
	}
	for name, err := range calls {
		if err != want {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
	}
}

// closes fails the test if Close hangs, instead of hanging with it.
func closes(t *testing.T, d *Device) {
	t.Helper()
	done := make(chan struct{})
	go func() { d.Close(); d.Close(); close(done) }()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Error("Close hangs")
	}
}

func TestLostDeviceStaysLost(t *testing.T) {
	for _, c := range []struct {
		name string
		fail func(d *Device)
		want string
	}{
		{"at submit", func(d *Device) {
			d.submit = func(vk.Fence, []vk.CommandBuffer) error { return vk.DeviceLost }
		}, "reset it"},
		{"at wait", func(d *Device) {
			wait := d.wait
			d.wait = func(f vk.Fence, limit time.Duration) error { wait(f, limit); return vk.DeviceLost }
		}, "reset it"},
		{"no answer", func(d *Device) {
			d.wait = func(vk.Fence, time.Duration) error { return vk.Timeout }
		}, "no answer for 1h0m0s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			info := testDevices(t)[0]
			d, err := Open(info, Options{})
			if err != nil {
				t.Fatal(err)
			}
			d.SetName("card #2")
			chain := newChain(t, d, 2)
			profiled := d.NewSequence("profiled")
			p, _ := profiled.Profile()
			profiled.Zero(chain.a.Whole())
			if err := errors.Join(profiled.End(), d.Run(profiled, chain.s)); err != nil {
				t.Fatal(err)
			}
			submit, wait := d.submit, d.wait
			c.fail(d)
			first := d.Run(chain.s)
			if !errors.Is(first, ErrDeviceLost) || !strings.Contains(first.Error(), "card #2") || !strings.Contains(first.Error(), "checkpoint") {
				t.Fatalf("%v", first)
			}
			if info.CPU() && !strings.Contains(first.Error(), c.want) {
				t.Errorf("%v, want %q", first, c.want)
			}
			d.submit, d.wait = submit, wait // what is lost stays lost
			lastingError(t, d, chain.s, p, first)
			closes(t, d)
			if left := len(d.heaps) > 0; left != d.stuck.Load() || left != (c.name == "no answer") {
				t.Errorf("Close left memory to the device: %v; it may only and must where the device may still use it", left)
			}
			chain.s.Free()
			chain.a.Free()
			lastingError(t, d, chain.s, nil, first)
		})
	}
}

func TestClosedDevice(t *testing.T) {
	d, err := Open(testDevices(t)[0], Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := newChain(t, d, 1)
	closes(t, d)
	want := d.Run(c.s)
	if !errors.Is(want, ErrClosed) || !strings.Contains(want.Error(), d.Name()) {
		t.Errorf("%v", want)
	}
	lastingError(t, d, c.s, nil, want)
	c.s.Free()
	c.a.Free()
	defer func() {
		if recover() == nil {
			t.Error("the host still sees a closed device's buffer")
		}
	}()
	c.up.Bytes()
}
