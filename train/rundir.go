package train

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// RunDir is a run's folder: recipe.toml, classes.txt, log.jsonl, checkpoints/ and
// a lock that its trainer holds.
type RunDir struct {
	Path string
	lock *os.File
	log  *os.File
}

// CreateRun makes the folder of a new run. One that holds a run already is
// refused.
func CreateRun(path string, c *Config, classes []string) (*RunDir, error) {
	if _, err := os.Stat(filepath.Join(path, "recipe.toml")); err == nil {
		return nil, fmt.Errorf("train: %s holds a run already: continue it with --resume, or choose another --run", path)
	}
	if err := os.MkdirAll(filepath.Join(path, "checkpoints"), 0o755); err != nil {
		return nil, fmt.Errorf("train: run directory: %w", err)
	}
	d, err := lockRun(path)
	if err != nil {
		return nil, err
	}
	for name, text := range map[string]string{"recipe.toml": c.Text(), "classes.txt": strings.Join(classes, "\n") + "\n"} {
		err = errors.Join(err, writeWhole(filepath.Join(path, name), func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return err
		}))
	}
	if err == nil {
		err = d.openLog()
	}
	if err != nil {
		d.Close()
		return nil, fmt.Errorf("train: run directory %s: %w", path, err)
	}
	return d, nil
}

// ResumeRun opens the folder of a run to continue it behind step: log lines of
// later steps are cut.
func ResumeRun(path string, step int) (*RunDir, error) {
	d, err := lockRun(path)
	if err != nil {
		return nil, err
	}
	if err = d.cutLog(step); err == nil {
		err = d.openLog()
	}
	if err != nil {
		d.Close()
		return nil, fmt.Errorf("train: run directory %s: %w", path, err)
	}
	return d, nil
}

// lockRun makes this process the run's only trainer.
func lockRun(path string) (*RunDir, error) {
	f, err := os.OpenFile(filepath.Join(path, "lock"), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("train: run directory: %w", err)
	}
	for range 3 { // Summarize looks at the lock for a moment
		if err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if err != nil {
		holder, _ := io.ReadAll(f)
		f.Close()
		return nil, fmt.Errorf("train: %s is being trained by process %s: stop that one first", path, bytes.TrimSpace(holder))
	}
	f.Truncate(0)
	fmt.Fprintf(f, "%d\n", os.Getpid())
	return &RunDir{Path: path, lock: f}, nil
}

func (d *RunDir) openLog() error {
	var err error
	d.log, err = os.OpenFile(filepath.Join(d.Path, "log.jsonl"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	return err
}

// cutLog removes the lines of steps after a checkpoint's, and a half line that a
// crash has left.
func (d *RunDir) cutLog(step int) error {
	name := filepath.Join(d.Path, "log.jsonl")
	text, err := os.ReadFile(name)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	var kept bytes.Buffer
	for _, line := range bytes.SplitAfter(text, []byte("\n")) {
		var l struct{ Step int }
		if json.Unmarshal(line, &l) == nil && l.Step <= step && bytes.HasSuffix(line, []byte("\n")) {
			kept.Write(line)
		}
	}
	return writeWhole(name, func(w io.Writer) error {
		_, err := w.Write(kept.Bytes())
		return err
	})
}

// Checkpoints is the folder of the run's checkpoints.
func (d *RunDir) Checkpoints() string { return filepath.Join(d.Path, "checkpoints") }

// Close releases the lock.
func (d *RunDir) Close() error {
	if d.log != nil {
		d.log.Close()
	}
	return d.lock.Close()
}

func (d *RunDir) write(line any) error {
	text, err := json.Marshal(line)
	if err == nil {
		_, err = d.log.Write(append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("train: log: %w", err)
	}
	return nil
}

// LogTrain appends a training step's line.
func (d *RunDir) LogTrain(p Progress) error {
	return d.write(struct {
		Kind            string  `json:"kind"`
		Step            int     `json:"step"`
		Epoch           float64 `json:"epoch"`
		Loss            float64 `json:"loss"`
		Rate            float64 `json:"rate"`
		ImagesPerSecond float64 `json:"images_per_second"`
		Waited          float64 `json:"waited"`
	}{"train", p.Step, p.Epoch, p.Loss, p.Rate, math.Round(p.ImagesPerSecond*10) / 10, p.Waited})
}

// LogValidation appends a validation's line.
func (d *RunDir) LogValidation(v Validation) error {
	return d.write(struct {
		Kind string `json:"kind"`
		Validation
	}{"val", v})
}
