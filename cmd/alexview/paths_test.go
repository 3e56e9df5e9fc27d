package main

import (
	"errors"
	"image"
	"image/png"
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

// TestFindHome: what the tabulator completes can be opened: paths that begin with ~, too.
func TestFindHome(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	makeRun(t, filepath.Join(dir, "my-run"), 20)
	picture, err := os.Create(filepath.Join(dir, "cat.png"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(png.Encode(picture, image.NewGray(image.Rect(0, 0, 8, 8))), picture.Close()); err != nil {
		t.Fatal(err)
	}
	if found, err := find([]string{"~/my-run"}); err != nil || found.Run != filepath.Join(dir, "my-run") {
		t.Errorf("a run: %+v, %v", found, err)
	}
	found, err := find([]string{"~/cat.png"})
	if err != nil || len(found.Pictures) != 1 || found.Pictures[0].Path != filepath.Join(dir, "cat.png") {
		t.Errorf("an image: %+v, %v", found, err)
	}
}

// TestSame: a folder is the same by whatever path.
func TestSame(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("HOME", dir)
	for _, folder := range []string{"run", "other"} {
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("run", "link"); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{"run": true, "other/../run/": true, "link": true, "~/run": true, filepath.Join(dir, "link"): true, "other": false, "none": false} {
		if same("run", path) != want || same(path, "run") != want {
			t.Errorf("run and %s: the same: %t", path, !want)
		}
	}
	if !same("planned", "./planned") || same("planned", "plan") {
		t.Error("folders that are not made yet go by their names")
	}
	silent.Store("run", true)
	defer silent.Delete("run")
	if !same("run", "./run") || same("run", "link") {
		t.Error("a folder that does not answer goes by its name")
	}
}
