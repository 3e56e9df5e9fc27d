package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"time"

	"alexnet/train/follow"
	"alexnet/train/monitor"
	"alexnet/viewer"
)

// most is how many runs the start page is given.
const most = 12

// recent sums up the runs in the folder runs and those opened before, the newest
// first. What cannot be read is left out: it may be gone.
func recent(opened []string) ([]viewer.Recent, error) {
	type found struct {
		path    string
		changed time.Time
	}
	var all []found
	seen := map[string]bool{}
	paths, err := filepath.Glob(filepath.Join("runs", "*", "recipe.toml"))
	if err != nil {
		return nil, fmt.Errorf("runs: %w", err)
	}
	for _, p := range opened {
		paths = append(paths, filepath.Join(p, "recipe.toml"))
	}
	for _, recipe := range paths {
		dir := filepath.Dir(recipe)
		full, err := filepath.Abs(dir)
		if err != nil || seen[full] {
			continue
		}
		seen[full] = true
		if at, ok := changed(dir); ok {
			all = append(all, found{dir, at})
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].changed.After(all[j].changed) })
	var out []viewer.Recent
	for _, f := range all[:min(most, len(all))] {
		if s, err := follow.Peek(f.path); err == nil {
			out = append(out, sumUp(s, f.path, f.changed))
		}
	}
	return out, nil
}

// changed is when a run was last written to.
func changed(dir string) (at time.Time, ok bool) {
	for _, name := range []string{"recipe.toml", "log.jsonl"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil {
			at, ok = info.ModTime(), true
		}
	}
	return at, ok
}

func sumUp(s *monitor.Snapshot, path string, at time.Time) viewer.Recent {
	r := viewer.Summary(s)
	r.Path = path
	when := at.Format("2 Jan 15:04")
	switch {
	case s.State.Live():
		r.Note = "training now, in another process"
	case s.State == monitor.Finished:
		r.Note = "finished " + when
	default:
		r.Note = "stopped " + when
	}
	return r
}
