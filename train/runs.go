package train

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"syscall"
	"time"

	"alexnet/engine/whole"
)

// RunSummary is one run directory in a few figures. Errors are fractions.
type RunSummary struct {
	Path     string    `json:"path"`
	Name     string    `json:"name"` // of the recipe
	Step     int       `json:"step"`
	Epoch    float64   `json:"epoch"`
	Loss     float64   `json:"loss"` // of the last line of training
	BestTop1 float64   `json:"best_top1_error"`
	BestTop5 float64   `json:"best_top5_error"`
	BestStep int       `json:"best_step"` // 0: never validated
	Training bool      `json:"training"`  // a process is at it
	Changed  time.Time `json:"changed"`
}

// ListRuns sums up the run directories in a folder, newest first; where there are none,
// those in the folders in it, as the arms of experiments are. A folder that does not exist
// holds none.
func ListRuns(dir string) ([]RunSummary, error) {
	recipes := append(whole.Glob(dir, "*/recipe.toml"), whole.Glob(dir, "recipe.toml")...)
	if len(recipes) == 0 {
		recipes = whole.Glob(dir, "*/*/recipe.toml")
	}
	var out []RunSummary
	for _, recipe := range recipes {
		s, err := Summarize(filepath.Dir(recipe))
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Changed.After(out[j].Changed) })
	return out, nil
}

// Summarize reads a run's recipe and log.
func Summarize(path string) (RunSummary, error) {
	s := RunSummary{Path: path, Name: filepath.Base(path), Training: Locked(path)}
	recipe := filepath.Join(path, "recipe.toml")
	if c, err := LoadConfig(recipe); err == nil {
		s.Name = c.Name
	}
	if info, err := os.Stat(recipe); err == nil {
		s.Changed = info.ModTime()
	}
	f, err := os.Open(filepath.Join(path, "log.jsonl"))
	if errors.Is(err, os.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("train: run %s: %w", path, err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil {
		s.Changed = info.ModTime()
	}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		s.add(lines.Bytes())
	}
	return s, lines.Err()
}

// add takes a line of the log; a half-written last line is nothing yet.
func (s *RunSummary) add(line []byte) {
	var l struct {
		Kind  string
		Step  int
		Epoch float64
		Loss  float64
		Top1  float64 `json:"top1_error"`
		Top5  float64 `json:"top5_error"`
	}
	if json.Unmarshal(line, &l) != nil {
		return
	}
	s.Step = max(s.Step, l.Step)
	switch l.Kind {
	case "train":
		s.Loss, s.Epoch = l.Loss, l.Epoch
	case "val":
		if s.BestStep == 0 || l.Top1 < s.BestTop1 {
			s.BestTop1, s.BestTop5, s.BestStep = l.Top1, l.Top5, l.Step
		}
	}
}

// HasCheckpoint says whether a run directory holds a checkpoint, whole or not.
func HasCheckpoint(run string) bool { return len(checkpoints(filepath.Join(run, "checkpoints"))) > 0 }

// Locked tells whether a trainer holds a run directory. It asks for a shared lock and
// gives it back at once; a trainer that begins just then tries again.
func Locked(path string) bool {
	f, err := os.Open(filepath.Join(path, "lock"))
	if err != nil {
		return false
	}
	defer f.Close()
	if syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB) != nil {
		return true
	}
	syscall.Flock(int(f.Fd()), syscall.LOCK_UN)
	return false
}
