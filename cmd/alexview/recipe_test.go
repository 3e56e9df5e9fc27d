package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"alexnet/engine/enginetest"
	"alexnet/viewer"
)

// TestLister: what is listed is what the run's recipe will have, and what is wrong is
// said as by --set, without what is in sight.
func TestLister(t *testing.T) {
	list := lister("/photos", "demo", []string{"data.batch=8", "layer.fc5.units=2"})
	for _, c := range []struct {
		changed []string
		row     viewer.Setting
		wrong   string
	}{
		{nil, viewer.Setting{Path: "data.batch", Value: "8", Was: "8"}, ""},
		{nil, viewer.Setting{Path: "data.dir", Value: `"/photos"`, Was: `"/photos"`, Fixed: "the form's folder"}, ""},
		{[]string{"solver.rate=1e-2"}, viewer.Setting{Path: "solver.rate", Value: "0.01", Was: "0.003"}, ""},
		{[]string{"layer.relu1.type=tanh"}, viewer.Setting{Path: "layer.relu1.type", Value: `"tanh"`, Was: `"relu"`}, ""},
		{[]string{"layer.relu3.type=dropout"}, viewer.Setting{Path: "layer.relu3.probability", Value: "0.5"}, ""},
		{[]string{"solver.rate=abc"}, viewer.Setting{Path: "solver.rate", Value: "0.003", Was: "0.003"}, "Expected a number, not abc."},
		{[]string{"solver.momentum=2"}, viewer.Setting{Path: "solver.momentum", Value: "0.9", Was: "0.9"}, "solver.momentum = 2; expected at least 0 and below 1."},
		{[]string{"data.crop=80"}, viewer.Setting{Path: "data.crop", Value: "56", Was: "56"}, "data.size = 64; expected at least data.crop = 80."},
		{[]string{"layer.conv1.std=x"}, viewer.Setting{Path: "layer.conv1.std", Value: "0.001", Was: "0.001"}, "Expected a number, not x."},
		{[]string{"solver.schedule=never"}, viewer.Setting{Path: "solver.schedule", Value: `"step"`, Was: `"step"`}, `solver.schedule = "never"; expected one of fixed, step, plateau.`},
	} {
		rows, err := list(c.changed)
		for i := range rows {
			if rows[i].Help == "" {
				t.Errorf("%v: %s is not explained", c.changed, rows[i].Path)
			}
			rows[i].Help = ""
		}
		if !slices.Contains(rows, c.row) {
			t.Errorf("%v: %+v is not listed", c.changed, c.row)
		}
		if (err != nil) != (c.wrong != "") || err != nil && viewer.Sentence(err) != c.wrong {
			t.Errorf("%v: it says %v, want %q", c.changed, err, c.wrong)
		}
	}
}

// TestCheckSettings: settings that are changed count before the form's.
func TestCheckSettings(t *testing.T) {
	enginetest.Open(t)
	dir := photos(t, t.TempDir(), 12, "cat", "dog", "hen")
	s := &sessions{shown: make(chan struct{})}
	close(s.shown)
	got := s.check(viewer.Order{Folder: dir, Recipe: "demo", Batch: 4, Set: []string{"data.batch=11", "solver.max_epochs=0", "solver.max_steps=7"}})
	if got.Problem != "" || got.Begin == nil || got.Order.Batch != 11 || got.Order.Passes != 0 || got.Length != "7 steps" {
		t.Errorf("it says %q, batch %d, %g passes, %s", got.Problem, got.Order.Batch, got.Order.Passes, got.Length)
	}
	for set, want := range map[string]string{
		"layer.fc5.units=9":   "Reset the last layer's outputs: they are 9, and the folder has 3 classes.",
		"layer.gone.std=1":    `--set layer.gone.std=1: no layer "gone"`,
		"solver.momentum=1.5": "solver.momentum = 1.5; expected at least 0 and below 1.",
	} {
		got := s.check(viewer.Order{Folder: dir, Recipe: "demo", Set: []string{set}})
		if got.Field != viewer.SettingsField || !strings.Contains(got.Problem, want) || got.Begin != nil || got.Settings == nil {
			t.Errorf("%s: it says %q of %s", set, got.Problem, got.Field)
		}
	}
	if got := s.check(viewer.Order{Folder: dir, Recipe: "demo", Set: []string{"data.batch=64"}}); got.Field != viewer.BatchField {
		t.Errorf("a batch beyond the folder: it says %q of %s", got.Problem, got.Field)
	}
	if got := s.check(viewer.Order{Folder: filepath.Join(dir, "none"), Recipe: "demo"}); got.Settings == nil {
		t.Error("without a folder no settings are listed")
	}
}
