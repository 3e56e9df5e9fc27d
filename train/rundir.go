package train

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"alexnet/engine/whole"
)

// RunDir is a run's folder: recipe.toml, classes.txt (in label order),
// images.txt and validation.txt (of a folder of photographs), weights.txt (the path
// of --weights), journal.jsonl (the changes of --journal), kernels.json (the kernel choice), devices.txt (of
// --devices), log.jsonl, checkpoints/, snapshots/ (what is looked back at), index/ (features of images, if asked for) and a lock that its trainer holds.
type RunDir struct {
	Path string
	lock *os.File
	log  *os.File
}

// IsRun says whether a folder holds a run.
func IsRun(path string) bool {
	_, err := os.Stat(filepath.Join(path, "recipe.toml"))
	return path != "" && err == nil
}

// CheckNewRun fails where a new run cannot have a folder, for it holds a run already, or
// something else.
func CheckNewRun(path string) error {
	if IsRun(path) {
		return fmt.Errorf("train: %s holds a run already: go on with it by --run %[1]s --resume, or choose another --run", path)
	}
	if _, err := os.Stat(filepath.Join(path, "lock")); err != nil { // a run that did not begin may have left one
		if files, _ := os.ReadDir(path); len(files) > 0 {
			return fmt.Errorf("train: %s holds %s and no run: choose another --run", path, files[0].Name())
		}
	}
	return nil
}

// CreateRun makes the folder of a new run, as CheckNewRun allows. weights is the file of its
// first parameters; "": they are drawn.
func CreateRun(path string, c *Config, sets *Sets, weights string) (*RunDir, error) {
	if err := CheckNewRun(path); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(path, "checkpoints"), 0o755); err != nil {
		return nil, fmt.Errorf("train: run directory: %w", err)
	}
	d, err := lockRun(path)
	if err != nil {
		return nil, err
	}
	err = d.keepLines("classes.txt", sets.Train.Classes())
	if sets.Listed {
		err = errors.Join(err, d.keepLines("images.txt", names(sets.Train)))
	}
	if sets.Split != nil {
		err = errors.Join(err, d.keepLines("validation.txt", sets.Split))
	}
	if weights != "" {
		err = errors.Join(err, d.keepLines(weightsFile, []string{weights}))
	}
	err = errors.Join(err, d.keep("recipe.toml", c.Text())) // the last: it makes the folder a run
	if err == nil {
		err = d.openLog()
	}
	if err != nil {
		d.abandon()
		return nil, fmt.Errorf("train: run directory %s: %w", path, err)
	}
	return d, nil
}

// keep writes one of the run's texts.
func (d *RunDir) keep(name, text string) error {
	return whole.WriteBytes(filepath.Join(d.Path, name), []byte(text))
}

func (d *RunDir) keepLines(name string, lines []string) error {
	return d.keep(name, strings.Join(lines, "\n")+"\n")
}

// keepKernels records which kernels compute what.
func (d *RunDir) keepKernels(choices map[string]string) error {
	text, err := whole.JSON(choices)
	if err == nil {
		err = d.keep("kernels.json", string(text))
	}
	if err != nil {
		return fmt.Errorf("train: run directory %s: %w", d.Path, err)
	}
	return nil
}

// keepDevices records how the devices were named.
func (d *RunDir) keepDevices(words []string) error {
	if len(words) == 0 {
		return nil
	}
	return d.keepLines(devicesFile, words)
}

// Files of a run that hold what it was begun with.
const (
	weightsFile = "weights.txt"
	journalFile = "journal.jsonl"
	devicesFile = "devices.txt"
)

// KeptDevices are the words by which the devices of a run were named the last time; nil:
// they were not.
func KeptDevices(run string) []string {
	words, err := readLines(run, devicesFile)
	if err != nil {
		return nil
	}
	return words
}

// keptKernels reads what keepKernels wrote; nil if it did not.
func keptKernels(run string) map[string]string {
	text, err := os.ReadFile(filepath.Join(run, "kernels.json"))
	var choices map[string]string
	if err != nil || json.Unmarshal(text, &choices) != nil {
		return nil
	}
	return choices
}

// abandon removes what CreateRun has written of a run that did not begin, so that
// the next try is not refused.
func (d *RunDir) abandon() {
	for _, name := range []string{"recipe.toml", "classes.txt", "images.txt", "validation.txt", weightsFile, journalFile, "kernels.json", devicesFile, "log.jsonl", "lock"} {
		os.Remove(filepath.Join(d.Path, name))
	}
	os.Remove(filepath.Join(d.Path, "checkpoints"))
	os.Remove(d.Path) // stays if it holds anything else
	d.Close()
}

