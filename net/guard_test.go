package net

import (
	"math"
	"testing"

	"alexnet/engine"
)

// workbench runs single kernels on one device between guard words: every range
// that a kernel gets lies inside a larger buffer whose other words must stay.
type workbench struct {
	t      *testing.T
	device *engine.Device
	half   bool // products round their operands to float16
	guards []*guarded
}

// guarded is a buffer of floats with guard words before and behind.
type guarded struct {
	up, local, down *engine.Buffer
	floats          int
	readOnly        bool
	before          []float32 // the whole buffer as uploaded
}

// guardWords is the length of each guard: a multiple of every offset alignment.
const guardWords = 64

var guardPattern = math.Float32frombits(0x7FC0BEEF) // a NaN: a kernel that reads it spoils its result

// in makes a buffer of values that kernels must not change.
func (w *workbench) in(values []float32) *guarded {
	g := w.buffer(len(values), values)
	g.readOnly = true
	return g
}

// out makes a buffer of n values that start as garbage.
func (w *workbench) out(n int) *guarded {
	values := make([]float32, n)
	for i := range values {
		values[i] = -12345
	}
	return w.buffer(n, values)
}

// inout makes a buffer that a kernel reads and writes.
func (w *workbench) inout(values []float32) *guarded { return w.buffer(len(values), values) }

func (w *workbench) buffer(n int, values []float32) *guarded {
	w.t.Helper()
	g := &guarded{floats: n, before: make([]float32, padBlock(n)+2*guardWords)}
	for i := range g.before {
		g.before[i] = guardPattern
	}
	copy(g.before[guardWords:], values)
	bytes := uint64(4 * len(g.before))
	for _, b := range []struct {
		to   **engine.Buffer
		kind engine.Kind
	}{{&g.up, engine.Upload}, {&g.local, engine.Local}, {&g.down, engine.Readback}} {
		var err error
		if *b.to, err = w.device.NewBuffer("guarded", bytes, b.kind); err != nil {
			w.t.Fatal(err)
		}
	}
	copy(g.up.Floats(), g.before)
	w.guards = append(w.guards, g)
	return g
}

// all is the range between the guards.
func (g *guarded) all() engine.Range { return g.local.Part(4*guardWords, uint64(4*g.floats)) }

// values are the values between the guards after the last run.
func (g *guarded) values() []float32 {
	return g.down.Floats()[guardWords : guardWords+g.floats]
}

// run records a kernel, runs it and checks the guards and what must not change.
func (w *workbench) run(name string, record func(s *engine.Sequence)) {
	w.t.Helper()
	s := w.device.NewSequence(name)
	defer s.Free()
	for _, g := range w.guards {
		s.Copy(g.local.Whole(), g.up.Whole())
	}
	record(s)
	for _, g := range w.guards {
		s.Copy(g.down.Whole(), g.local.Whole())
	}
	if err := s.End(); err != nil {
		w.t.Fatal(err)
	}
	if err := w.device.Run(s); err != nil {
		w.t.Fatal(err)
	}
	for i, g := range w.guards {
		for k, v := range g.down.Floats() {
			inside := k >= guardWords && k < guardWords+g.floats
			if inside && !g.readOnly {
				continue
			}
			if math.Float32bits(v) != math.Float32bits(g.before[k]) {
				w.t.Fatalf("%s: buffer %d: word %d of %d was written (guard: %t)", name, i, k-guardWords, g.floats, !inside)
			}
		}
	}
}

// free releases all buffers.
func (w *workbench) free() {
	for _, g := range w.guards {
		g.up.Free()
		g.local.Free()
		g.down.Free()
	}
	w.guards = nil
}
