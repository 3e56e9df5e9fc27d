package train

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"alexnet/train/monitor"
)

// Keys of the journal's events. Those of changes alter what is trained: a replay
// makes them again.
const (
	keyRate     = "rate"
	keyScale    = "rate_scale" // value: the factor
	keyMomentum = "momentum"
	keyDecay    = "decay"
	keyDropout  = "dropout"  // value 1: on, 0: off
	keyValidate = "validate" // a validation that was asked for
	keyPause    = "pause"
	keyResume   = "resume"
	keyFailed   = "failed" // the run's numbers exploded
	keyBack     = "back"   // from there to a checkpoint
	keyRisen    = "risen"  // the loss has risen
)

var isChange = map[string]bool{keyRate: true, keyScale: true, keyMomentum: true, keyDecay: true, keyDropout: true, keyValidate: true}

// EventKind is the kind of a journal's event by its key.
func EventKind(key string) monitor.EventKind {
	switch key {
	case keyRate, keyScale:
		return monitor.RateChanged
	case keyMomentum, keyDecay, keyDropout:
		return monitor.SolverChanged
	case keyPause:
		return monitor.PausedHere
	case keyResume:
		return monitor.ResumedHere
	}
	return monitor.OtherEvent
}

// event is a line of the log.
type event struct {
	Kind  string   `json:"kind"` // "event"
	Step  int      `json:"step"` // steps done: it holds from the next on
	Text  string   `json:"text"`
	Short string   `json:"short,omitempty"`
	Key   string   `json:"key"`
	Value *float64 `json:"value,omitempty"`
}

// note writes an event to the log and shows it.
func (t *Trainer) note(key string, value *float64, short, text string) error {
	t.live.event(t, EventKind(key), short, text)
	if t.Dir == nil {
		return nil
	}
	return t.Dir.write(event{"event", t.step, text, short, key, value})
}

// logLine is a line of the log of any kind.
type logLine struct {
	event
	Epoch, Seconds, Loss, Rate, Waited float64
	Top1Error                          float64 `json:"top1_error"`
	Top5Error                          float64 `json:"top5_error"`
	ImagesPerSecond                    float64 `json:"images_per_second"`
	Bytes                              int64   // of a checkpoint
}

// readLog reads the lines of a log that can be read.
func readLog(path string) ([]logLine, error) {
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("train: log: %w", err)
	}
	var out []logLine
	for line := range bytes.Lines(text) {
		l := logLine{Seconds: math.NaN()}
		if json.Unmarshal(line, &l) == nil {
			out = append(out, l)
		}
	}
	return out, nil
}

// readJournal reads the changes of a run's log, to make them again. path is a log
// or the folder of a run.
func readJournal(path string) ([]event, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("train: --journal: %w; expected the log.jsonl of a run that was steered", err)
	}
	if info.IsDir() {
		path = filepath.Join(path, "log.jsonl")
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("train: --journal: %w; expected the folder of a run", err)
		}
	}
	lines, err := readLog(path)
	if err != nil {
		return nil, err
	}
	var out []event
	for _, l := range lines {
		if l.Kind != "event" || !isChange[l.Key] {
			continue
		}
		if l.Value == nil && l.Key != keyValidate {
			return nil, fmt.Errorf("train: --journal %s: the change of %s at step %d has no value", path, l.Key, l.Step)
		}
		if n := len(out); n > 0 && l.Step < out[n-1].Step {
			return nil, fmt.Errorf("train: --journal %s: its events are not in the order of their steps", path)
		}
		out = append(out, l.event)
	}
	return out, nil
}

// keepJournal records the changes that a run was begun with, for who resumes it.
func (d *RunDir) keepJournal(all []event) error {
	if len(all) == 0 {
		return nil
	}
	var text bytes.Buffer
	for _, e := range all {
		line, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("train: journal: %w", err)
		}
		text.Write(append(line, '\n'))
	}
	return d.keep(journalFile, text.String())
}

// takeJournal reads the journal that a resumed run is given, which must have no changes of
// earlier steps that the run did not make; or without one that which it was begun with. The
// run's log is as it was left still.
func (t *Trainer) takeJournal(path string, dir *RunDir) (err error) {
	if path != "" {
		if t.journal, err = readJournal(path); err != nil {
			return err
		}
		left, err := t.unmade(dir, 0)
		if err == nil && len(left) > 0 && left[0].Step < t.step {
			err = fmt.Errorf("train: --journal %s: its change at step %d comes before step %d, from which the run goes on: replay it from the beginning", path, left[0].Step, t.step)
		}
		return err
	}
	kept := filepath.Join(dir.Path, journalFile)
	if _, missing := os.Stat(kept); missing == nil {
		t.journal, err = readJournal(kept)
	}
	return err
}

// unmade are the changes of the journal from a step on that a run's log does not have. Its
// user may have made others.
func (t *Trainer) unmade(dir *RunDir, from int) (out []event, err error) {
	if len(t.journal) == 0 {
		return nil, nil
	}
	lines, err := readLog(filepath.Join(dir.Path, "log.jsonl"))
	if err != nil {
		return nil, err
	}
	made := map[string]int{}
	for _, l := range lines {
		if l.Kind == "event" && l.Step <= t.step {
			made[l.change()]++
		}
	}
	for _, e := range t.journal {
		if made[e.change()] > 0 {
			made[e.change()]--
		} else if e.Step >= from {
			out = append(out, e)
		}
	}
	return out, nil
}

// change tells events that do the same at the same step.
func (e event) change() string {
	if e.Value == nil {
		return fmt.Sprint(e.Step, " ", e.Key)
	}
	return fmt.Sprint(e.Step, " ", e.Key, " ", *e.Value)
}

// replay makes the journal's changes of this step.
func (t *Trainer) replay(ctx context.Context) error {
	for len(t.replayed) > 0 && t.replayed[0].Step == t.step {
		e := t.replayed[0]
		t.replayed = t.replayed[1:]
		value := 0.0
		if e.Value != nil {
			value = *e.Value
		}
		if err := t.change(ctx, e.Key, value); err != nil {
			return err
		}
	}
	return nil
}
