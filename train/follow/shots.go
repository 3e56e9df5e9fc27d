package follow

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"alexnet/net"
	"alexnet/train/monitor"
	"alexnet/train/safetensors"
)

// most is how many shots of the first layer are kept: 140 kB each for the
// paper's. When there are more, every second is dropped, but for the first and
// the newest.
const most = 400

// shots reads the first layer out of checkpoints as they come, and keeps what a
// trainer removes again.
type shots struct {
	dir     string
	layer   string // the first layer's name; empty: it has no kernels to show
	columns int

	list    []*monitor.Shot // by step; replaced, never changed
	events  []monitor.Event
	seen    map[string]bool
	tries   map[string]int
	notices []monitor.Notice
}

// patience is how often an unreadable checkpoint is tried: on a mounted folder a
// file may come in pieces.
const patience = 8

// read looks for new checkpoints.
func (s *shots) read(epochOf func(int) float64) {
	files, err := filepath.Glob(filepath.Join(s.dir, "step-*.safetensors"))
	if err != nil {
		return // only a bad pattern can fail
	}
	if s.seen == nil {
		s.seen, s.tries = map[string]bool{}, map[string]int{}
	}
	sort.Strings(files)
	for _, path := range files {
		name := filepath.Base(path)
		if s.seen[name] {
			continue
		}
		step, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(name, "step-"), ".safetensors"))
		if err != nil {
			continue // not a checkpoint of ours
		}
		shot, err := s.shot(path, step)
		if errors.Is(err, os.ErrNotExist) {
			continue // removed meanwhile
		}
		if err != nil {
			if s.tries[name]++; s.tries[name] < patience {
				continue
			}
			s.notices = append(s.notices, monitor.Notice{Text: fmt.Sprintf("The checkpoint of step %s cannot be read and is left out.", monitor.Count(step))})
		}
		s.seen[name] = true
		s.add(shot, step, epochOf(step), err == nil)
	}
}

// add puts a shot at its place in a new list.
func (s *shots) add(shot *monitor.Shot, step int, epoch float64, whole bool) {
	if whole {
		at := sort.Search(len(s.events), func(i int) bool { return s.events[i].Step >= step })
		e := monitor.Event{Kind: monitor.Checkpointed, Step: step, Epoch: epoch, Short: "checkpoint", Text: "Checkpoint saved"}
		s.events = append(append(append([]monitor.Event(nil), s.events[:at]...), e), s.events[at:]...)
	}
	if shot == nil {
		return
	}
	shot.Epoch = epoch
	at := sort.Search(len(s.list), func(i int) bool { return s.list[i].Step >= step })
	s.list = append(append(append([]*monitor.Shot(nil), s.list[:at]...), shot), s.list[at:]...)
	if len(s.list) > most {
		s.list = thin(s.list)
	}
}

// thin drops every second shot.
func thin(list []*monitor.Shot) []*monitor.Shot {
	var out []*monitor.Shot
	for i, shot := range list {
		if i%2 == 0 || i == len(list)-1 {
			out = append(out, shot)
		}
	}
	return out
}

// shot reads the first layer; nil if it has no kernels of three colours.
func (s *shots) shot(path string, step int) (*monitor.Shot, error) {
	f, err := safetensors.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	name := s.layer + ".weight"
	shape := f.Shape(name)
	if s.layer == "" || len(shape) != 4 || shape[1] != 3 || shape[2] != shape[3] {
		return nil, nil
	}
	values, err := f.Floats(name)
	if err != nil {
		return nil, err
	}
	k := &monitor.Kernels{Values: values, Size: shape[2], Columns: net.Deal(shape[0], s.columns)}
	out := &monitor.Shot{Step: step, Kernels: k, Figures: k.ColumnFigures()}
	if velocity, err := f.Floats("momentum." + name); err == nil && len(velocity) == len(values) {
		out.Velocity = velocity
	}
	return out, nil
}
