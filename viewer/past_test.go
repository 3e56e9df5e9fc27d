package viewer

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"strings"
	"testing"
	"time"

	"alexnet/train/monitor"
	"alexnet/viewer/draw/golden"
)

// viewsAt are what a network made of one image at a step: the later, the brighter.
func viewsAt(s *monitor.Snapshot, step int) *monitor.Views {
	v := &monitor.Views{
		Maps:   monitor.Maps{Step: step, Title: "Validation 3", Label: 1, Image: image.NewRGBA(image.Rect(0, 0, 224, 224)), Prediction: []monitor.Guess{{Class: step / 5000, Probability: 0.6}}},
		Layers: map[string]monitor.Outputs{},
	}
	for i := range 224 * 224 {
		v.Image.SetRGBA(i%224, i/224, color.RGBA{uint8(i), uint8(i / 224), 90, 255})
	}
	for _, b := range s.Run.Network.Blocks {
		o := monitor.Outputs{H: b.H, W: b.W}
		for _, n := range b.Channels {
			values := make([]float32, n*b.H*b.W)
			for i := range values {
				values[i] = float32(i%17) * float32(step%9000+1000) / 5000
				if i%3 == 0 && step > 0 {
					values[i] = 0
				}
			}
			o.Columns = append(o.Columns, values)
		}
		v.Layers[b.Layer] = o
	}
	return v
}

// keeping is the full sample with snapshots; gate, if not nil, is asked before one is
// read.
func keeping(gate func(step int) error, steps ...int) *monitor.Snapshot {
	s := full()
	for _, step := range steps {
		s.Pasts = append(s.Pasts, &monitor.Past{Step: step, Epoch: float64(step) / 500, Look: func() (*monitor.Views, error) {
			if gate != nil {
				if err := gate(step); err != nil {
					return nil, err
				}
			}
			return viewsAt(s, step), nil
		}})
	}
	return s
}

