package train

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"

	"alexnet/engine/whole"
	"alexnet/net"
	"alexnet/train/monitor"
	"alexnet/train/safetensors"
)

// snapshotShare: snapshots take at most one part in so many of the time.
const snapshotShare = 200

// Names of what a snapshot holds beside the first layer's kernels and their momentum,
// which have a checkpoint's names.
const (
	snapshotKey       = "snapshot" // of the metadata: a snapshotNote
	mapsPrefix        = "maps."    // of each layer with weights, (unit, y, x), in float16
	imageName         = "image"    // that the network saw, (y, x, colour), in bytes
	probabilitiesName = "probabilities"
)

// snapshotNote is what a snapshot tells beside its tensors.
type snapshotNote struct {
	Step  int    `json:"step"`
	Title string `json:"title"`
	Label int    `json:"label"`
	// Before is the step of the snapshot before this one, of which it tells that it was
	// there; nil: this is the first.
	Before *int `json:"before,omitempty"`
}

// snapshots writes what a run keeps to be looked back at.
type snapshots struct {
	interval int       // steps from one to the next; 0: not known yet
	due      time.Time // before which none is written
	told     bool      // its user knows that none can be written

	spent   time.Duration // on all that were made
	written int
}

// SnapshotFile is a snapshot in a run's folder.
type SnapshotFile struct {
	Path string
	Step int
	Size int64
}

// SnapshotFiles lists the snapshots of a run by step.
func SnapshotFiles(run string) (out []SnapshotFile) {
	files, _ := StepFiles(filepath.Join(run, "snapshots")) // in a folder that cannot be read there are none
	for _, path := range files {
		step, err := StepOf(path)
		info, gone := os.Stat(path)
		if err == nil && gone == nil {
			out = append(out, SnapshotFile{path, step, info.Size()})
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Step < out[j].Step })
	return out
}

// StepOf reads the step from the name of a checkpoint or a snapshot.
func StepOf(path string) (int, error) {
	return strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), "step-"), ".safetensors"))
}

// snapshotDue says whether a snapshot comes behind a step.
func (t *Trainer) snapshotDue(step int) bool {
	every := t.Config.Snapshots.Every
	if t.Dir == nil || every == 0 || step%every != 0 {
		return false
	}
	if t.kept.interval == 0 {
		t.kept.interval = keptInterval(SnapshotFiles(t.Dir.Path), every)
	}
	return step%t.kept.interval == 0 && !t.clock().Before(t.kept.due)
}

