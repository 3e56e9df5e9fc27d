package follow

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sort"

	"alexnet/train"
	"alexnet/train/monitor"
)

// atOnce is how many files are read before what they hold is shown.
const atOnce = 32

// shots reads the first layer out of checkpoints and snapshots as they come, and
// keeps what a trainer removes again. Maps stay in the snapshots' files.
type shots struct {
	run     string
	weight  string // of the first layer
	columns int
	every   int // steps from one snapshot to the next, by the recipe

	list    []*monitor.Shot // by step; replaced, never changed
	pasts   []*monitor.Past // the same
	events  []monitor.Event
	seen    map[string]bool
	tries   map[string]int
	notices []monitor.Notice

	before  map[int]int // of a snapshot's step: that of the one before
	missing []int       // steps of snapshots that are gone
	none    bool        // there are checkpoints and no snapshots, though the run keeps some
}

// patience is how often an unreadable file is tried: on a mounted folder it may come
// in pieces.
const patience = 8

// read looks for new files and says whether there are more than it has read.
func (s *shots) read(epochOf func(int) float64) (more bool) {
	if s.seen == nil {
		s.seen, s.tries, s.before = map[string]bool{}, map[string]int{}, map[int]int{}
	}
	count, listed := 0, true
	for _, kind := range []string{"checkpoint", "snapshot"} {
		dir := filepath.Join(s.run, kind+"s")
		files, err := train.StepFiles(dir)
		listed = listed && (err == nil || errors.Is(err, os.ErrNotExist))
		if kind == "snapshot" && listed { // else they may be there all the same
			s.forget(dir, files)
		}
		for _, path := range files {
			step, err := train.StepOf(path)
			if s.seen[path] || err != nil {
				continue // or not a file of ours
			}
			if count++; count > atOnce {
				return true
			}
			s.readOne(kind, path, step, epochOf(step))
		}
	}
	if !listed {
		return false
	}
	files := train.SnapshotFiles(s.run)
	s.missing = train.MissingSnapshots(files, s.before, s.every)
	s.none = s.every > 0 && len(files) == 0 && len(s.events) > 0
	return false
}

// readOne reads a checkpoint or a snapshot.
func (s *shots) readOne(kind, path string, step int, epoch float64) {
	shot, err := train.ReadShot(path, s.weight, s.columns)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return // removed meanwhile
	case err != nil:
		if s.tries[path]++; s.tries[path] < patience {
			return
		}
		s.notices = append(s.notices, monitor.Notice{Text: fmt.Sprintf("The %s of step %s cannot be read and is left out.", kind, monitor.Count(step))})
	case kind == "checkpoint":
		s.events = insert(s.events, train.FileEvent(path, step, epoch), func(e monitor.Event) int { return e.Step })
	default:
		if before, ok := train.SnapshotBefore(path); ok {
			s.before[step] = before
		}
		s.pasts = insert(s.pasts, train.NewPast(path, step, epoch, s.columns), func(p *monitor.Past) int { return p.Step })
	}
	s.seen[path] = true
	if shot == nil || slices.ContainsFunc(s.list, func(o *monitor.Shot) bool { return o.Step == step }) {
		return
	}
	shot.Step, shot.Epoch = step, epoch
	s.list = monitor.KeepShots(insert(s.list, shot, func(o *monitor.Shot) int { return o.Step }))
}

// newest is the last step that a file is of; 0: there is none.
func (s *shots) newest() (step int) {
	if n := len(s.events); n > 0 {
		step = s.events[n-1].Step
	}
	if n := len(s.pasts); n > 0 {
		step = max(step, s.pasts[n-1].Step)
	}
	return step
}

// forget drops the maps of snapshots that are no more in their folder: their files were
// thinned out. Those of a folder that comes back, as a mounted one may, are new ones.
func (s *shots) forget(dir string, files []string) {
	there := map[int]bool{}
	for _, path := range files {
		if step, err := train.StepOf(path); err == nil {
			there[step] = true
		}
	}
	gone := func(p *monitor.Past) bool { return !there[p.Step] }
	if !slices.ContainsFunc(s.pasts, gone) {
		return
	}
	s.pasts = slices.DeleteFunc(slices.Clone(s.pasts), gone)
	maps.DeleteFunc(s.seen, func(path string, _ bool) bool {
		step, err := train.StepOf(path)
		return filepath.Dir(path) == dir && err == nil && !there[step]
	})
}

// insert puts an element at its step's place in a new list.
func insert[T any](list []T, e T, stepOf func(T) int) []T {
	at := sort.Search(len(list), func(i int) bool { return stepOf(list[i]) >= stepOf(e) })
	return slices.Insert(slices.Clone(list), at, e)
}
