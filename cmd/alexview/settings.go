package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"alexnet/engine/whole"
	"alexnet/viewer"
)

// kept is what is remembered from one start to the next.
type kept struct {
	Settings viewer.Settings `json:"settings"`
	Opened   []string        `json:"opened"` // runs, the newest first

	mu sync.Mutex // Opened is read by a goroutine that lists runs
}

// folder is where settings are kept.
func folder() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("settings: %w", err)
	}
	return filepath.Join(dir, "alexnet"), nil
}

// load reads what was kept; nothing if it cannot be read: the window opens as at
// first.
func load() *kept {
	k := &kept{}
	dir, err := folder()
	if err != nil {
		return k
	}
	text, err := os.ReadFile(filepath.Join(dir, "alexview.json"))
	if err != nil || json.Unmarshal(text, k) != nil {
		return &kept{}
	}
	return k
}

func (k *kept) save() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	dir, err := folder()
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(k, "", "\t")
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err == nil {
		err = whole.WriteBytes(filepath.Join(dir, "alexview.json"), append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("settings are not kept: %w", err)
	}
	return nil
}

// remember puts a run first among those opened.
func (k *kept) remember(path string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if full, err := filepath.Abs(path); err == nil {
		path = full
	}
	k.Opened = append([]string{path}, slices.DeleteFunc(k.Opened, func(p string) bool { return p == path })...)
	k.Opened = k.Opened[:min(20, len(k.Opened))]
}

func (k *kept) paths() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.Opened)
}

// save keeps a file made of a run in the folder exports/RUN where the program was
// started, under a name that is free, and returns its whole path.
func save(run, name string, data []byte) (string, error) {
	dir, err := filepath.Abs(filepath.Join("exports", run))
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	extension := filepath.Ext(name)
	for i := 1; ; i++ {
		path := filepath.Join(dir, name)
		if i > 1 {
			path = filepath.Join(dir, fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, extension), i, extension))
		}
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if os.IsExist(err) {
			continue
		}
		if err != nil {
			return "", err
		}
		_, err = f.Write(data)
		if err = errors.Join(err, f.Close()); err != nil {
			os.Remove(path) // half of it is of no use
		}
		return path, err
	}
}
