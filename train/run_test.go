package train

import (
	"context"
	"encoding/json"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"alexnet/net"
)

// logged decodes a run's log.
func logged(t *testing.T, dir string) (train, val []map[string]any) {
	t.Helper()
	for _, line := range strings.Split(strings.TrimSpace(read(t, dir, "log.jsonl")), "\n") {
		var l map[string]any
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err, line)
		}
		switch l["kind"] {
		case "val":
			val = append(val, l)
		case "train":
			train = append(train, l)
		}
	}
	return train, val
}

// A run logs each step and validation, keeps checkpoints and ends with both.
func TestRunLogsAndEnds(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	run(t, tinyConfig(t), dir, false, devices(t, "1"))
	train, val := logged(t, dir)
	if len(train) != 12 || len(val) != 2 || val[1]["step"] != 12.0 {
		t.Fatalf("%d lines of training, %d of validation", len(train), len(val))
	}
	for _, key := range []string{"step", "epoch", "loss", "rate", "images_per_second"} {
		if v, ok := train[11][key].(float64); !ok || v <= 0 {
			t.Errorf("a line of training has %s %v", key, train[11][key])
		}
	}
	if e := train[11]["epoch"].(float64); math.Abs(e-12*8.0/40) > 1e-9 {
		t.Errorf("epoch %v after 96 of 40 images", e)
	}
	for _, key := range []string{"loss", "top1_error", "top5_error"} {
		if _, ok := val[1][key].(float64); !ok {
			t.Errorf("a line of validation has %s %v", key, val[1][key])
		}
	}
	l, _, err := FindCheckpoint(dir)
	if err != nil || l.Step != 12 || len(l.History) != 2 || len(l.Classes) != 20 || len(l.Choices) == 0 {
		t.Errorf("%v %+v", err, l)
	}
	l.Close()
}

// The rate drops when the validation error stays, and the run ends with the
// plateau behind the last drop. A rate of next to nothing keeps the error where it is.
func TestPlateauThroughARun(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	c := tinyConfig(t, "solver.schedule=plateau", "solver.patience=2", "solver.drops=2", "solver.rate=1e-12", "solver.max_steps=1000", "validate.every=1")
	tr, err := start(t, c, dir, false, devices(t, "1"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	var messages []string
	tr.OnMessage = func(m string) { messages = append(messages, m) }
	if err := tr.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	train, val := logged(t, dir)
	if len(val) != len(train) {
		t.Errorf("%d validations after %d steps", len(val), len(train))
	}
	var rates []float64
	for _, l := range train {
		rates = append(rates, l["rate"].(float64)*1e12)
	}
	want := []float64{1, 1, 1, 0.1, 0.1, 0.01, 0.01}
	if len(rates) != len(want) {
		t.Fatalf("rates %v; expected %v", rates, want)
	}
	for i := range want {
		if math.Abs(rates[i]/want[i]-1) > 1e-9 {
			t.Fatalf("rates %v; expected %v", rates, want)
		}
	}
	if len(messages) != 2 {
		t.Errorf("said %q", messages)
	}
}

// Numbers that explode stop the run with a sentence, and what was saved before
// stays finite.
// A step whose loss is finite can leave parameters that are not: the validation
// behind it says so, and counts for nothing.
func TestExplosionBeforeAValidation(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	c := tinyConfig(t, "validate.every=1", "solver.rate=1e30", "solver.decay=1e20", "solver.max_steps=3")
	tr, err := start(t, c, dir, false, devices(t, "1"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	wants(t, tr.Run(context.Background()), "step 1", "NaN or Inf", "layer ")
	if _, val := logged(t, dir); len(val) != 0 || len(tr.history) != 0 {
		t.Errorf("validations %v", val)
	}
}

func TestExplosionKeepsTheLastFiniteCheckpoint(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	c := tinyConfig(t, "checkpoint.every=1", "solver.warmup=0", "solver.schedule=step", "solver.rate=1e-4", "solver.factor=1", "solver.max_steps=3")
	run(t, c, dir, false, devices(t, "1"))
	c, _, err := ResumeConfig(dir, "", []string{"solver.rate=1e25", "solver.max_steps=50"})
	if err != nil {
		t.Fatal(err)
	}
	tr, err := start(t, c, dir, true, devices(t, "1"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	err = tr.Run(context.Background())
	wants(t, err, "NaN or Inf", "layer ", "--resume", "solver.rate=")
	for now, want := range map[float64]float64{1e25: 1e-4, 1e-4: 1e-5, 1e-5: 1e-6} {
		first, err := LoadCheckpoint(filepath.Join(dir, "checkpoints", "step-00000003.safetensors"))
		if err != nil {
			t.Fatal(err)
		}
		if got := first.saferRate(now); got != want {
			t.Errorf("after %g it goes on with %g, want %g", now, got, want)
		}
		first.Close()
	}
	for _, path := range checkpoints(filepath.Join(dir, "checkpoints")) {
		l, err := LoadCheckpoint(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range l.file.Names() {
			if values, err := l.file.Floats(name); err != nil || !finite(values) {
				t.Errorf("%s: %s is not finite (%v)", path, name, err)
			}
		}
		l.Close()
	}
}

func TestMaxMinutesAndEpochs(t *testing.T) {
	for asked := 20; asked < 32; asked++ { // times that the trainer looks at the clock before the minute is over
		c := tinyConfig(t, "solver.max_steps=0", "solver.max_minutes=1")
		tr, err := start(t, c, filepath.Join(t.TempDir(), "run"), false, devices(t, "1"), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer tr.Close()
		began, left := time.Now(), asked
		tr.clock = func() time.Time {
			if left--; left > 0 {
				return began
			}
			return began.Add(61 * time.Second)
		}
		if err := tr.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		if tr.Step() == 0 || !tr.Done() {
			t.Errorf("%d steps in a minute, the last validation is %v", tr.Step(), tr.history)
		}
	}
	tr := run(t, tinyConfig(t, "solver.max_steps=0", "solver.max_epochs=1.5"), filepath.Join(t.TempDir(), "b"), false, devices(t, "1"))
	if tr.Step() != 8 { // 60 images, 8 a step
		t.Errorf("%d steps in 1.5 epochs of 40 images", tr.Step())
	}
}

func TestClassesMustFitTheNetwork(t *testing.T) {
	_, err := OpenSets(tinyConfig(t, "layer.fc3.units=7"), "")
	wants(t, err, "20 classes", "7 outputs", "layer.fc3.units=20")
}

func TestNothingThatIsNotFiniteIsSaved(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	tr, err := start(t, tinyConfig(t), dir, false, devices(t, "1"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	p := tr.Net.Params[2] // fc2.weight
	values, err := tr.Net.Read(p, net.Value)
	if err != nil {
		t.Fatal(err)
	}
	values[5] = float32(math.Inf(1))
	if err := tr.Net.Write(p, net.Value, values); err != nil {
		t.Fatal(err)
	}
	wants(t, tr.save(), "fc2.weight")
	if left := checkpoints(tr.Dir.Checkpoints()); len(left) > 0 {
		t.Errorf("%v was written", left)
	}
}
