package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestSave: what is exported of a run lies in a folder of the run's own, under a name
// that was free, and what is said is its whole path.
func TestSave(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, c := range []struct{ run, want string }{
		{"pets-1", "exports/pets-1/curves.csv"}, {"pets-1", "exports/pets-1/curves-2.csv"}, {"pets-2", "exports/pets-2/curves.csv"}, {"", "exports/curves.csv"},
	} {
		path, err := save(c.run, "curves.csv", []byte(c.want))
		if err != nil || path != filepath.Join(dir, c.want) {
			t.Errorf("of run %q: %s, %v; want %s", c.run, path, err, c.want)
		}
		if text, err := os.ReadFile(path); err != nil || string(text) != c.want {
			t.Errorf("%s holds %q, %v", path, text, err)
		}
	}
}

// TestSaveOnAFullDisk: half a file is not left. It takes the right to mount a small disk.
func TestSaveOnAFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", 2*os.Getpagesize())); err != nil {
		t.Skip("cannot mount a small disk:", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, 0) })
	t.Chdir(dir)
	if _, err := save("run", "curves.csv", make([]byte, 40_000)); !errors.Is(err, syscall.ENOSPC) {
		t.Error(err)
	}
	if left, err := os.ReadDir("exports/run"); err != nil || len(left) > 0 {
		t.Errorf("left are %v, %v", left, err)
	}
}
