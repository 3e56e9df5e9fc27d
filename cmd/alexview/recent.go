package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"alexnet/train"
	"alexnet/train/follow"
	"alexnet/train/monitor"
	"alexnet/viewer"
)

const (
	// most is how many runs the start page is given.
	most = 12
	// answering is how long a run's folder may take to say when it was written to, and
	// reading how long what is in it may take to be read.
	answering, reading = 2 * time.Second, 20 * time.Second
)

// found is the folder of a run.
type found struct {
	path    string
	answers bool        // or nothing else is known of it
	folder  os.FileInfo // nil: it is gone, or does not answer
	changed time.Time   // zero: it holds no run
}

// recent sums up the runs in the folder runs and those opened before, the newest
// first. What cannot be read is left out: it may be gone. Of what does not answer, such as a
// folder on a server that is down, that is said.
func recent(opened []string) ([]viewer.Recent, error) {
	paths, err := filepath.Glob(filepath.Join("runs", "*")) // and no further: a folder in it may not answer
	if err != nil {
		return nil, fmt.Errorf("runs: %w", err)
	}
	all := lookAt(append(paths, opened...))
	slices.SortStableFunc(all, func(x, y found) int { return y.changed.Compare(x.changed) })
	var out []viewer.Recent
	for _, r := range atOnce(all[:min(most, len(all))], found.sumUp) {
		if r != nil {
			out = append(out, *r)
		}
	}
	return out, nil
}

// atOnce does something with all, each on a goroutine of its own, and waits for them.
func atOnce[T, R any](all []T, do func(T) R) []R {
	out := make([]R, len(all))
	var group sync.WaitGroup
	for i, one := range all {
		group.Go(func() { out[i] = do(one) })
	}
	group.Wait()
	return out
}

// lookAt looks at folders, at all of them at once, and returns each run once.
func lookAt(paths []string) (out []found) {
	all := atOnce(paths, func(path string) found {
		f, _ := answerOf(answering, path, func() found { return look(path) })
		f.path = path
		return f
	})
	for _, f := range all {
		again := slices.ContainsFunc(out, func(o found) bool {
			return sameFolder(o.path, o.folder, f.path, f.folder)
		})
		if !again && !(f.answers && f.changed.IsZero()) {
			out = append(out, f)
		}
	}
	return out
}

// look looks when a run was last written to.
func look(path string) (f found) {
	f.answers = true
	f.folder, _ = os.Stat(path)
	for _, name := range []string{"recipe.toml", "log.jsonl"} {
		if info, err := os.Stat(filepath.Join(path, name)); err == nil {
			f.changed = info.ModTime()
		}
	}
	return f
}

// sumUp reads the run, or says that it does not answer; nil: it cannot be read.
func (f found) sumUp() *viewer.Recent {
	if f.answers {
		if r, ok := answerOf(reading, f.path, f.read); ok {
			return r
		}
	}
	notice := &monitor.Notice{Text: "Its folder does not answer. Is the server there that it lies on?"}
	return &viewer.Recent{Path: f.path, Name: filepath.Base(f.path), State: monitor.Stopped, Error: math.NaN(), Problem: notice}
}

// read reads the run; nil: it cannot be read.
func (f found) read() *viewer.Recent {
	s, err := follow.Peek(f.path)
	if err != nil {
		return nil
	}
	r := viewer.Summary(s)
	r.Path = f.path
	when := f.changed.Format("2 Jan 15:04")
	switch {
	case s.State.Live() && ours(f.path):
		r.Note = "training now, in this window"
	case s.State.Live():
		r.Note = "training now, in another process"
	case s.State == monitor.Finished:
		r.Note = "finished " + when
	default:
		r.Note = "stopped " + when
	}
	return &r
}

// ours says whether this process holds a run.
func ours(path string) bool {
	h, ok := train.HolderOf(path)
	return ok && h.PID == os.Getpid() && h.Here()
}

// silent are the folders that were asked and have not answered yet. They are not asked
// again: who asks waits in a thread of its own.
var silent sync.Map

// answerOf asks something about a folder and waits so long for the answer.
func answerOf[T any](limit time.Duration, path string, ask func() T) (answer T, ok bool) {
	if _, still := silent.Load(path); still {
		return answer, false
	}
	answers := make(chan T, 1)
	go func() {
		answers <- ask()
		silent.Delete(path)
	}()
	select {
	case answer = <-answers:
		return answer, true
	case <-time.After(limit):
	}
	silent.Store(path, true)
	select {
	case answer = <-answers: // in between, and who sent it may have deleted nothing
		silent.Delete(path)
		return answer, true
	default:
		return answer, false
	}
}
