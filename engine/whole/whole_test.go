package whole

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// content is a file's; "" if there is none.
func content(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return string(b)
}

// only fails where a folder holds other files than these.
func only(t *testing.T, dir string, names ...string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil || len(list) != len(names) {
		t.Fatalf("%v: %v, want %v", err, list, names)
	}
	for i, name := range names {
		if list[i].Name() != name {
			t.Errorf("%v, want %v", list, names)
		}
	}
}

// Until it is complete a file is not there, and what had its name stays.
func TestWrite(t *testing.T) {
	for name, write := range map[string]func(string, func(*File) error) error{"Write": Write, "WriteSoon": WriteSoon} {
		dir := t.TempDir()
		path, why := filepath.Join(dir, "file"), errors.New("why")
		put := func(text string, fails error) error {
			return write(path, func(f *File) error {
				if _, err := f.Write([]byte("....")); err != nil {
					return err
				}
				if _, err := f.Seek(0, 0); err != nil {
					return err
				}
				if _, err := f.Write([]byte(text)); err != nil {
					return err
				}
				return fails
			})
		}
		if err := put("half", why); err != why || content(t, path) != "" {
			t.Errorf("%s: %v, %q", name, err, content(t, path))
		}
		only(t, dir)
		if err := put("first", nil); err != nil || content(t, path) != "first" {
			t.Errorf("%s: %v, %q", name, err, content(t, path))
		}
		if err := put("other", why); err != why || content(t, path) != "first" {
			t.Errorf("%s: %v, %q", name, err, content(t, path))
		}
		if err := put("2nd!", nil); err != nil || content(t, path) != "2nd!" {
			t.Errorf("%s: %v, %q", name, err, content(t, path))
		}
		only(t, dir, "file")
	}
}

// A link stays one, and what is written to a pipe goes there.
func TestWriteElsewhere(t *testing.T) {
	dir, far := t.TempDir(), filepath.Join(t.TempDir(), "far")
	link, pipe := filepath.Join(dir, "link"), filepath.Join(dir, "pipe")
	if err := errors.Join(os.WriteFile(far, nil, 0o644), os.Symlink(far, link), syscall.Mkfifo(pipe, 0o644)); err != nil {
		t.Fatal(err)
	}
	if err := WriteBytes(link, []byte("x")); err != nil || content(t, far) != "x" {
		t.Errorf("%v, %q", err, content(t, far))
	}
	read := make(chan string)
	go func() { read <- content(t, pipe) }()
	if err := WriteBytes(pipe, []byte("y")); err != nil {
		t.Error(err)
	}
	if got := <-read; got != "y" {
		t.Errorf("%q came through", got)
	}
	only(t, dir, "link", "pipe")
}

// What a killed process leaves is removed, and nothing else: brackets in a folder's name
// are no pattern.
func TestClean(t *testing.T) {
	top := t.TempDir()
	dir, other := filepath.Join(top, "cat[2]"), filepath.Join(top, "cat2")
	for _, d := range []string{dir, other} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
		if _, err := Create(filepath.Join(d, "half")); err != nil {
			t.Fatal(err)
		}
	}
	if err := WriteBytes(filepath.Join(dir, "whole"), []byte("x")); err != nil {
		t.Fatal(err)
	}
	Clean(dir)
	only(t, dir, "whole")
	if left, err := os.ReadDir(other); err != nil || len(left) != 1 {
		t.Errorf("in the folder beside: %v, %v", left, err)
	}
}

// Errors name the file that is wanted, not the temporary one.
func TestErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none", "file")
	if err := WriteBytes(path, nil); err == nil || err.Error() != path+": no such file or directory" {
		t.Error(err)
	}
	taken := t.TempDir()
	if err := WriteBytes(taken, nil); err == nil || !strings.HasPrefix(err.Error(), taken+": ") || strings.Contains(err.Error(), ".tmp") {
		t.Error(err)
	}
	only(t, taken)
	for path, why := range map[string]string{path: "no such file or directory", taken: "is a directory"} {
		for what, err := range map[string]error{"Check": Check(path), "WriteBytes": WriteBytes(path, nil)} {
			if err == nil || err.Error() != path+": "+why {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
	for _, full := range []error{syscall.ENOSPC, syscall.EDQUOT} {
		if err := Cause(&os.PathError{Op: "write", Path: "x", Err: full}); err != ErrDiskFull {
			t.Error(err)
		}
	}
}

// What can be written is not there for that, and what was there stays.
func TestCheck(t *testing.T) {
	dir := t.TempDir()
	path, pipe := filepath.Join(dir, "file"), filepath.Join(dir, "pipe")
	if err := errors.Join(Check(path), Check(os.DevNull)); err != nil {
		t.Error(err)
	}
	only(t, dir)
	if err := errors.Join(os.WriteFile(path, []byte("old"), 0o644), syscall.Mkfifo(pipe, 0o644), Check(path), Check(pipe)); err != nil || content(t, path) != "old" {
		t.Errorf("%v, %q", err, content(t, path))
	}
	only(t, dir, "file", "pipe")
}

// Text of arrows stays readable.
func TestJSON(t *testing.T) {
	if text, err := JSON(map[string]string{"3x3 -> 1x1": "a & b"}); err != nil || string(text) != "{\n\t\"3x3 -> 1x1\": \"a & b\"\n}\n" {
		t.Errorf("%q, %v", text, err)
	}
}

// A disk that fills up is named as that, and keeps what it had. It takes the right to
// mount a small one.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", 2*os.Getpagesize())); err != nil {
		t.Skip("cannot mount a small disk:", err)
	}
	defer syscall.Unmount(dir, 0)
	path := filepath.Join(dir, "file")
	if err := WriteBytes(path, []byte("first")); err != nil {
		t.Fatal(err)
	}
	if err := WriteBytes(path, make([]byte, 20_000)); !errors.Is(err, ErrDiskFull) || !strings.HasPrefix(err.Error(), path+": ") {
		t.Error(err)
	}
	if content(t, path) != "first" {
		t.Error("what was there is lost")
	}
	only(t, dir, "file")
}
