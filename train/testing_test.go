package train

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"alexnet/engine"
	"alexnet/engine/enginetest"
)

// tiny is a two-column recipe on generated images that takes milliseconds a step.
const tiny = `
name = "tiny"
columns = 2

[data]
set = "generated"
batch = 8
size = 64
crop = 56
mean = "colour"
random_crop = true
mirror = true
colour = 0.1
train_images = 40
val_images = 20

[solver]
rate = 0.0005
schedule = "fixed"
max_steps = 12
max_epochs = 0

[validate]
every = 6

[checkpoint]
every = 3

[log]
every = 1

[[layer]]
name = "conv1"
type = "conv"
filters = 16
kernel = 8
stride = 8

[[layer]]
name = "relu1"
type = "relu"

[[layer]]
name = "norm1"
type = "lrn"

[[layer]]
name = "pool1"
type = "maxpool"
kernel = 3
stride = 2

[[layer]]
name = "gather2"
type = "gather"

[[layer]]
name = "fc2"
type = "dense"
units = 24

[[layer]]
name = "relu2"
type = "relu"

[[layer]]
name = "drop2"
type = "dropout"

[[layer]]
name = "gather3"
type = "gather"

[[layer]]
name = "fc3"
type = "dense"
units = 20

[[layer]]
name = "softmax"
type = "softmax"
`

func tinyConfig(t *testing.T, set ...string) *Config {
	t.Helper()
	c, err := DecodeConfig("tiny.toml", tiny, set)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// start begins or resumes a run of c in dir; messages may be nil.
func start(t *testing.T, c *Config, dir string, resume bool, devices []*engine.Device, messages *[]string) (*Trainer, error) {
	t.Helper()
	run := ""
	if resume {
		run = dir
	}
	sets, err := OpenSets(c, run)
	if err != nil {
		t.Fatal(err)
	}
	return Start(context.Background(), c, sets, devices, StartOptions{Run: dir, Resume: resume, OnMessage: func(m string) {
		if messages != nil {
			*messages = append(*messages, m)
		}
	}})
}

// run trains c in dir to its end.
func run(t *testing.T, c *Config, dir string, resume bool, devices []*engine.Device) *Trainer {
	t.Helper()
	tr, err := start(t, c, dir, resume, devices, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	if err := tr.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	return tr
}

func read(t *testing.T, parts ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// wants checks that an error, if wanted, says all of some words.
func wants(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; expected one with %q", words)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("error %q does not say %q", err, w)
		}
	}
}

func devices(t *testing.T, words ...string) []*engine.Device {
	t.Helper()
	return enginetest.Open(t, words...)
}
