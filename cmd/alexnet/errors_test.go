package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is named and not there, or is something else, is told in a sentence and not in the
// system's words.
func TestErrorsAreSentences(t *testing.T) {
	dir := t.TempDir()
	none, file := filepath.Join(dir, "none"), filepath.Join(dir, "file.bin")
	if err := os.WriteFile(file, []byte(strings.Repeat("x", 100)), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		code int
		args []string
		want []string
	}{
		{1, []string{"runs", none}, []string{"there is no folder " + none, "the runs lie in"}},
		{1, []string{"runs", file}, []string{file + " is a file", "the runs lie in"}},
		{1, []string{"eval", none}, []string{"there is no " + none, "run directory or a checkpoint"}},
		{1, []string{"eval", file}, []string{file + ": it is not a safetensors file, as checkpoints"}},
		{2, []string{"predict", filepath.Join(dir, "cat.JPG"), none}, []string{"cat.JPG is an image by its name", "comes first"}},
		{2, []string{"similar", filepath.Join(dir, "cat.png"), none}, []string{"cat.png is an image by its name", "comes first"}},
		{1, []string{"bench", "--input", none}, []string{"there is no folder " + none + "; check --input"}},
		// Before anything is measured:
		{1, []string{"tune", "demo", "--out", dir}, []string{"alexnet: write the choices: " + dir + ": is a directory"}},
		{1, []string{"bench", "demo", "--profile", dir}, []string{"alexnet: profile: " + dir + ": is a directory"}},
	} {
		out, errs := alexnet(t, c.code, c.args...)
		has(t, errs, c.want...)
		if out != "" {
			t.Errorf("%v: it prints %q", c.args, out)
		}
		for _, raw := range []string{"stat ", "open ", "no such file"} {
			if strings.Contains(out+errs, raw) {
				t.Errorf("%v: %q is in %q", c.args, raw, errs)
			}
		}
	}
}
