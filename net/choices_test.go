package net

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"alexnet/engine/enginetest"
)

// A given choice holds for other sizes of its problem where it fits them.
func TestGivenChoices(t *testing.T) {
	enginetest.ForgetChoices(t)
	d := enginetest.Open(t, "1")[0]
	kind := newTuning(d, &Net{}).kind
	n := &Net{Options: Options{Choices: map[string]string{kind + "nt 3 of 32": "b", kind + "nt 3 of 8": "c", "another device nt 4 of 8": "b", kind + "nt 5 of 8": "plain"}}}
	tune := newTuning(d, n)
	for _, c := range []struct {
		key, want string
		names     []string
	}{
		{"nt 3 of 32", "b", []string{"plain", "a", "b", "c"}},
		{"nt 3 of 8", "c", []string{"plain", "a", "b", "c"}},
		{"nt 3 of 1 by 7", "c", []string{"plain", "a", "b", "c"}},
		{"nt 3 of 32", "c", []string{"plain", "a", "c"}},
		{"nt 3 of 1", "", []string{"plain", "a"}},
		{"nt 5 of 8", "plain", []string{"matrix", "half"}}, // of which each was wrong
		{"nt 4 of 8", "", []string{"plain", "a", "b"}},
	} {
		if name := tune.known(c.key, c.names); name != c.want {
			t.Errorf("%s of %v: %q, want %q", c.key, c.names, name, c.want)
		}
	}
	tune.still = true
	if name := tune.known("nt 3 of 1", []string{"plain", "a"}); name != "a" {
		t.Errorf("where nothing is measured: %q", name)
	}
}

// What is chosen for one size of a batch changes nothing for another: a network of one
// image tries other kernels. One that is made of another to test with measures nothing.
func TestSizesAreChosenApart(t *testing.T) {
	tables := enginetest.ForgetChoices(t)
	devices := enginetest.Open(t, "1")
	table := func() string {
		files, err := filepath.Glob(tables)
		if err != nil || len(files) != 1 {
			t.Fatal(files, err)
		}
		text, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	build := func(batch int) *Net {
		n, err := Build(small(), devices, Options{Batch: batch, Training: batch > 1})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	n := build(4)
	before, choices := table(), n.Choices()
	if _, err := n.ForBatch(1); err != nil {
		t.Fatal(err)
	}
	if table() != before {
		t.Error("a network to test with changed the table of choices")
	}
	build(1)
	if table() == before {
		t.Error("nothing was chosen for one image")
	}
	for key, name := range build(4).Choices() {
		if choices[key] != name {
			t.Errorf("%s: %q, at first %q", key, name, choices[key])
		}
	}
}

// A network's kernels are chosen again beside what is remembered of others, and one that is
// given up leaves all as it was.
func TestAgain(t *testing.T) {
	tables := enginetest.ForgetChoices(t)
	devices := enginetest.Open(t, "1")
	build := func(o Options) error {
		o.Batch, o.form = 1, direct // the sums of a form that is chosen would be others each time
		_, err := Build(small(), devices, o)
		return err
	}
	if err := build(Options{}); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(tables)
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	table := func() map[string]string {
		text, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		var out map[string]string
		if err := json.Unmarshal(text, &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	old := table()
	old["nt of another network"] = "plain"
	text, err := json.Marshal(old)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(files[0], text, 0o644); err != nil {
		t.Fatal(err)
	}
	enough := errors.New("enough")
	if err := build(Options{Again: true, Tuning: func(Choosing) error { return enough }}); !errors.Is(err, enough) {
		t.Error(err)
	}
	if now := table(); !maps.Equal(now, old) {
		t.Errorf("given up it left %v of %v", now, old)
	}
	timed := map[string]string{"nt of another network": "plain"}
	if err := build(Options{Again: true, Timed: func(problem, candidate string, _ time.Duration, _ error) { timed[problem] = candidate }}); err != nil {
		t.Fatal(err)
	}
	now := table()
	for problem := range old {
		if timed[problem] == "" || now[problem] == "" {
			t.Errorf("%s: %q was timed, %q is remembered", problem, timed[problem], now[problem])
		}
	}
}