// keptInterval is how far apart a run's snapshots are after those that were thinned
// out before: a multiple of every by a power of two. The last one of a run that ended
// between two does not count.
func keptInterval(files []SnapshotFile, every int) int {
	divisor := 0
	for _, f := range files {
		if f.Step%every == 0 {
			divisor = gcd(divisor, f.Step)
		}
	}
	interval := every
	for divisor > 0 && divisor%(2*interval) == 0 {
		interval *= 2
	}
	return interval
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// snapshot writes the first layer's kernels and what the network makes of one image,
// unless the step's is there. Last is the one that the run ends with. What keeps the
// disk from taking it stops no training: a sentence says so, once. No step may be in
// flight.
func (t *Trainer) snapshot(last bool) error {
	dir := filepath.Join(t.Dir.Path, "snapshots")
	path := filepath.Join(dir, checkpointName(t.step))
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := t.sight.prepare(); err != nil {
		return err
	}
	began := t.clock()
	tensors, note, err := t.snapshotTensors()
	if err != nil || len(tensors) == 0 {
		return err
	}
	room, err := t.makeRoom(tensors, last)
	if err == nil && room {
		note.Before = lastBefore(SnapshotFiles(t.Dir.Path), t.step)
		if err = os.MkdirAll(dir, 0o755); err == nil {
			err = writeSnapshot(path, tensors, note)
		}
		if err == nil {
			if err := t.showSnapshot(path); err != nil {
				return err
			}
		}
	}
	if err != nil && !t.kept.told {
		t.say(fmt.Sprintf("warning: the snapshot of step %d was not written: %v; training goes on without", t.step, err))
	}
	t.kept.told = err != nil
	took := t.clock().Sub(began)
	t.kept.spent, t.kept.written = t.kept.spent+took, t.kept.written+1
	if t.kept.written > 1 { // the first finds nothing prepared, once
		t.kept.due = t.clock().Add(snapshotShare * took)
	}
	return nil
}

// snapshotTensors are what is kept of this step.
func (t *Trainer) snapshotTensors() (out []safetensors.Tensor, note snapshotNote, err error) {
	if p := t.firstKernels(); p != nil {
		for prefix, what := range map[string]net.What{"": net.Value, momentumPrefix: net.Momentum} {
			if p.Frozen && what != net.Value {
				continue
			}
			values, err := t.Net.Read(p, what)
			if err != nil {
				return nil, note, err
			}
			out = append(out, safetensors.Tensor{Name: prefix + p.Name, Shape: p.Shape, Floats: values})
		}
	}
	t.outputs = t.outputs && !t.sight.shares()
	v, probabilities, err := t.sight.Views(t.Config.Snapshots.Image-1, t.step)
	if err != nil || v.Problem != "" {
		return out, note, err // the kernels alone: the image cannot be read
	}
	out = append(out, viewTensors(v)...)
	out = append(out, safetensors.Tensor{Name: probabilitiesName, Shape: []int{len(probabilities)}, Floats: probabilities})
	return out, snapshotNote{Step: t.step, Title: v.Title, Label: v.Label}, nil
}

// viewTensors are an image and its maps, the columns' one behind the other.
func viewTensors(v *monitor.Views) (out []safetensors.Tensor) {
	for layer, o := range v.Layers {
		var all []float32
		for _, values := range o.Columns {
			all = append(all, values...)
		}
		out = append(out, safetensors.Tensor{Name: mapsPrefix + layer, Shape: []int{len(all) / (o.H * o.W), o.H, o.W}, Floats: all, Half: true})
	}
	size := v.Image.Rect.Size()
	pixels := make([]uint8, 0, 3*size.X*size.Y)
	for i := 0; i < len(v.Image.Pix); i += 4 {
		pixels = append(pixels, v.Image.Pix[i:i+3]...)
	}
	return append(out, safetensors.Tensor{Name: imageName, Shape: []int{size.Y, size.X, 3}, Bytes: pixels})
}

// writeSnapshot writes a file that is there whole or not at all; training does not
// wait for the disk. Its checksum tells what a loss of power has left of it.
func writeSnapshot(path string, tensors []safetensors.Tensor, note snapshotNote) error {
	text, err := json.Marshal(note)
	if err != nil {
		return err
	}
	hash := sha256.New()
	if err := safetensors.WriteData(hash, safetensors.Sorted(tensors)); err != nil {
		return err
	}
	meta := map[string]string{snapshotKey: string(text), "sha256": fmt.Sprintf("%x", hash.Sum(nil))}
	return whole.WriteSoon(path, func(f *whole.File) error { return safetensors.Write(f, tensors, meta) })
}

// lastBefore is the step of the last snapshot before a step; nil if there is none.
func lastBefore(files []SnapshotFile, step int) (last *int) {
	for _, f := range files {
		if f.Step < step {
			last = &f.Step
		}
	}
	return last
}

// SnapshotBefore reads in a snapshot which step's snapshot lay before it. It is not ok if
// there was none, or it was not noted.
func SnapshotBefore(path string) (step int, ok bool) {
	f, err := safetensors.Open(path)
	if err != nil {
		return 0, false
	}
	defer f.Close()
	var note snapshotNote
	if json.Unmarshal([]byte(f.Metadata[snapshotKey]), &note) != nil || note.Before == nil {
		return 0, false
	}
	return *note.Before, true
}

// MissingSnapshots are the steps, in order, of snapshots that were written and are gone
// without having been thinned out: before tells which step's lay before that of another,
// every is the recipe's.
func MissingSnapshots(files []SnapshotFile, before map[int]int, every int) (missing []int) {
	if every == 0 {
		return nil // no more are kept
	}
	there := map[int]bool{}
	for _, f := range files {
		there[f.Step] = true
	}
	interval := keptInterval(files, every)
	for _, f := range files {
		if step, ok := before[f.Step]; ok && !there[step] && step%interval == 0 {
			missing = append(missing, step)
		}
	}
	return missing
}

// makeRoom keeps the snapshots within their budget: where a new one does not fit,
// those that remain become twice as far apart, as often as needed. It says whether the
// new one is among them; the run's last one is.
func (t *Trainer) makeRoom(tensors []safetensors.Tensor, last bool) (bool, error) {
	size, budget := int64(0), int64(t.Config.Snapshots.Budget)*1_000_000
	for _, tensor := range tensors {
		size += tensor.Size()
	}
	if size > budget {
		return false, fmt.Errorf("it takes %d MB, more than snapshots.budget = %d", (size+999_999)/1_000_000, t.Config.Snapshots.Budget)
	}
	files, thinned := SnapshotFiles(t.Dir.Path), false
	for {
		all := size
		for _, f := range files {
			all += f.Size
		}
		if all <= budget {
			break
		}
		t.kept.interval, thinned = 2*max(t.kept.interval, t.Config.Snapshots.Every), true
		var left []SnapshotFile
		for _, f := range files {
			if f.Step%t.kept.interval == 0 && (f.Step > 0 || len(files) > 1) {
				left = append(left, f)
			} else if err := os.Remove(f.Path); err != nil && !os.IsNotExist(err) {
				return false, err
			}
		}
		files = left
	}
	if !thinned {
		return true, nil
	}
	t.live.keepPasts(files)
	return last || t.step%t.kept.interval == 0, nil
}

// showSnapshot adds the snapshot of this step to what a window shows.
func (t *Trainer) showSnapshot(path string) error {
	l := &t.live
	if t.Board == nil || l.run == nil {
		return nil
	}
	l.pasts = append(l.pasts[:len(l.pasts):len(l.pasts)], NewPast(path, t.step, l.epochOf(t.step), l.run.Columns))
	if err := t.lookAtKernels(); err != nil {
		return err
	}
	t.show(false)
	return nil
}

// takeSnapshots shows the snapshots that a run has kept before this start.
func (l *live) takeSnapshots(t *Trainer) {
	if t.Dir == nil {
		return
	}
	weight := ""
	if p := t.firstKernels(); p != nil {
		weight = p.Name
	}
	for _, f := range SnapshotFiles(t.Dir.Path) {
		shot, err := ReadShot(f.Path, weight, l.run.Columns)
		if err != nil {
			l.notice(fmt.Sprintf("The snapshot of step %s cannot be read and is left out.", monitor.Count(f.Step)))
			continue
		}
		l.pasts = append(l.pasts, NewPast(f.Path, f.Step, l.epochOf(f.Step), l.run.Columns))
		if shot != nil {
			shot.Step, shot.Epoch = f.Step, l.epochOf(f.Step)
			l.kernels = append(l.kernels, shot)
		}
	}
	l.kernels = monitor.KeepShots(l.kernels)
}

// keepPasts forgets the snapshots that are no more, in a list of its own.
func (l *live) keepPasts(files []SnapshotFile) {
	there := map[int]bool{}
	for _, f := range files {
		there[f.Step] = true
	}
	var left []*monitor.Past
	for _, p := range l.pasts {
		if there[p.Step] {
			left = append(left, p)
		}
	}
	l.pasts = left
}
