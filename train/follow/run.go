package follow

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"alexnet/net"
	"alexnet/train"
	"alexnet/train/monitor"
)

// recipe is what a follower needs of a run's recipe beside what it publishes.
type recipe struct {
	file      os.FileInfo // that it was read from
	layer     string      // the first convolution's name; empty: the network begins otherwise
	maxEpochs float64     // after which the run ends; 0: no bound
	maxSteps  int
	classes   int            // the network's outputs
	solver    monitor.Solver // but for the rate, which the log tells
	snapshots int            // steps from one to the next, at least; 0: none are kept
}

// describe reads a run's recipe.
func describe(path string) (run *monitor.Run, more recipe, err error) {
	file := filepath.Join(path, "recipe.toml")
	if !exists(path) {
		return nil, more, fmt.Errorf("follow: there is no folder %s; give the folder of a run", path)
	}
	more.file, err = os.Stat(file)
	if err != nil {
		return nil, more, fmt.Errorf("follow: %s holds no run: it has no recipe.toml; give the folder that alexnet train --run made", path)
	}
	c, err := train.LoadConfig(file)
	if err != nil {
		return nil, more, fmt.Errorf("follow: run %s: %w", path, err)
	}
	run = train.Describe(c, path, lines(filepath.Join(path, "classes.txt")))
	if len(c.Net.Layers) > 0 {
		if first, ok := c.Net.Layers[0].(net.Conv); ok {
			more.layer = first.Name
		}
	}
	more.classes = c.Net.Classes()
	more.solver, more.snapshots = train.Steered{}.Solver(c), c.Snapshots.Every
	more.maxEpochs, more.maxSteps = c.Solver.MaxEpochs, c.Solver.MaxSteps
	return run, more, nil
}

// renew describes the run anew where its recipe is another than before: it was resumed with
// other settings. The old one holds while a new one cannot be read.
func (f *Follower) renew() {
	now, err := os.Stat(filepath.Join(f.path, "recipe.toml"))
	if err != nil || os.SameFile(now, f.file) && now.Size() == f.file.Size() && now.ModTime().Equal(f.file.ModTime()) {
		return
	}
	run, recipe, err := describe(f.path)
	if err != nil {
		return
	}
	f.run, f.recipe = run, recipe
	f.log.batch, f.log.classes, f.keep.every = run.Batch, recipe.classes, recipe.snapshots
}

// lines reads a list; nil if there is none.
func lines(path string) (out []string) {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		out = append(out, strings.TrimRight(s.Text(), "\r"))
	}
	return out
}
