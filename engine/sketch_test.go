package engine

import (
	"errors"
	"testing"

	"alexnet/shaders"
)

// A sketch tells of each command what it uses, takes no memory and cannot run; a
// placeholder has no place in a sequence that can.
func TestSketch(t *testing.T) {
	eachDevice(t, func(t *testing.T, d *Device) {
		const n = 4096
		kernel, err := NewKernel(d, shaders.Activation, shaders.ActivationConstants{Function: 0})
		if err != nil {
			t.Fatal(err)
		}
		before := d.InUse()
		a, b := d.Placeholder("a", 4*n), d.Placeholder("b", 4*n)
		var got [][]Use
		s := d.NewSketch("sketch", func(uses []Use) { got = append(got, uses) })
		push := shaders.ActivationPush{Count: n / 2, Channels: 8, Units: 8}
		s.Zero(a.Whole())
		kernel.Dispatch(s, "relu", Linear(n/8), push, a.Part(0, 2*n), b.Part(2*n, 2*n))
		s.Copy(a.Part(0, 256), b.Part(256, 256))
		if err := s.End(); err != nil {
			t.Fatal(err)
		}
		want := [][]Use{
			{{a.Whole(), shaders.Write}},
			{{a.Part(0, 2*n), shaders.Read}, {b.Part(2*n, 2*n), shaders.Write}},
			{{b.Part(256, 256), shaders.Read}, {a.Part(0, 256), shaders.Write}},
		}
		if len(got) != len(want) {
			t.Fatalf("%d commands, want %d", len(got), len(want))
		}
		for i := range want {
			for k := range want[i] {
				if got[i][k] != want[i][k] {
					t.Errorf("command %d, use %d: %+v, want %+v", i, k, got[i][k], want[i][k])
				}
			}
		}
		if d.InUse() != before {
			t.Errorf("%d bytes in use, %d before", d.InUse(), before)
		}
		panics(t, "run a sketch", func() { d.Run(s) })
		panics(t, "a placeholder in a sequence", func() { d.NewSequence("real").Zero(a.Whole()) })
	})
}

// What a sequence would refuse its sketch refuses, too.
func TestSketchRefuses(t *testing.T) {
	d := openFirst(t, Options{StorageRange: 1024})
	kernel, err := NewKernel(d, shaders.Activation, shaders.ActivationConstants{Function: 0})
	if err != nil {
		t.Fatal(err)
	}
	a := d.Placeholder("a", 4096)
	s := d.NewSketch("sketch", func([]Use) {})
	kernel.Dispatch(s, "relu", Linear(256), shaders.ActivationPush{Count: 1024, Channels: 8, Units: 8}, a.Whole(), a.Whole())
	if err := s.End(); !errors.Is(err, ErrRange) {
		t.Errorf("4096 bytes within 1024: %v", err)
	}
}

// Ranges of one buffer are ordered as if they were buffers of their own: memory
// that layers share needs no more barriers than they do.
func TestRangesOfABuffer(t *testing.T) {
	d := openFirst(t, Options{})
	b := mustBuffer(t, d, "shared", 4096, Local)
	part := func(i uint64) Range { return b.Part(1024*i, 1024) }
	s := d.NewSequence("ranges")
	s.Zero(part(0))
	s.Zero(part(1))
	s.Copy(part(3), part(2)) // touches neither
	if s.Barriers() != 0 {
		t.Errorf("%d barriers between ranges that do not meet", s.Barriers())
	}
	s.Zero(b.Part(512, 1024)) // half of 0, half of 1
	if s.Barriers() != 1 {
		t.Errorf("%d barriers, want 1 where ranges meet in part", s.Barriers())
	}
	s.Copy(part(8), part(2)) // reads what the copy read
	if s.Barriers() != 1 {
		t.Errorf("%d barriers, want 1: nothing was written meanwhile", s.Barriers())
	}
	if err := s.End(); err != nil {
		t.Fatal(err)
	}
}

func openFirst(t *testing.T, o Options) *Device {
	t.Helper()
	d, err := Open(testDevices(t)[0], o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

func panics(t *testing.T, what string, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Errorf("%s does not panic", what)
		}
	}()
	f()
}
