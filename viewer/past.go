package viewer

import (
	"math"
	"sort"

	"alexnet/train/monitor"
	"alexnet/viewer/theme"
)

// memory is what a snapshot's file holds of the step that is looked back at. It is
// read on a goroutine; until it is there, that of the step before stays.
type memory struct {
	recalled
	reading *monitor.Past // nil: none
	came    chan recalled
	maps    *monitor.Maps // of views, of the layer that was shown last
}

// recalled are a snapshot's maps.
type recalled struct {
	past    *monitor.Past // nil: none yet
	views   *monitor.Views
	faces   *monitor.Faces
	problem string // why there are none
}

// newMemory forgets what was read, also what is still on its way.
func newMemory() memory { return memory{came: make(chan recalled, 1)} }

// wanted is the snapshot whose maps are to be shown; nil: those of now. Where no
// network is at hand, as of a run that has ended, the newest snapshot's are those of
// now, unless what was looked at last is newer.
func (a *App) wanted() *monitor.Past {
	step := a.past
	if step < 0 {
		live := a.snap.WatchOnly == "" && a.snap.State.Live() || a.snap.Copied().Step >= 0
		if last := newest(a.snap); live || a.maps.album != nil || a.snap.Maps != nil && (last == nil || last.Step <= a.snap.Maps.Step) {
			return nil
		}
		step = a.snap.Step
	}
	if i := monitor.Nearest(a.snap.Pasts, stepOfPast, step); i >= 0 {
		return a.snap.Pasts[i]
	}
	return nil
}

func stepOfPast(p *monitor.Past) int { return p.Step }

func stepOfShot(s *monitor.Shot) int { return s.Step }

// recall reads the snapshot that is wanted, if it is not there or on its way.
func (a *App) recall() {
	m, want := &a.memory, a.wanted()
	if want == nil || want == m.past || m.reading != nil {
		return
	}
	m.reading = want
	came, wake, network := m.came, a.options.Wake, a.snap.Run.Network
	go func() {
		r := recalled{past: want}
		v, err := want.Look()
		switch {
		case err != nil:
			r.problem = err.Error()
		case network != nil:
			r.views, r.faces = v, v.Faces(network.Blocks)
		default:
			r.views = v
		}
		came <- r
		wake()
	}()
}

// remember takes what was read.
func (a *App) remember() {
	select {
	case r := <-a.memory.came:
		a.memory.recalled, a.memory.reading, a.memory.maps = r, nil, nil
		a.redraw(pagePart)
	default:
	}
}

// then is the newest snapshot with the maps of the step looked back at in the place
// of those of now, and why there are none.
func (a *App) then(g page) (s *monitor.Snapshot, why string) {
	want := a.wanted()
	if want == nil {
		if a.past < 0 {
			return a.snap, a.nothing(g)
		}
		seen := *a.snap
		seen.Maps, seen.Faces, seen.Layers = nil, nil, nil
		return &seen, a.nothing(g)
	}
	a.recall()
	m := &a.memory
	seen := *a.snap
	seen.Maps, seen.Faces, seen.Layers = nil, nil, nil
	switch {
	case m.past == nil:
		return &seen, "Reading the snapshot of step " + theme.Count(want.Step) + "."
	case m.problem != "":
		return &seen, m.problem
	}
	layer := ""
	if layers := a.snap.Run.Layers; a.maps.layer < len(layers) {
		layer = layers[a.maps.layer]
	}
	if m.maps == nil || m.maps.Layer != layer {
		m.maps = m.views.Of(layer)
		if len(m.maps.Columns) == 0 {
			m.maps.Problem = "The snapshot of step " + theme.Count(m.past.Step) + " keeps no maps of " + layer + "."
		}
	}
	seen.Maps, seen.Faces = m.maps, m.faces
	return &seen, ""
}

// ticks are the steps of what is kept: on the pages of maps of snapshots, elsewhere of
// kernels, if there are any.
func (a *App) ticks() (out []int) {
	s := a.snap
	if (a.page == activationsTab || a.page == networkTab) && len(s.Pasts) > 0 || len(s.Kernels) == 0 {
		for _, p := range s.Pasts {
			out = append(out, p.Step)
		}
	} else {
		for _, shot := range s.Kernels {
			out = append(out, shot.Step)
		}
	}
	return out
}

// stops are the steps that one can look back at: those before now.
func (a *App) stops() []int {
	ticks := a.ticks()
	return ticks[:sort.SearchInts(ticks, a.snap.Step)]
}

// shot is the first layer that is shown: the newest, or the one nearest to the step
// looked back at.
func (a *App) shot() *monitor.Shot {
	list := a.snap.Kernels
	if len(list) == 0 {
		return nil
	}
	if a.past >= 0 {
		return list[monitor.Nearest(list, stepOfShot, a.past)]
	}
	return list[len(list)-1]
}

// lookAt shows the stop nearest to a step, or now.
func (a *App) lookAt(step float64) {
	best := -1
	distance := math.Abs(float64(a.snap.Step) - step)
	for _, s := range a.stops() {
		if d := math.Abs(float64(s) - step); d < distance {
			best, distance = s, d
		}
	}
	a.look(best)
}

// look shows a step; -1 is the present.
func (a *App) look(step int) {
	if step != a.past {
		a.past = step
		a.redraw(pagePart, timePart)
	}
}

// lookBack shows the stop before (-1) or behind (1).
func (a *App) lookBack(by int) {
	stops := a.stops()
	at := len(stops)
	if a.past >= 0 {
		at = sort.SearchInts(stops, a.past)
		if by > 0 && (at == len(stops) || stops[at] > a.past) {
			at-- // it stands between two
		}
	}
	if at = max(0, at+by); at < len(stops) {
		a.look(stops[at])
	} else {
		a.look(-1)
	}
}

func (a *App) lookFirst() {
	if stops := a.stops(); len(stops) > 0 {
		a.look(stops[0])
	}
}

func (a *App) lookNow() {
	a.playing = false
	a.look(-1)
}

// play shows one stop after the other, from the first on if it stands at the end.
func (a *App) play() {
	switch {
	case a.playing:
		a.playing = false
	case len(a.stops()) == 0:
		return
	default:
		if a.past < 0 {
			a.lookFirst()
		}
		a.playing, a.played = true, a.options.Now()
	}
	a.redraw(timePart)
}
