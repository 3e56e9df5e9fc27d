package train

import (
	"fmt"
	"path/filepath"

	"alexnet/net"
	"alexnet/train/safetensors"
)

// save writes a checkpoint of the steps done.
func (t *Trainer) save() error {
	now := t.savedNow()
	if t.Dir == nil || t.saved == now {
		return nil
	}
	tensors, err := readParams(t.Net, "", net.Value)
	if err != nil {
		return err
	}
	momentum, err := readParams(t.Net, momentumPrefix, net.Momentum)
	if err != nil {
		return err
	}
	tensors = append(tensors, momentum...)
	for _, tensor := range tensors {
		if !finite(tensor.Floats) {
			return t.explode()
		}
	}
	size := t.Config.Size
	tensors = append(tensors, safetensors.Tensor{Name: meanName, Shape: []int{3, size, size}, Floats: t.colours.Mean})
	var scale *net.LossScale
	if t.mixed() {
		now := t.Net.LossScale()
		scale = &now
	}
	if t.steered.Automatic {
		t.steered.PlateauFrom, t.steered.PlateauAsked = t.live.assistant.from, t.live.assistant.asked
	}
	var steered *Steered
	if t.steered != (Steered{}) {
		steered = &t.steered
	}
	err = SaveCheckpoint(t.Dir.Checkpoints(), State{
		Step: t.step, Cursor: t.cursor, Schedule: *t.Schedule, Steered: steered, History: t.history, Classes: t.Sets.Train.Classes(),
		Fingerprint: t.Sets.fingerprint(), Components: t.colours.Components, LossScale: scale, Choices: t.Net.Choices(), Recipe: t.Config.Text(),
	}, tensors, t.Config.Checkpoint.Keep)
	if err != nil {
		return err
	}
	t.saved = now
	bytes := sizeOf(filepath.Join(t.Dir.Checkpoints(), checkpointName(t.step)))
	t.live.checkpoint(t, bytes)
	return t.Dir.LogCheckpoint(t.step, bytes)
}

// savedNow is what a checkpoint would hold now.
func (t *Trainer) savedNow() saved { return saved{t.step, len(t.history), t.steered.Changes} }

func finite(values []float32) bool {
	for _, v := range values {
		if v-v != 0 { // NaN or infinite
			return false
		}
	}
	return true
}

// Restore continues from a checkpoint of the same recipe and images.
func (t *Trainer) Restore(l *Loaded) error {
	if err := t.Sets.match(l, t.Config); err != nil {
		return err
	}
	if err := l.Load(t.Net); err != nil {
		return err
	}
	if err := l.loadMomentum(t.Net); err != nil {
		return err
	}
	if l.LossScale != nil {
		if err := t.Net.SetLossScale(*l.LossScale); err != nil {
			return fmt.Errorf("train: checkpoint %s: %w", l.Path, err)
		}
	}
	mean, err := l.Mean()
	if err != nil {
		return err
	}
	schedule := l.Schedule
	schedule.resumed(t.Config.solverFor(t.Sets))
	schedule.steered = &t.steered
	t.steered = Steered{}
	if l.Steered != nil {
		t.steered = *l.Steered
		if t.steered.Automatic {
			t.live.assistant = assistant{from: t.steered.PlateauFrom, asked: t.steered.PlateauAsked}
		}
		before, err := l.Config()
		if err != nil {
			return err
		}
		t.steered.reconsider(before.Solver, t.Config.Solver)
	}
	t.colours, t.Schedule, t.step, t.cursor, t.history = &Colours{Mean: mean, Components: l.Components}, &schedule, l.Step, l.Cursor, l.History
	t.saved = t.savedNow()
	return nil
}

// Step is the number of steps done.
func (t *Trainer) Step() int { return t.step }

// Done says whether the recipe's end is reached and its last validation made.
func (t *Trainer) Done() bool {
	last, ok := t.Last()
	return t.done() && ok && last.Step == t.step
}

// Last is the newest validation, false before the first.
func (t *Trainer) Last() (Validation, bool) {
	if len(t.history) == 0 {
		return Validation{}, false
	}
	return t.history[len(t.history)-1], true
}
