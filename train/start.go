package train

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"alexnet/engine"
	"alexnet/net"
)

// StartOptions say where and how a run begins.
type StartOptions struct {
	Run    string // its directory
	Resume bool   // go on from the newest checkpoint that verifies
	From   int    // Resume: from the checkpoint of this step instead, without the later ones; 0: the newest
	// Weights names a safetensors file, a checkpoint or a run whose parameters are the
	// first ones as far as they fit (ReadWeights); "": all are drawn. The mean image and
	// the colours are those of the run's own images all the same.
	Weights string
	// Journal is the log of a run whose changes are made again; "": none, or those that the
	// run was begun with.
	Journal string
	// Set are the overrides (key=value) that a run is resumed with: they are newer than what
	// was steered, which is in the run's recipe already where they say the same.
	Set []string
	// Devices are the words by which the user named the devices (engine.Select), for who
	// resumes the run: KeptDevices. None: they are chosen anew.
	Devices []string
	Net     net.Options
	// OnMessage is called with sentences for the user, OnImages while the training
	// images are looked through for their mean. They may be nil.
	OnMessage func(string)
	OnImages  func(done, total int)
}

// Start makes a run directory and a Trainer, or reopens both. Close ends it.
func Start(ctx context.Context, c *Config, sets *Sets, devices []*engine.Device, o StartOptions) (*Trainer, error) {
	if o.OnMessage == nil {
		o.OnMessage = func(string) {}
	}
	if o.Resume {
		return resume(ctx, c, sets, devices, o)
	}
	var err error
	if o.Weights != "" {
		if o.Weights, err = WeightsFile(o.Weights); err != nil {
			return nil, err
		}
	}
	dir, err := CreateRun(o.Run, c, sets, o.Weights)
	if err != nil {
		return nil, err
	}
	t, err := begin(ctx, c, sets, devices, o)
	if err == nil && o.Journal != "" {
		t.journal, err = readJournal(o.Journal)
	}
	if err == nil {
		t.replayed = t.journal
		err = errors.Join(dir.keepJournal(t.journal), dir.keepKernels(t.Net.Choices()), dir.keepDevices(o.Devices))
	}
	if err != nil {
		dir.abandon()
		return nil, err
	}
	t.Dir = dir
	return t, nil
}

// begin makes the network of a run's first step.
func begin(ctx context.Context, c *Config, sets *Sets, devices []*engine.Device, o StartOptions) (*Trainer, error) {
	t, err := NewTrainer(c, sets, devices, o.Net)
	if err != nil {
		return nil, err
	}
	t.OnMessage = o.OnMessage
	if err := t.prepare(ctx, o.OnImages); err != nil {
		return nil, err
	}
	if o.Weights != "" {
		return t, TakeWeights(t.Net, o.Weights, sets.Train.Classes(), t.say)
	}
	return t, nil
}

// resume goes on from a run's newest checkpoint, or from its beginning, with the
// same first weights and kernels, if it was ended before the first.
func resume(ctx context.Context, c *Config, sets *Sets, devices []*engine.Device, o StartOptions) (*Trainer, error) {
	loaded, skipped, err := checkpointOf(o.Run, o.From)
	for _, s := range skipped {
		o.OnMessage("warning: " + s.Error() + "; taking the one before it")
	}
	if err != nil && !(errors.Is(err, os.ErrNotExist) && len(skipped) == 0) {
		return nil, err
	}
	step := 0
	if loaded != nil {
		defer loaded.Close()
		step = loaded.Step
		o.Net.Choices = loaded.Choices
		o.OnMessage(fmt.Sprintf("resuming %s after step %d", loaded.Path, step))
		if o.From == 0 {
			warnOfSpoiled(o, loaded)
		}
	} else {
		o.OnMessage(o.Run + " has no checkpoint yet: starting from its beginning")
		o.Net.Choices = keptKernels(o.Run)
		weights, err := readLines(o.Run, weightsFile)
		if err != nil {
			return nil, err
		}
		o.Weights = strings.Join(weights, "")
	}
	warnOfElsewhere(o) // the run's lock is this process's next
	dir, err := ResumeRun(o.Run)
	if err != nil {
		return nil, err
	}
	t, err := goOn(ctx, c, sets, devices, o, loaded, dir)
	if err != nil {
		dir.Close()
		return nil, err
	}
	if changed := changedChoices(o.Net.Choices, t.Net.Choices()); changed != "" {
		o.OnMessage("warning: the kernel of " + changed + " is another than before: bits may differ from an uninterrupted run")
	}
	t.OnMessage = o.OnMessage
	// Settings that the checkpoint does not fit must not become the run's.
	return t, errors.Join(dir.keep("recipe.toml", c.Text()), dir.keepJournal(t.journal), dir.keepKernels(t.Net.Choices()), dir.keepDevices(o.Devices))
}

// goOn makes a run's trainer at a checkpoint, or without one at its beginning. Once that is
// done what the run's folder tells of later steps is cut.
func goOn(ctx context.Context, c *Config, sets *Sets, devices []*engine.Device, o StartOptions, loaded *Loaded, dir *RunDir) (t *Trainer, err error) {
	if loaded == nil {
		t, err = begin(ctx, c, sets, devices, o)
	} else if t, err = NewTrainer(c, sets, devices, o.Net); err == nil {
		err = t.Restore(loaded)
	}
	if err != nil {
		return nil, err
	}
	changes := t.steered.Changes
	t.steered.set(o.Set)
	if err := t.takeJournal(o.Journal, dir); err != nil {
		return nil, err
	}
	cut := dir.Cut
	if o.From > 0 {
		cut = dir.rewind
	}
	if err := cut(t.step, changes); err != nil {
		return nil, err
	}
	t.Dir = dir
	if t.replayed, err = t.unmade(dir, t.step); err != nil {
		return nil, err
	}
	if t.Done() { // there is nothing to go on with: how it was left holds still
		err = dir.LogEnd(t.step, true)
	}
	return t, err
}

// checkpointOf is where a run goes on from: the checkpoint of a step, or of 0 the newest
// that verifies, as NewestCheckpoint tells.
func checkpointOf(run string, from int) (l *Loaded, skipped []error, err error) {
	dir := filepath.Join(run, "checkpoints")
	if from == 0 {
		return NewestCheckpoint(dir)
	}
	path := filepath.Join(dir, checkpointName(from))
	if _, err := os.Stat(path); err != nil {
		return nil, nil, fmt.Errorf("train: %s has no checkpoint of step %d; it has those of steps %s", run, from, stepsOf(dir))
	}
	l, err = LoadCheckpoint(path)
	return l, nil, err
}

// stepsOf lists the steps of a folder's checkpoints.
func stepsOf(dir string) string {
	var steps []string
	for _, path := range checkpoints(dir) {
		if step, err := StepOf(path); err == nil {
			steps = append(steps, strconv.Itoa(step))
		}
	}
	slices.Reverse(steps)
	return strings.Join(steps, ", ")
}

// changedChoices names a problem that is computed by another kernel than before, or
// on another kind of device.
func changedChoices(before, now map[string]string) string {
	for _, problem := range sorted(now) {
		if before != nil && before[problem] != now[problem] {
			return problem
		}
	}
	return ""
}

// Close releases the run directory.
func (t *Trainer) Close() error {
	if t.Dir == nil {
		return nil
	}
	return t.Dir.Close()
}
