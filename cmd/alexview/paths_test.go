package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestPaths: what is typed goes on with what is there, and begins as it was typed.
func TestPaths(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("HOME", filepath.Join(dir, "pets"))
	for _, folder := range []string{"pets/cat", "pets/dog", "pets/.hidden", "petrol"} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile("pet.txt", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("pets", "link"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		typed string
		want  []string
	}{
		{"pet", []string{"pet.txt", "petrol/", "pets/"}},
		{"pets/", []string{"pets/cat/", "pets/dog/"}},
		{"pets/.", []string{"pets/.hidden/"}},
		{"./pets/c", []string{"./pets/cat/"}},
		{"~/d", []string{"~/dog/"}},
		{dir + "/l", []string{dir + "/link/"}},
		{"none/", nil},
		{"fish", nil},
	} {
		if got := paths(c.typed); !slices.Equal(got, c.want) {
			t.Errorf("%s can become %q, want %q", c.typed, got, c.want)
		}
	}
}