// readLines reads one of a run's lists; nil if it has none.
func readLines(run, name string) ([]string, error) {
	text, err := os.ReadFile(filepath.Join(run, name))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("train: run directory: %w", err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"), nil
}

// ResumeRun opens the folder of a run to continue it. Nothing that the run has told or
// kept is lost yet: that is for Cut, once it is sure to go on.
func ResumeRun(path string) (*RunDir, error) {
	d, err := lockRun(path)
	if err != nil {
		return nil, err
	}
	d.removeHalfWritten()
	return d, nil
}

// Cut cuts the log and the snapshots of a run that goes on behind step, which so many
// changes of its journal precede.
func (d *RunDir) Cut(step, changes int) error {
	d.cutSnapshots(step)
	if d.log != nil {
		d.log.Close()
	}
	if err := errors.Join(d.cutLog(step, changes), d.openLog()); err != nil {
		return fmt.Errorf("train: run directory %s: %w", d.Path, err)
	}
	return nil
}

// rewind is Cut for a run that goes back to a checkpoint, without those behind it. They go
// first: as long as one is there the log may have its steps.
func (d *RunDir) rewind(step, changes int) error {
	d.cutCheckpoints(step)
	return d.Cut(step, changes)
}

// removeHalfWritten removes what a killed trainer was writing: a checkpoint of the
// paper's network is half a gigabyte.
func (d *RunDir) removeHalfWritten() {
	for _, dir := range []string{d.Path, d.Checkpoints(), filepath.Join(d.Path, "snapshots"), filepath.Join(d.Path, "index")} {
		whole.Clean(dir)
	}
}

// cutSnapshots removes the snapshots behind a step: the run goes on from there.
func (d *RunDir) cutSnapshots(step int) {
	for _, f := range SnapshotFiles(d.Path) {
		if f.Step > step {
			os.Remove(f.Path)
		}
	}
}

// cutCheckpoints removes the checkpoints behind a step: who resumes the run takes the
// newest.
func (d *RunDir) cutCheckpoints(step int) {
	for _, path := range checkpoints(d.Checkpoints()) {
		if s, err := StepOf(path); err == nil && s > step {
			os.Remove(path)
		}
	}
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
		defer f.Close()
		if h, ok := readHolder(f); ok {
			return nil, fmt.Errorf("train: %s is being trained by %v: stop that one first", path, h)
		}
		return nil, fmt.Errorf("train: %s is being trained by another process: stop that one first", path)
	}
	writeHolder(f)
	return &RunDir{Path: path, lock: f}, nil
}

func (d *RunDir) openLog() error {
	var err error
	d.log, err = os.OpenFile(filepath.Join(d.Path, "log.jsonl"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	return err
}

// cutLog removes the lines of steps after a checkpoint's, changes that it does not
// know, how the run failed or was left, and a half line that a crash has left.
func (d *RunDir) cutLog(step, changes int) error {
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
		var l event
		if json.Unmarshal(line, &l) != nil || l.Step > step || !bytes.HasSuffix(line, []byte("\n")) {
			continue
		}
		if l.Kind == kindEnd {
			continue
		}
		if l.Kind == "event" {
			if isChange[l.Key] {
				changes--
			}
			if isChange[l.Key] && changes < 0 || l.Key == keyFailed {
				continue
			}
		}
		kept.Write(line)
	}
	return whole.WriteBytes(name, kept.Bytes())
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
		Top1Error       float64 `json:"top1_error"`      // of the training images since the last line
		Scale           float64 `json:"scale,omitempty"` // of the loss in mixed precision
		ImagesPerSecond float64 `json:"images_per_second"`
		Waited          float64 `json:"waited"`
		Seconds         float64 `json:"seconds"` // of training since the run's start
	}{"train", p.Step, p.Epoch, p.Loss, p.Rate, p.Top1Error, p.Scale, math.Round(p.ImagesPerSecond*10) / 10, p.Waited, math.Round(p.Seconds*1000) / 1000})
}

// LogCheckpoint appends the line of a checkpoint that was written: its file may be removed
// for newer ones.
func (d *RunDir) LogCheckpoint(step int, bytes int64) error {
	return d.write(struct {
		Kind  string `json:"kind"`
		Step  int    `json:"step"`
		Bytes int64  `json:"bytes"`
	}{"checkpoint", step, bytes})
}

// kindEnd is the kind of the line that LogEnd appends.
const kindEnd = "end"

// LogEnd appends the line with which a process leaves a run that it has trained: finished, or
// stopped. Of a run that was killed or failed there is none.
func (d *RunDir) LogEnd(step int, finished bool) error {
	return d.write(struct {
		Kind     string `json:"kind"`
		Step     int    `json:"step"`
		Finished bool   `json:"finished"`
	}{kindEnd, step, finished})
}

// LogValidation appends a validation's line.
func (d *RunDir) LogValidation(v Validation) error {
	return d.write(struct {
		Kind string `json:"kind"`
		Validation
	}{"val", v})
}