// recalled waits until what is looked back at is read.
func (c *clock) recalled(t *testing.T, a *App) {
	t.Helper()
	for range 2000 {
		a.Update()
		a.Draw()
		if a.memory.reading == nil {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("the snapshot was not read in two seconds")
}

// On the pages of maps one looks back at what the snapshots keep: maps, the image, the
// prediction, and the faces of the blocks.
func TestLookingBackAtMaps(t *testing.T) {
	a, source, now := with(t, keeping(nil, 0, 5000, 10_000, 15_000), 1440, 900, 1)
	press(a, "2")
	present := a.parts[pagePart].base
	press(a, ",")
	now.recalled(t, a)
	s, _ := a.then(activationsTab)
	if a.past != 15_000 || s.Maps.Step != 15_000 || s.Maps.Layer != "conv1" || s.Maps.Title != "Validation 3" || same(present, a.parts[pagePart].base) {
		t.Errorf("one back is step %d, with maps of step %d, %s of %s", a.past, s.Maps.Step, s.Maps.Layer, s.Maps.Title)
	}
	press(a, "]")
	if s, _ = a.then(activationsTab); s.Maps.Layer != "conv2" || s.Maps.H != 27 {
		t.Errorf("the next layer is %s, %d high", s.Maps.Layer, s.Maps.H)
	}
	watched := source.Watched()
	press(a, "[", "Right")
	if w := source.Watched(); w.Image != watched.Image || !strings.Contains(a.toast.text, "snapshots.image") {
		t.Errorf("there is one image to look back at, but it watches %d and says %q", w.Image, a.toast.text)
	}
	press(a, "4", "Home")
	now.recalled(t, a)
	if s, _ = a.then(networkTab); a.past != 0 || s.Faces.Step != 0 || s.Layers != nil || a.network.faces.faces != s.Faces {
		t.Errorf("on the page of the network it shows step %d, faces of step %d", a.past, s.Faces.Step)
	}
	press(a, "2", "End")
	if !same(present, a.parts[pagePart].base) {
		t.Error("back at now the page is not what it was")
	}
}

func TestPastGoldens(t *testing.T) {
	for name, keys := range map[string][]string{
		"past-activations-1440x900":   {"2", ","},
		"past-network-light-1024x640": {"4", "F8", ",", ","},
		"past-curves-1440x900":        {"3", ",", ","},
	} {
		t.Run(name, func(t *testing.T) {
			width, height := 1440, 900
			if strings.HasSuffix(name, "1024x640") {
				width, height = 1024, 640
			}
			a, _, now := with(t, keeping(nil, 0, 5000, 10_000, 15_000), width, height, 1)
			press(a, keys...)
			now.recalled(t, a)
			golden.Check(t, name, a.Picture())
		})
	}
}

// Playing on a page of maps shows one snapshot after the other.
func TestPlayingMaps(t *testing.T) {
	a, _, now := with(t, keeping(nil, 0, 2000, 4000, 20_000), 1440, 900, 1)
	press(a, "2", "Enter")
	var seen []int
	for a.playing && len(seen) < 9 {
		now.recalled(t, a)
		s, _ := a.then(activationsTab)
		seen = append(seen, s.Maps.Step)
		now.now = now.now.Add(frameTime)
		a.Update()
	}
	if fmt.Sprint(seen) != "[0 2000 4000]" || a.past >= 0 {
		t.Errorf("played the maps of %v and stands at %d", seen, a.past)
	}
}

// What cannot be shown has a sentence, and the old picture stays until the new one is
// there.
func TestPastThatIsNotThere(t *testing.T) {
	free := make(chan bool)
	a, _, now := with(t, keeping(func(step int) error {
		switch step {
		case 5000:
			return errors.New("The snapshot of step 5,000 is damaged and is left out.")
		case 10_000:
			<-free
		}
		return nil
	}, 0, 5000, 10_000), 1440, 900, 1)
	press(a, "2", "Home")
	if s, why := a.then(activationsTab); s.Maps != nil || why != "Reading the snapshot of step 0." {
		t.Errorf("before it is read there are %v and %q", s.Maps, why)
	}
	now.recalled(t, a)
	a.look(10_000)
	a.Draw()
	if s, why := a.then(activationsTab); s.Maps == nil || s.Maps.Step != 0 {
		t.Errorf("while the next is read the last does not stay: %q", why)
	}
	a.playing = true
	now.now = now.now.Add(time.Second)
	a.Update()
	if a.past != 10_000 {
		t.Errorf("playing did not wait for what is read, and went on to %d", a.past)
	}
	a.playing = false
	close(free)
	now.recalled(t, a)
	if s, _ := a.then(activationsTab); s.Maps.Step != 10_000 {
		t.Errorf("read are maps of step %d", s.Maps.Step)
	}
	press(a, ",")
	now.recalled(t, a)
	if s, why := a.then(activationsTab); s.Maps != nil || why != "The snapshot of step 5,000 is damaged and is left out." {
		t.Errorf("of a damaged one there are maps, or it says %q", why)
	}
	press(a, "5")
	if why := a.nothing(layersTab); !strings.Contains(why, "keep no figures") {
		t.Errorf("the page of layers says %q", why)
	}
}

func TestPastWithoutSnapshots(t *testing.T) {
	a, _, _ := with(t, keeping(nil), 1440, 900, 1)
	press(a, "2", ",")
	if s, why := a.then(activationsTab); a.past != 10_000 || s.Maps != nil || !strings.Contains(why, "snapshots.every") {
		t.Errorf("at step %d there are %v, and it says %q", a.past, s.Maps, why)
	}
	only := keeping(nil, 0, 400)
	only.Kernels = nil
	a, _, _ = with(t, only, 1440, 900, 1)
	press(a, ",")
	if a.past != 400 || a.nothing(kernelsTab) != pages[kernelsTab].then {
		t.Errorf("without kernels one back is step %d", a.past)
	}
}

// A run that has ended, or that another process trains, shows the newest snapshot's
// maps as those of now.
func TestNewestSnapshotIsNow(t *testing.T) {
	s := keeping(nil, 0, 5000, 20_000)
	s.Maps, s.Faces, s.State, s.WatchOnly = nil, nil, monitor.Finished, "This run can only be watched."
	a, _, now := with(t, s, 1440, 900, 1)
	press(a, "2")
	now.recalled(t, a)
	if seen, why := a.then(activationsTab); seen.Maps == nil || seen.Maps.Step != 20_000 {
		t.Errorf("it shows no maps: %q", why)
	}
	press(a, ",")
	if a.past != 5000 {
		t.Errorf("one back is %d", a.past)
	}
	for looked, want := range map[int]int{300: 20_000, 20_000: 0} { // 0: those that were looked at
		s = keeping(nil, 0, 5000, 20_000)
		s.State, s.Maps.Step = monitor.Finished, looked
		a, _, now = with(t, s, 1440, 900, 1)
		press(a, "2")
		if got := a.wanted(); (got != nil) != (want > 0) || got != nil && got.Step != want {
			t.Errorf("the run has ended, looked at last was step %d: it wants %+v", looked, got)
		}
	}
	s.Pasts = nil
	s.Maps, s.Faces, s.WatchOnly = nil, nil, "This run can only be watched."
	a, _, _ = with(t, s, 1440, 900, 1)
	if _, why := a.then(activationsTab); why != pages[activationsTab].ended {
		t.Errorf("without snapshots it says %q", why)
	}
}

// The step looked back at stays while the list of kernels is thinned out under it, and
// one can look on from a step that is not in it any more.
func TestPastStays(t *testing.T) {
	a, source, now := with(t, sample(), 1440, 900, 1)
	press(a, ",", ",")
	thinned := *a.snap
	thinned.Kernels = append(thinned.Kernels[:1:1], thinned.Kernels[2:]...)
	source.Publish(&thinned)
	waitUnseen(t, a)
	now.now = now.now.Add(headerEvery)
	a.Update()
	if a.past != 5000 || a.shot().Step != 0 {
		t.Errorf("it stands at %d and shows the kernels of %d; want 5,000 and the nearest, 0", a.past, a.shot().Step)
	}
	press(a, ".")
	if a.past != 10_000 {
		t.Errorf("on is %d", a.past)
	}
	a.look(5000)
	press(a, ",")
	if a.past != 0 {
		t.Errorf("back is %d", a.past)
	}
}
