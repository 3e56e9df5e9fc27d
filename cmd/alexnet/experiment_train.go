package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"alexnet/cmd/internal/launch"
	"alexnet/engine/whole"
	"alexnet/net"
	"alexnet/train"
	"alexnet/train/follow"
	"alexnet/train/monitor"
)

// Files in the folder of a run of an experiment.
const (
	plannedFile  = "planned.toml"  // the recipe by which it was begun, or made longer, as a whole
	finishedFile = "finished.toml" // the recipe by which it came to its end
)

// train trains the runs that are not finished. Those whose numbers exploded do not stop
// the others: failed says why, by folder.
func (f *experimentFlags) train(ctx context.Context, t *trials) (failed map[string]string, err error) {
	failed = map[string]string{}
	for i := range t.list {
		one := &t.list[i]
		if one.dir, err = f.folder(*one); err != nil {
			return nil, err
		}
		fmt.Printf("run %d of %d: %s, seed %d\n", i+1, len(t.list), one.arm, one.seed)
		bar := newBar(os.Stdout)
		err := f.trainOne(ctx, *one, bar)
		bar.clear()
		switch {
		case train.Exploded(err):
			failed[one.dir] = fmt.Sprintf("%s, seed %d: %v", one.arm, one.seed, err)
			fmt.Println(failed[one.dir])
		case errors.Is(err, train.ErrStopped):
			fmt.Printf("stopped in %s; the same command goes on\n", one.dir)
			return nil, err
		case err != nil:
			return nil, fmt.Errorf("%s, seed %d: %w", one.arm, one.seed, err)
		}
	}
	return failed, nil
}

// folder is that of a run: that of another experiment beside this one where it has trained
// the same already, as for first arms, which are often the base as it is.
func (f *experimentFlags) folder(one trial) (string, error) {
	if _, err := os.Stat(one.dir); err == nil {
		return one.dir, nil
	}
	for _, file := range whole.Glob(filepath.Dir(f.out), "*/*/"+finishedFile) {
		if dir := filepath.Dir(file); one.finishedIn(dir) {
			return dir, nil
		}
	}
	return one.dir, nil
}

// finishedIn says whether a folder holds the run at its end. There its arm may be called
// otherwise.
func (o *trial) finishedIn(dir string) bool {
	c := o.kept(dir, finishedFile)
	return c != nil && c.Text() == o.config.Text()
}

// kept reads one of the recipes in a run's folder, under this run's name; nil: there is none.
func (o *trial) kept(dir, file string) *train.Config {
	text, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		return nil
	}
	c, err := train.DecodeConfig(dir, string(text), []string{fmt.Sprintf("name=%q", o.config.Name)})
	if err != nil {
		return nil
	}
	return c
}

// trainOne begins a run, or goes on with it.
func (f *experimentFlags) trainOne(ctx context.Context, one trial, bar *bar) error {
	if one.finishedIn(one.dir) {
		fmt.Println("finished before, in", one.dir)
		return nil
	}
	config, run := one.config, ""
	if train.IsRun(one.dir) {
		run = one.dir
		var err error
		if config, err = f.goOn(one); err != nil {
			return err
		}
	}
	sets, err := train.OpenSets(config, run)
	if err != nil {
		return err
	}
	if run != "" {
		if err := one.within(sets); err != nil {
			return err
		}
		// It may have been finished as a shorter one: halfway to here it is neither.
		if err := os.Remove(filepath.Join(run, finishedFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	devices, err := launch.OpenDevices(f.devices, config.Net.Columns)
	if err != nil {
		return err
	}
	defer launch.CloseDevices(devices)
	t, err := train.Start(ctx, config, sets, devices, train.StartOptions{Run: one.dir, Resume: run != "",
		Net: net.Options{Tuning: bar.tuning(ctx)}, OnMessage: bar.message, OnImages: bar.images})
	if err != nil {
		return err
	}
	defer t.Close()
	if err := whole.WriteBytes(filepath.Join(one.dir, plannedFile), []byte(one.config.Text())); err != nil {
		return err
	}
	bar.clear()
	t.OnProgress, t.OnValidation, t.OnMessage = bar.progress, bar.validation, bar.message
	if !t.Done() {
		if err := t.Run(ctx); err != nil {
			return err
		}
	}
	return whole.WriteBytes(filepath.Join(one.dir, finishedFile), []byte(one.config.Text()))
}

// within refuses a run that has gone further already than it is to go: it would stand in
// the table beside shorter ones.
func (o *trial) within(sets *train.Sets) error {
	step, minutes, err := o.trained()
	if err != nil {
		return err
	}
	steps, limit := train.PlannedSteps(o.config, sets), o.config.Solver.MaxMinutes
	if before := o.kept(o.dir, plannedFile); before != nil && before.Solver.MaxMinutes > 0 && before.Solver.MaxMinutes <= limit {
		limit = 0 // by which it ends with the step, and the validation, in which they are over
	}
	if steps > 0 && step > steps || limit > 0 && minutes > limit {
		return fmt.Errorf("%s is a longer run: it has trained %s steps in %.1f minutes. Give solver.max_steps, max_epochs and --minutes as before, choose another --out, or remove the folder",
			o.dir, monitor.Count(step), minutes)
	}
	return nil
}

// trained is how far a run has come.
func (o *trial) trained() (step int, minutes float64, err error) {
	log, err := follow.Read(o.dir)
	if err != nil {
		return 0, 0, err
	}
	if n := len(log.Points); n > 0 {
		step, minutes = log.Points[n-1].Step, log.Points[n-1].Seconds/60
	}
	if files, _ := train.StepFiles(filepath.Join(o.dir, "checkpoints")); len(files) > 0 {
		newest, err := train.StepOf(files[len(files)-1]) // the log has a line of some steps only
		if err != nil {
			return 0, 0, err
		}
		step = max(step, newest)
	}
	return step, minutes, nil
}

// goOn is the recipe by which a run that was stopped goes on. Its minutes are those of all
// its starts.
func (f *experimentFlags) goOn(one trial) (*train.Config, error) {
	c, err := one.config.Further(one.dir)
	if err != nil {
		return nil, fmt.Errorf("%w; choose another --out, or remove the folder", err)
	}
	if c.Solver.MaxMinutes == 0 {
		return c, nil
	}
	_, minutes, err := one.trained()
	if err != nil {
		return nil, err
	}
	left := c.Solver.MaxMinutes - minutes
	return c.Extended(c.Name, fmt.Sprintf("[solver]\nmax_minutes = %f", max(left, 1e-3))) // 0 were no limit
}
