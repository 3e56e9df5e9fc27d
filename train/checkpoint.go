package train

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"alexnet/engine"
	"alexnet/engine/whole"
	"alexnet/net"
	"alexnet/train/monitor"
	"alexnet/train/safetensors"
)

// State is what a checkpoint keeps beside the parameters.
type State struct {
	Step        int               `json:"step"`
	Cursor      uint64            `json:"cursor"` // training images drawn
	Schedule    Schedule          `json:"schedule"`
	Steered     *Steered          `json:"steered,omitempty"` // nil: nothing
	History     []Validation      `json:"history"`
	Classes     []string          `json:"classes"` // in label order
	Fingerprint string            `json:"fingerprint"`
	Components  [3][3]float64     `json:"colour_components"`    // of Colours
	LossScale   *net.LossScale    `json:"loss_scale,omitempty"` // of mixed precision
	Choices     map[string]string `json:"kernels"`
	Recipe      string            `json:"recipe"`
}

// Best is the validation with the lowest top-1 error, false if there is none.
func (s *State) Best() (Validation, bool) {
	if len(s.History) == 0 {
		return Validation{}, false
	}
	best := s.History[0]
	for _, v := range s.History {
		if v.Top1Error < best.Top1Error {
			best = v
		}
	}
	return best, true
}

// Names of tensors in a checkpoint beside the parameters.
const (
	momentumPrefix = "momentum."
	meanName       = "data.mean"
)

// stateKey is where a checkpoint's metadata hold its State.
const stateKey = "alexnet"

// checkpointName is where a step's checkpoint is kept.
func checkpointName(step int) string { return fmt.Sprintf("step-%08d.safetensors", step) }

// SaveCheckpoint writes a checkpoint into dir so that it is there whole or not at
// all, and removes all but the keep newest and the best. The error of a failed
// write says how much room is needed; older checkpoints stay.
func SaveCheckpoint(dir string, s State, tensors []safetensors.Tensor, keep int) error {
	text, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("train: checkpoint: %w", err)
	}
	hash := sha256.New()
	if err := safetensors.WriteData(hash, safetensors.Sorted(tensors)); err != nil {
		return err
	}
	meta := map[string]string{"format": "pt", stateKey: string(text), "sha256": fmt.Sprintf("%x", hash.Sum(nil))}
	path := filepath.Join(dir, checkpointName(s.Step))
	if err := whole.Write(path, func(f *whole.File) error { return safetensors.Write(f, tensors, meta) }); err != nil {
		bytes := int64(0)
		for _, t := range tensors {
			bytes += t.Size()
		}
		return fmt.Errorf("train: checkpoint of %d MB: %w; the checkpoints before it are untouched", (bytes+999_999)/1_000_000, err)
	}
	prune(dir, keep, s)
	return nil
}

// StepFiles lists the checkpoints or snapshots in a folder by step, the first ones first, as
// far as it can be read.
func StepFiles(dir string) (files []string, err error) {
	// Not filepath.Glob: in dir, which a user named, brackets are no pattern.
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if is, _ := filepath.Match("step-*.safetensors", e.Name()); is {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	return files, err
}

// checkpoints lists a folder's checkpoints, newest first. There are none in one that cannot
// be read.
func checkpoints(dir string) []string {
	files, _ := StepFiles(dir)
	slices.Reverse(files)
	return files
}

// prune removes all but the best checkpoint and the newest ones up to step s.Step;
// later ones are damaged ones that a resumed run has passed over.
func prune(dir string, keep int, s State) {
	best, ok := s.Best()
	for _, path := range checkpoints(dir) {
		name := filepath.Base(path)
		if name > checkpointName(s.Step) {
			continue
		}
		keep--
		if keep >= 0 || ok && name == checkpointName(best.Step) {
			continue
		}
		os.Remove(path)
	}
}

// Loaded is a checkpoint read from a file.
type Loaded struct {
	State
	Path string
	file *safetensors.File
}

// LoadCheckpoint opens a checkpoint and verifies its data.
func LoadCheckpoint(path string) (*Loaded, error) {
	f, err := safetensors.Open(path)
	if err != nil {
		return nil, err
	}
	l := &Loaded{Path: path, file: f}
	if err := l.verify(); err != nil {
		f.Close()
		return nil, fmt.Errorf("train: checkpoint %s: %w", path, err)
	}
	return l, nil
}

func (l *Loaded) verify() error {
	text, ok := l.file.Metadata[stateKey]
	if !ok {
		return errors.New("it holds weights but no state of a run")
	}
	if err := json.Unmarshal([]byte(text), &l.State); err != nil {
		return err
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, l.file.Data()); err != nil {
		return err
	}
	if got := fmt.Sprintf("%x", hash.Sum(nil)); got != l.file.Metadata["sha256"] {
		return errors.New("its data do not match their checksum: the file is damaged")
	}
	return nil
}

// Close closes the file.
func (l *Loaded) Close() error { return l.file.Close() }

// NewestCheckpoint opens the newest checkpoint of a folder that verifies; skipped
// says what was wrong with newer ones. The error without any wraps
// os.ErrNotExist; that of a folder that cannot be read does not, as there may be some.
func NewestCheckpoint(dir string) (l *Loaded, skipped []error, err error) {
	return newestCheckpoint(dir, math.MaxInt)
}

// newestCheckpoint is NewestCheckpoint of those up to a step.
func newestCheckpoint(dir string, upTo int) (l *Loaded, skipped []error, err error) {
	files, err := StepFiles(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, nil, fmt.Errorf("train: checkpoints in %s: %w", dir, whole.Cause(err))
	}
	for _, path := range slices.Backward(files) {
		if step, err := StepOf(path); err == nil && step > upTo {
			continue
		}
		if l, err = LoadCheckpoint(path); err == nil {
			return l, skipped, nil
		}
		skipped = append(skipped, err)
	}
	return nil, skipped, fmt.Errorf("train: no usable checkpoint in %s: %w", dir, errors.Join(append(skipped, os.ErrNotExist)...))
}

// FindCheckpoint opens a checkpoint by its path, or the newest one that verifies
// of a run directory.
func FindCheckpoint(path string) (l *Loaded, skipped []error, err error) {
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil, fmt.Errorf("train: there is no %s: name a run directory or a checkpoint; alexnet runs lists them", path)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("train: %s cannot be read: %w", path, whole.Cause(err))
	}
	if !info.IsDir() {
		l, err = LoadCheckpoint(path)
		return l, nil, err
	}
	if _, err := os.Stat(filepath.Join(path, "checkpoints")); err == nil {
		path = filepath.Join(path, "checkpoints")
	}
	l, skipped, err = NewestCheckpoint(path)
	if errors.Is(err, os.ErrNotExist) && len(skipped) == 0 {
		err = fmt.Errorf("train: %s holds no checkpoint: expected a run directory; alexnet runs lists them", path)
	}
	return l, skipped, err
}

