package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"

	"alexnet/engine/whole"
)

// Tuner remembers which of several kernels is the fastest for a problem on one
// kind of device: in a file of the user's cache folder, from run to run.
type Tuner struct {
	path string // "" keeps nothing
	mu   sync.Mutex
	best map[string]string
}

// OpenTuner reads the table of a kind of device (Info.Key) and of a set of
// kernels, named by a fingerprint: other kernels, other choices. A missing or
// broken table is an empty one: a cache miss is not an error.
func OpenTuner(device *Info, kernels string) *Tuner {
	t := &Tuner{best: map[string]string{}}
	cache, err := os.UserCacheDir()
	if err != nil {
		return t
	}
	t.path = filepath.Join(cache, "alexnet", "tuning", device.Key()+"-"+kernels+".json")
	t.best = t.stored()
	return t
}

// stored reads the table from the file.
func (t *Tuner) stored() map[string]string {
	table := map[string]string{}
	if text, err := os.ReadFile(t.path); err == nil {
		if json.Unmarshal(text, &table) != nil || table == nil {
			table = map[string]string{}
		}
	}
	return table
}

// Known returns the remembered choice for a key if it is one of names, else "".
func (t *Tuner) Known(key string, names []string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if known := t.best[key]; slices.Contains(names, known) {
		return known
	}
	return ""
}

// ErrAbandon, wrapped by the error of a Tuner's try, ends a choice: not the candidate
// failed but the conditions under which it was tried, and nothing is remembered.
var ErrAbandon = errors.New("the choice of a kernel was given up")

// Choose returns the remembered choice for a key if it is one of names, or times every
// candidate and remembers the fastest. try runs one once, after it has compared its
// result with a reference: an error takes it out of the running. Where one of them lacked
// memory the choice is not remembered: there may be more the next time. ErrDeviceLost and
// ErrAbandon end the choice with that error.
func (t *Tuner) Choose(key string, names []string, try func(name string) (time.Duration, error)) (string, error) {
	if known := t.Known(key, names); known != "" {
		return known, nil
	}
	times := map[string]time.Duration{}
	var failed []error
	short := false
	best := time.Duration(1<<63 - 1)
	// Interleaved rounds, the minimum of each: other programs disturb a timing,
	// but never make one faster. What is far behind is not tried again.
	for range 3 {
		for _, n := range names {
			old, seen := times[n]
			if seen && (old < 0 || old > best*3/2) {
				continue
			}
			d, err := try(n)
			if errors.Is(err, ErrDeviceLost) || errors.Is(err, ErrAbandon) {
				return "", fmt.Errorf("engine: choose a kernel for %s: %w", key, err)
			}
			if err != nil {
				short = short || errors.Is(err, ErrMemory)
				failed = append(failed, fmt.Errorf("%s: %w", n, err))
				times[n] = -1
				continue
			}
			if !seen || d < old {
				times[n] = d
			}
			best = min(best, d)
		}
	}
	choice := ""
	for _, n := range names {
		if d := times[n]; d >= 0 && (choice == "" || d < times[choice]) {
			choice = n
		}
	}
	if choice == "" {
		return "", fmt.Errorf("engine: no kernel computes %s right: %w", key, errors.Join(failed...))
	}
	if short {
		return choice, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.change(func(table map[string]string) {
		// Another program may have chosen meanwhile: all go by the first choice.
		if other := table[key]; slices.Contains(names, other) && times[other] >= 0 {
			choice = other
		}
		table[key] = choice
	})
	return choice, nil
}

// Keep remembers choices, in place of others for the same keys.
func (t *Tuner) Keep(choices map[string]string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.change(func(table map[string]string) { maps.Copy(table, choices) })
}

// Forget drops all that is remembered.
func (t *Tuner) Forget() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	defer t.lock()()
	clear(t.best)
	if err := os.Remove(t.path); t.path != "" && err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("engine: forget the remembered kernels: %w", err)
	}
	return nil
}

// change changes the file's table, with what other programs have written there
// meanwhile, and takes it over. A file that cannot be written is only slower.
func (t *Tuner) change(edit func(table map[string]string)) {
	defer t.lock()()
	table := t.stored()
	edit(table)
	maps.Copy(t.best, table)
	text, err := json.MarshalIndent(table, "", "\t")
	if err != nil || t.path == "" {
		return
	}
	whole.WriteSoon(t.path, func(f *whole.File) error {
		_, err := f.Write(text)
		return err
	})
}

// lock keeps other programs from changing the file until unlock.
func (t *Tuner) lock() (unlock func()) {
	if t.path == "" || os.MkdirAll(filepath.Dir(t.path), 0o755) != nil {
		return func() {}
	}
	f, err := os.OpenFile(t.path+".lock", os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return func() {}
	}
	syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
	return func() { f.Close() }
}
