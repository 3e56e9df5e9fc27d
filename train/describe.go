package train

import (
	"path/filepath"

	"alexnet/net"
	"alexnet/train/monitor"
)

// Describe is what a recipe tells of a run in the folder path, whose images are of
// the classes, for those who watch it. What the images tell is left open.
func Describe(c *Config, path string, classes []string) *monitor.Run {
	run := &monitor.Run{
		Name: filepath.Base(path), Path: path, Classes: classes, Batch: c.Batch, Data: dataWords(c, len(classes)),
		Network: Blocks(c), Columns: max(1, c.Net.Columns), Steps: c.Solver.MaxSteps, ValidateEvery: c.Validate.Every, LogEvery: max(1, c.Log.Every),
	}
	if full, err := filepath.Abs(path); err == nil {
		run.Name = filepath.Base(full)
	}
	for _, l := range c.Net.Layers {
		switch l.(type) {
		case net.Conv, net.Local, net.Dense:
			run.Layers = append(run.Layers, l.LayerName())
		}
	}
	return run
}

// dataWords says what a recipe trains on.
func dataWords(c *Config, classes int) string {
	name := map[string]string{"folder": "photographs", "cifar10": "CIFAR-10", "generated": "generated images"}[c.Set]
	if name == "" {
		name = c.Set
	}
	if classes == 0 {
		return c.Name + ", " + name
	}
	return c.Name + ", " + name + ", " + monitor.Count(classes) + " classes"
}