// ConfigFor is Config for the images of a folder, as LoadConfigFor.
func (l *Loaded) ConfigFor(dir string, set ...string) (*Config, error) {
	return forImages(dir, set, func(set []string) (*Config, error) { return l.Config(set...) })
}

// Config is the recipe of the checkpoint's run, with overrides.
func (l *Loaded) Config(set ...string) (*Config, error) {
	return DecodeConfig("the recipe in "+l.Path, l.Recipe, set)
}

// Run is the directory of the run that wrote the checkpoint, if it lies there
// still; otherwise empty.
func (l *Loaded) Run() string {
	dir := filepath.Dir(l.Path)
	if filepath.Base(dir) != "checkpoints" {
		return ""
	}
	return filepath.Dir(dir)
}

// Build makes the network of a recipe for the checkpoint, to test with, without its
// parameters yet: for its images, and with the kernels of its run where they do.
func (l *Loaded) Build(c *Config, devices []*engine.Device, o net.Options) (*net.Net, error) {
	o.ImageHeight, o.ImageWidth, o.ImageScale, o.Choices = c.Size, c.Size, c.Scale, l.Choices
	return net.Build(c.Net, devices, o)
}

// Load sets a network's parameters and mean image to the checkpoint's.
func (l *Loaded) Load(n *net.Net) error {
	for _, p := range n.Params {
		if err := l.loadParam(n, p, "", net.Value); err != nil {
			return err
		}
	}
	mean, err := l.file.Floats(meanName)
	if err != nil {
		return err
	}
	return n.SetMean(mean)
}

// loadMomentum sets a network's momentum to the checkpoint's. A layer that was frozen
// then, and is not any more, has none yet.
func (l *Loaded) loadMomentum(n *net.Net) error {
	for _, p := range n.Params {
		if p.Frozen || l.file.Shape(momentumPrefix+p.Name) == nil {
			continue
		}
		if err := l.loadParam(n, p, momentumPrefix, net.Momentum); err != nil {
			return err
		}
	}
	return nil
}

// FirstKernels are the kernels of the recipe's first layer, as Trainer.FirstKernels.
func (l *Loaded) FirstKernels(c *Config) (*monitor.Kernels, error) {
	if len(c.Net.Layers) == 0 {
		return nil, nil
	}
	first, is := c.Net.Layers[0].(net.Conv)
	if !is {
		return nil, nil
	}
	shot, err := ReadShot(l.Path, first.Name+".weight", max(1, c.Net.Columns))
	if shot == nil {
		return nil, err
	}
	return shot.Kernels, nil
}

// Mean is the checkpoint's mean image, (3, size, size).
func (l *Loaded) Mean() ([]float32, error) { return l.file.Floats(meanName) }

func (l *Loaded) loadParam(n *net.Net, p *net.Param, prefix string, what net.What) error {
	values, err := l.file.Floats(prefix + p.Name)
	if err != nil {
		return err
	}
	if shape := l.file.Shape(prefix + p.Name); !slices.Equal(shape, p.Shape) {
		return fmt.Errorf("train: %s: tensor %s is %v; the recipe's is %v", l.Path, prefix+p.Name, shape, p.Shape)
	}
	return n.Write(p, what, values)
}

// parameterNames lists a file's tensors that are parameters.
func parameterNames(f *safetensors.File) []string {
	var out []string
	for _, n := range f.Names() {
		if !strings.HasPrefix(n, momentumPrefix) && n != meanName {
			out = append(out, n)
		}
	}
	return out
}
