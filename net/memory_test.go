package net

import (
	"errors"
	"strings"
	"testing"

	"alexnet/engine"
	"alexnet/engine/enginetest"
)

// What is foretold is what is taken, to a block of small buffers.
func TestMemoryIsForetold(t *testing.T) {
	spec := small()
	spec.Input.H, spec.Input.W = 123, 123 // maps of many times a block
	for _, c := range []struct{ words, form string }{{"1", direct}, {"2", families[0].name()}} {
		words := c.words
		devices := enginetest.Open(t, words)
		o := Options{Batch: 512, Training: true, form: c.form} // else what takes most is foretold
		want, err := Memory(spec, devices, o)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Build(spec, devices, o); err != nil {
			t.Fatal(err)
		}
		for i, d := range devices {
			if got := d.InUse(); got > want[i]+64<<20 || want[i] > got+64<<20 || got < 128<<20 {
				t.Errorf("%s of %s devices: %d bytes foretold, %d in use", d.Name(), words, want[i], got)
			}
		}
	}
}

// A network that does not fit says what it needs and which batch fits; that
// batch does, and one more does not.
func TestTooLittleMemory(t *testing.T) {
	spec := small()
	spec.Input.H, spec.Input.W = 123, 123
	devices := enginetest.OpenWith(t, engine.Options{MaxMemory: 250 << 20}, "1")
	_, err := Build(spec, devices, Options{Batch: 480, Training: true})
	var short *MemoryError
	if !errors.As(err, &short) || !errors.Is(err, engine.ErrMemory) || !strings.Contains(err.Error(), "--set data.batch=") {
		t.Fatal(err)
	}
	if short.Fits < 1 || short.Fits >= 480 || short.Need <= short.Capacity || short.Capacity != 250<<20 {
		t.Fatalf("%+v", short)
	}
	if _, err := Build(spec, devices, Options{Batch: short.Fits + 1, Training: true}); !errors.Is(err, engine.ErrMemory) {
		t.Errorf("a batch of %d: %v", short.Fits+1, err)
	}
	if _, err := Build(spec, devices, Options{Batch: short.Fits, Training: true}); err != nil {
		t.Errorf("a batch of %d: %v", short.Fits, err)
	}
	tiny := enginetest.OpenWith(t, engine.Options{MaxMemory: 1 << 20}, "1")
	if _, err := Build(spec, tiny, Options{Batch: 8}); err == nil || !strings.Contains(err.Error(), "no batch fits") {
		t.Error(err)
	}
}
