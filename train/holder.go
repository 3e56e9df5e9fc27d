package train

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Holder is the process that trains a run, as it has written into the run's lock.
type Holder struct {
	PID   int
	Host  string    // the machine's name; empty: an older program did not write it
	Since time.Time // when it took the lock, by the file's clock
}

// writeHolder writes into a run's lock that this process holds it.
func writeHolder(lock *os.File) {
	host, _ := os.Hostname()
	text := fmt.Appendf(nil, "%d %s\n", os.Getpid(), host)
	lock.WriteAt(text, 0) // at first: who reads meanwhile finds a holder
	lock.Truncate(int64(len(text)))
}

// readHolder reads who has last written that it holds a run's lock.
func readHolder(lock *os.File) (h Holder, ok bool) {
	text, _ := io.ReadAll(io.LimitReader(lock, 512))
	pid, host, _ := strings.Cut(strings.TrimSpace(string(text)), " ")
	var err error
	if h.PID, err = strconv.Atoi(pid); err != nil || h.PID <= 0 {
		return Holder{}, false
	}
	h.Host = host
	if info, err := lock.Stat(); err == nil {
		h.Since = info.ModTime()
	}
	return h, true
}

// HolderOf tells which process trains a run that somebody trains; it does not look whether
// one does (Locked). False: the run's lock does not say.
func HolderOf(run string) (Holder, bool) {
	f, err := os.Open(filepath.Join(run, "lock"))
	if err != nil {
		return Holder{}, false
	}
	defer f.Close()
	return readHolder(f)
}

// String names the process for a sentence.
func (h Holder) String() string {
	if h.Host == "" {
		return fmt.Sprintf("process %d", h.PID)
	}
	return fmt.Sprintf("process %d on %s", h.PID, h.Host)
}

// Here says whether the process is one of this machine, by the machine's name.
func (h Holder) Here() bool {
	host, err := os.Hostname()
	return err == nil && h.Host == host
}

// Holds says whether the process is at the run still: it is one of this machine, the run's
// lock is held, and the process has the lock open. What a number in a lock alone says is not
// trusted, for another process may have that number by now, or another machine this name. A
// process of another user cannot be looked into and does not count.
func (h Holder) Holds(run string) bool {
	if !h.Here() || !Locked(run) {
		return false
	}
	lock, err := os.Stat(filepath.Join(run, "lock"))
	if err != nil {
		return false
	}
	files := filepath.Join("/proc", strconv.Itoa(h.PID), "fd")
	names, _ := os.ReadDir(files)
	for _, name := range names {
		if info, err := os.Stat(filepath.Join(files, name.Name())); err == nil && os.SameFile(lock, info) {
			return true
		}
	}
	return false
}

// interrupted are the processes that Interrupt has told to stop, a run of each: a second
// interrupt would end them at once, without a checkpoint.
var interrupted sync.Map

// Interrupted says whether Interrupt has told the process to stop.
func (h Holder) Interrupted() bool {
	_, told := interrupted.Load(h)
	return told
}

// Interrupt tells the process to stop, as Ctrl-C does: it finishes its step, writes a
// checkpoint and ends. It fails unless the process holds the run, and tells none twice.
func (h Holder) Interrupt(run string) error {
	process, err := os.FindProcess(h.PID) // first: from here on it is this process, whatever its number is used for later
	if err != nil {
		return fmt.Errorf("train: %v, which trains %s: %w", h, run, err)
	}
	defer process.Release()
	if !h.Holds(run) {
		return fmt.Errorf("train: %v no longer trains %s, or is another user's: stop it where it was started", h, run)
	}
	if _, told := interrupted.LoadOrStore(h, true); told {
		return errors.New("train: it was told to stop already: it finishes its step and writes a checkpoint")
	}
	if err := process.Signal(os.Interrupt); err != nil {
		interrupted.Delete(h)
		return fmt.Errorf("train: %v, which trains %s, cannot be told to stop: %w", h, run, err)
	}
	return nil
}
