package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
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
	path string        // "" keeps nothing
	lost error         // why it does not
	warm time.Duration // for so long a device must be busy to run at full speed
	anew bool          // what the file has is no choice yet
	mu   sync.Mutex
	best map[string]string
}

// A GPU that was idle while the host compared results may run at a third of its speed for
// half a second: it is kept busy before kernels are timed on it.
const (
	warmUp     = 200 * time.Millisecond // at least
	warmRuns   = 1000                   // runs of the problem, if those take less
	settleMost = 10                     // times as long where it does not become steady
)

// Candidates are timed in so many rounds, at least the one and at most the other, and
// between them until so much time has passed. Where the best takes less than shortTime
// the least is enough: another choice would save nothing.
const (
	leastRounds = 3
	mostRounds  = 12
	timingTime  = 200 * time.Millisecond
	shortTime   = time.Millisecond
)

// OpenTuner reads the table of a kind of device (Info.Key) and of a set of
// kernels, named by a fingerprint: other kernels, other choices. A missing or
// broken table is an empty one: a cache miss is not an error.
func OpenTuner(device *Info, kernels string) *Tuner {
	t := &Tuner{best: map[string]string{}}
	if !device.CPU() {
		t.warm = warmUp
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.lost = err
		return t
	}
	t.path = filepath.Join(cache, "alexnet", "tuning", device.Key()+"-"+kernels+".json")
	t.best = t.stored()
	return t
}

// ChooseAnew lets no choice count that this Tuner has not made itself. What is remembered
// stays, for other programs, until another choice takes its place.
func (t *Tuner) ChooseAnew() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.anew = true
	clear(t.best)
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

// Lost says why what is chosen cannot be remembered; nil if it can.
func (t *Tuner) Lost() error {
	if t.path == "" {
		return t.lost
	}
	if err := os.MkdirAll(filepath.Dir(t.path), 0o755); err != nil {
		return fmt.Errorf("%s: %w", t.path, whole.Cause(err))
	}
	return whole.Check(t.path)
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
	r := comparison{key: key, names: names, try: try, times: map[string]time.Duration{}, best: math.MaxInt64}
	if err := r.run(t.warm); err != nil {
		return "", err
	}
	times := r.times
	choice := ""
	for _, n := range names {
		if d := times[n]; d >= 0 && (choice == "" || d < times[choice]) {
			choice = n
		}
	}
	if choice == "" {
		return "", fmt.Errorf("engine: no kernel computes %s right: %w", key, errors.Join(r.failed...))
	}
	if r.short {
		return choice, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.change(func(table map[string]string) {
		// Another program may have chosen meanwhile: all go by the first choice.
		if other := table[key]; !t.anew && slices.Contains(names, other) && times[other] >= 0 {
			choice = other
		}
		table[key] = choice
	})
	t.best[key] = choice
	return choice, nil
}

// comparison times candidates.
type comparison struct {
	key   string
	names []string
	try   func(name string) (time.Duration, error)

	times  map[string]time.Duration // the least of each; -1: out of the running
	best   time.Duration            // of all
	failed []error
	short  bool // of memory
}

// run times the candidates in interleaved rounds and takes the minimum of each: other
// programs disturb a timing, but never make one faster. What is far behind is not tried
// again: where one is left it has won.
func (r *comparison) run(warm time.Duration) error {
	if err := r.settle(warm); err != nil {
		return err
	}
	var start time.Time // of the second round: the first compiles and compares
	for i := 1; i <= mostRounds; i++ {
		times, err := r.round()
		if err != nil {
			return err
		}
		if i == 1 {
			start = time.Now()
		}
		if len(times) < 2 || i >= leastRounds && (r.best < shortTime || time.Since(start) > timingTime) {
			break
		}
	}
	return nil
}

// settle runs every candidate once, which compiles it and compares its result, and then
// those in the running until the device has been busy for a while and takes hardly longer
// for any than it ever did: for a problem of microseconds not as long as for others. What
// it took meanwhile does not count.
func (r *comparison) settle(warm time.Duration) error {
	if warm == 0 {
		return nil
	}
	least, start := map[string]time.Duration{}, time.Time{}
	for {
		times, err := r.round()
		if err != nil {
			return err
		}
		if len(times) == 0 { // none is right
			return nil
		}
		steady := true
		for name, took := range times {
			if old, seen := least[name]; !seen || took < old {
				least[name] = took
			}
			steady = steady && took <= least[name]*6/5
		}
		if start.IsZero() {
			start, warm = time.Now(), min(warm, r.best*warmRuns)
			continue
		}
		if busy := time.Since(start); busy > settleMost*warm || steady && busy > warm {
			break
		}
	}
	for name, took := range least {
		if r.times[name] >= 0 && took <= 10*r.best { // farther behind, it is not tried again
			delete(r.times, name)
		} else {
			r.times[name] = -1
		}
	}
	r.best = math.MaxInt64
	return nil
}

// round times each candidate once that is not far behind, and returns the times.
func (r *comparison) round() (map[string]time.Duration, error) {
	now := map[string]time.Duration{}
	for _, n := range r.names {
		old, seen := r.times[n]
		if seen && (old < 0 || old > r.best/2*3) {
			continue
		}
		d, err := r.try(n)
		if errors.Is(err, ErrDeviceLost) || errors.Is(err, ErrAbandon) {
			return nil, fmt.Errorf("engine: choose a kernel for %s: %w", r.key, err)
		}
		if err != nil {
			r.short = r.short || errors.Is(err, ErrMemory)
			r.failed = append(r.failed, fmt.Errorf("%s: %w", n, err))
			r.times[n] = -1
			continue
		}
		if !seen || d < old {
			r.times[n] = d
		}
		now[n] = d
		r.best = min(r.best, d)
	}
	return now, nil
}

// Keep remembers choices, in place of others for the same keys.
func (t *Tuner) Keep(choices map[string]string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.change(func(table map[string]string) { maps.Copy(table, choices) })
}

// change changes the file's table, with what other programs have written there
// meanwhile, and takes it over, but where all is chosen anew. A file that cannot be written
// is only slower.
func (t *Tuner) change(edit func(table map[string]string)) {
	defer t.lock()()
	table := t.stored()
	edit(table)
	if !t.anew {
		maps.Copy(t.best, table)
	}
	text, err := whole.JSON(table)
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
