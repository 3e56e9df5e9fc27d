package net

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"alexnet/engine"
	"alexnet/shaders"
)

// A problem is known by its shapes and by its size: how many images or tiles the choice
// is made on, of which unit divides every dispatch's. Other sizes may fit other kernels,
// and be faster with others.

// ntKey and tnKey name z products of a shape and size.
func (t *tuning) ntKey(p *shaders.ConvNTPush, z int, unit uint32) string {
	return sized(t.precision()+ntShape(p)+batched(z), p.Batch, unit)
}
func (t *tuning) tnKey(p *shaders.ConvTNPush, z int, unit uint32) string {
	return sized(t.precision()+tnShape(p)+batched(z), p.Batch, unit)
}

func ntShape(p *shaders.ConvNTPush) string {
	return fmt.Sprintf("nt %dx%dx%d*%d k%dx%d s%d p%d d%d -> %dx%dx%d", p.InHeight, p.InWidth, p.InChannels, p.Sources,
		p.KernelHeight, p.KernelWidth, p.Stride, p.Pad, p.Dilation, p.OutHeight, p.OutWidth, p.OutChannels)
}

func tnShape(p *shaders.ConvTNPush) string {
	return fmt.Sprintf("tn %dx%dx%d*%d k%dx%d s%d p%d -> %dx%dx%d", p.InHeight, p.InWidth, p.InChannels, p.Sources,
		p.KernelHeight, p.KernelWidth, p.Stride, p.Pad, p.OutHeight, p.OutWidth, p.OutChannels)
}

// batched tells the z products of a fast convolution from a single sum.
func batched(z int) string {
	if z == 1 {
		return ""
	}
	return fmt.Sprintf(" * %d", z)
}

const sizeMark = " of "

// sized makes a key of a problem and its size.
func sized(problem string, size, unit uint32) string {
	key := fmt.Sprint(problem, sizeMark, size)
	if unit != size {
		key += fmt.Sprint(" by ", unit)
	}
	return key
}

// problemOf is a key without the size.
func problemOf(key string) string {
	if i := strings.LastIndex(key, sizeMark); i >= 0 {
		return key[:i]
	}
	return key
}

// known returns the choice among names that needs no measuring, "" if there is none:
// what was given for the key, then what was given for another size, so that a network is
// tested as it was trained, then what is remembered, and where nothing may be measured the
// usual one.
func (t *tuning) known(key string, names []string) string {
	measured := append(slices.Clip(names), "plain") // where all of a GPU were wrong
	for _, key := range []string{key, problemOf(key)} {
		if name := t.given[key]; slices.Contains(measured, name) {
			return name
		}
	}
	if name := t.tuner.Known(key, measured); name != "" || !t.still {
		return name
	}
	return usual(names)
}

// usual is what is taken without measuring: the first that is not plain.
func usual(names []string) string {
	if i := slices.IndexFunc(names, func(name string) bool { return name != "plain" }); i >= 0 {
		return names[i]
	}
	return names[0]
}

// chooseForm chooses between direct and fast sums. What a net would take is
// reckoned with the form that takes most.
func (t *tuning) chooseForm(key string, names []string, try func(name string) (time.Duration, error)) (string, error) {
	if slices.Contains(names, t.form) {
		return t.form, nil
	}
	if t.device.Hollow() {
		if name := t.known(key, names); name != "" {
			return name, nil
		}
		return names[len(names)-1], nil
	}
	return t.fastest(key, names, try)
}

// fastest returns a choice that is known, or asks the tuner, and notes it. Where there is
// no memory to measure in, it is the usual one.
func (t *tuning) fastest(key string, names []string, try func(name string) (time.Duration, error)) (string, error) {
	name := t.known(key, names)
	if name == "" {
		var err error
		name, err = t.tuner.Choose(key, names, t.watched(key, try))
		if err == nil && t.chosen != nil {
			t.chosen(key, name)
		}
		if errors.Is(err, engine.ErrMemory) { // the network fits, and what measuring takes does not
			name, err = usual(names), nil
		}
		if err != nil {
			return "", fmt.Errorf("net: %w", err)
		}
	}
	t.choices[t.kind+key] = name
	return name, nil
}

// watched is try for who watches: it tells what it has found, and can be ended before a
// candidate is run for the first time, which compiles it.
func (t *tuning) watched(key string, try func(name string) (time.Duration, error)) func(name string) (time.Duration, error) {
	seen := map[string]bool{}
	return func(name string) (time.Duration, error) {
		if !seen[name] {
			seen[name] = true
			if err := t.tell(key); err != nil {
				return 0, fmt.Errorf("%w: %w", engine.ErrAbandon, err)
			}
		}
		took, err := try(name)
		if t.timed != nil && !errors.Is(err, engine.ErrAbandon) {
			t.timed(key, name, took, err)
		}
		return took, err
	}
}

// tell says that kernels are compared or compiled for a problem. Its error is that of who
// wants to end it.
func (t *tuning) tell(problem string) error {
	if t.notify == nil {
		return nil
	}
	return t.notify(problem)
}

// Remember keeps choices (from Net.Choices) for later networks on devices of these
// kinds, and returns how many of them are for these devices and the program's kernels, and
// the kinds of device and kernels with which the keys of such begin.
func Remember(devices []*engine.Device, choices map[string]string) (known int, kinds []string) {
	tunings := map[string]*tuning{}
	for _, d := range devices {
		tunings[d.Info().Key()] = newTuning(d, &Net{})
	}
	for _, t := range tunings {
		kinds = append(kinds, strings.TrimSpace(t.kind))
		mine := map[string]string{}
		for key, name := range choices {
			if problem, ok := strings.CutPrefix(key, t.kind); ok {
				mine[problem] = name
			}
		}
		t.tuner.Keep(mine)
		known += len(mine)
	}
	slices.Sort(kinds)
	return known, kinds
}
