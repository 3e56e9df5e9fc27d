package train

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"alexnet/train/monitor"
)

// resumeWith resumes a run with options.
func resumeWith(t *testing.T, c *Config, o StartOptions) (*Trainer, error) {
	t.Helper()
	sets, err := OpenSets(c, o.Run)
	if err != nil {
		t.Fatal(err)
	}
	o.Resume = true
	return Start(context.Background(), c, sets, devices(t, "1"), o)
}

// A run that cannot be resumed as it is asked keeps all that it has.
func TestRefusedResumeLosesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	c := tinyConfig(t, "checkpoint.keep=9", "snapshots.every=3")
	run(t, c, dir, false, devices(t, "1"))
	list := func() string {
		var names []string
		for _, pattern := range []string{"checkpoints/*", "snapshots/*"} {
			found, _ := filepath.Glob(filepath.Join(dir, pattern))
			names = append(names, found...)
		}
		return strings.Join(names, "\n") + read(t, dir, "log.jsonl") + read(t, dir, "recipe.toml")
	}
	before := list()
	for what, o := range map[string]struct {
		c *Config
		o StartOptions
	}{
		"no such journal": {c, StartOptions{Run: dir, From: 3, Journal: filepath.Join(dir, "nosuch")}},
		"damaged journal": {c, StartOptions{Run: dir, From: 3}},
		"another network": {tinyConfig(t, "checkpoint.keep=9", "snapshots.every=3", "layer.conv1.filters=32"), StartOptions{Run: dir, From: 3}},
	} {
		kept := filepath.Join(dir, journalFile)
		if what == "damaged journal" {
			if err := os.WriteFile(kept, []byte(`{"kind":"event","step":2,"key":"rate"}`+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		_, err := resumeWith(t, o.c, o.o)
		os.Remove(kept)
		if err == nil {
			t.Errorf("%s: resumed", what)
		}
		if after := list(); after != before {
			t.Errorf("%s: the run has\n%s\nand had\n%s", what, after, before)
		}
	}
	tr, err := resumeWith(t, c, StartOptions{Run: dir, From: 3})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	if after := list(); strings.Contains(after, `"step":4`) || strings.Contains(after, "step-00000006") || !strings.Contains(after, `"step":3,`) {
		t.Errorf("resumed from step 3 the run has\n%s", after)
	}
}

// A run that was begun with a journal goes on with it when it is resumed, whatever its user
// has changed meanwhile; and from one's own log that was not kept all is made again.
func TestJournalIsKept(t *testing.T) {
	dirs := t.TempDir()
	journal := filepath.Join(dirs, "journal.jsonl")
	text := `{"kind":"event","step":2,"key":"rate_scale","value":2}` + "\n" + `{"kind":"event","step":5,"key":"momentum","value":0.5}` + "\n" + `{"kind":"event","step":8,"key":"rate_scale","value":0.1}` + "\n"
	if err := os.WriteFile(journal, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	c, dir := tinyConfig(t), filepath.Join(dirs, "run")
	sets, err := OpenSets(c, "")
	if err != nil {
		t.Fatal(err)
	}
	tr, err := Start(context.Background(), c, sets, devices(t, "1"), StartOptions{Run: dir, Journal: journal})
	if err != nil {
		t.Fatal(err)
	}
	tr.Board = monitor.NewBoard(&monitor.Snapshot{})
	tr.OnProgress = func(p Progress) {
		switch p.Step {
		case 3:
			send(t, tr, monitor.SetDecay, 0.001)
		case 5: // behind the journal's change of that step
			send(t, tr, monitor.Stop, 0)
		}
	}
	if err := tr.Run(context.Background()); !errors.Is(err, ErrStopped) {
		t.Fatal(err)
	}
	tr.Close()
	again := filepath.Join(dirs, "again")
	if err := os.CopyFS(again, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	for _, o := range []StartOptions{{Run: dir}, {Run: again, Journal: journal}} { // it is the same, named anew
		if tr, err = resumeWith(t, c, o); err != nil {
			t.Fatal(err)
		}
		if err := tr.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		tr.Close()
		var made []string
		for _, e := range journalOf(t, o.Run) {
			if isChange[e.Key] {
				made = append(made, e.change())
			}
		}
		if got, want := strings.Join(made, ", "), "2 rate_scale 2, 3 decay 0.001, 5 momentum 0.5, 8 rate_scale 0.1"; got != want {
			t.Errorf("%+v: the run made %s, want %s", o, got, want)
		}
	}
}

// A run that was killed before its first checkpoint makes the changes of its own log again.
func TestOwnJournal(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	c := tinyConfig(t, "checkpoint.every=0", "validate.every=100")
	tr, err := start(t, c, dir, false, devices(t, "1"), nil)
	if err != nil {
		t.Fatal(err)
	}
	tr.Close() // as if it were killed, with this in its log
	if err := os.WriteFile(filepath.Join(dir, "log.jsonl"), []byte(`{"kind":"event","step":2,"key":"rate_scale","value":2}`+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if tr, err = resumeWith(t, c, StartOptions{Run: dir, Journal: dir}); err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	if err := tr.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if made := journalOf(t, dir); len(made) != 1 || made[0].change() != "2 rate_scale 2" || tr.Schedule.Rate(12) != 0.001 {
		t.Errorf("made %v; the rate is %g, want 0.001", made, tr.Schedule.Rate(12))
	}
}

// What a run is resumed with is newer than what was steered, even where its recipe said so.
func TestSetIsNewer(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	if _, err := steered(t, tinyConfig(t), dir, func(tr *Trainer, step int) {
		if step == 2 {
			send(t, tr, monitor.ScaleRate, 10)
			send(t, tr, monitor.SetMomentum, 0.5)
			send(t, tr, monitor.SetDecay, 0.25)
		}
	}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		set                   []string
		rate, momentum, decay float64
	}{
		{nil, 0.005, 0.5, 0.25},
		{[]string{"solver.rate=0.0005"}, 0.0005, 0.5, 0.25},
		{[]string{" solver.momentum = 0.9"}, 0.005, 0.9, 0.25},
		{[]string{"solver.decay=0.0005", "solver.max_steps=20"}, 0.005, 0.5, 0.0005},
	} {
		tr, err := resumeWith(t, tinyConfig(t, c.set...), StartOptions{Run: dir, Set: c.set})
		if err != nil {
			t.Fatal(err)
		}
		s := tr.solver(tr.step)
		if tr.Close(); s.Rate != c.rate || s.Momentum != c.momentum || s.Decay != c.decay {
			t.Errorf("with %q: rate %g, momentum %g, decay %g; want %g, %g, %g", c.set, s.Rate, s.Momentum, s.Decay, c.rate, c.momentum, c.decay)
		}
	}
}

// What a run has counted, or measured in its images, is not changed when it is resumed.
func TestResumeRefusesOtherData(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	run(t, tinyConfig(t, "data.mean=none", "data.colour=0"), dir, false, devices(t, "1"))
	for _, c := range []struct{ set, want string }{
		{"data.mean=image", `data.mean = "image"`},
		{"data.colour=0.1", "colours were not measured"},
		{"data.batch=4", ""}, // its steps are counted, no epochs
	} {
		tr, err := resumeWith(t, tinyConfig(t, "data.mean=none", "data.colour=0", c.set), StartOptions{Run: dir})
		switch {
		case err == nil:
			tr.Close()
			if c.want != "" {
				t.Errorf("%s: resumed", c.set)
			}
		case c.want == "" || !strings.Contains(err.Error(), c.want):
			t.Errorf("%s: %v, want %q", c.set, err, c.want)
		}
	}
	l, _, err := NewestCheckpoint(filepath.Join(dir, "checkpoints"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	small := tinyConfig(t, "data.mean=none", "data.colour=0", "data.size=60")
	if err := tinySets(t, tinyConfig(t)).match(l, small); err == nil || !strings.Contains(err.Error(), "data.size = 60, but it is 64") {
		t.Error(err)
	}
	for _, set := range [][]string{{"solver.max_epochs=5"}, {"solver.schedule=step", "solver.drop_epochs=[1.5]"}} {
		set = append(set, "data.batch=4", "data.mean=none", "data.colour=0")
		if _, err := resumeWith(t, tinyConfig(t, set...), StartOptions{Run: dir}); err == nil || !strings.Contains(err.Error(), "has trained 96 images in 12 steps") {
			t.Errorf("%s: %v", set, err)
		}
	}
}

// The assistant that answers itself divides the rate at the same validations whether the run
// is stopped in between or not.
func TestAutomaticIsResumed(t *testing.T) {
	c := func(steps string) *Config {
		return tinyConfig(t, "solver.max_steps="+steps, "validate.every=2", "solver.patience=3", "solver.rate=0.00001")
	}
	trained := func(dir string, stops ...string) string {
		for i, steps := range stops {
			tr, err := start(t, c(steps), dir, i > 0, devices(t, "1"), nil)
			if err != nil {
				t.Fatal(err)
			}
			tr.steered.Automatic = true
			if err := tr.Run(context.Background()); err != nil {
				t.Fatal(err)
			}
			tr.Close()
		}
		var at []string
		for _, e := range journalOf(t, dir) {
			if isChange[e.Key] {
				at = append(at, fmt.Sprint(e.Step))
			}
		}
		return strings.Join(at, " ")
	}
	dirs := t.TempDir()
	want := trained(filepath.Join(dirs, "whole"), "18")
	if got := trained(filepath.Join(dirs, "parts"), "5", "9", "11", "18"); got != want || want == "" {
		t.Errorf("divided at steps %s in parts, at %s in one", got, want)
	}
}
