package viewer

import (
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"alexnet/train/monitor"
)

// Show shows a run from now on, in the place of the one before.
func (a *App) Show(source Source) {
	if source == a.source {
		return
	}
	a.leaveRun()
	a.source, a.snap, a.left = source, source.Latest(), make(chan struct{})
	a.kernels.shows(a.snap.Run.Path)
	if a.snap.WatchOnly == "" && a.snap.State.Live() && !slices.Contains(a.own, source) {
		a.own = append(a.own, source)
	}
	a.arrange()
	a.listen(source, a.left, func() { a.unseen = true })
}

// listen does something whenever a run shows something new, until it is left.
func (a *App) listen(source Source, left <-chan struct{}, do func()) {
	wake := a.options.Wake
	go func() {
		for {
			select {
			case <-left:
				return
			case <-source.Changed():
				a.post(do)
				wake()
			}
		}
	}()
}

// leaveRun shows the run no longer. One that this process trains goes on.
func (a *App) leaveRun() {
	a.leaveField()
	a.unseen, a.past, a.playing, a.cover, a.focus, a.hover = false, -1, false, nil, "", nil
	a.above, a.undoing = nil, false
	a.unask()
	for i := range a.parts {
		a.parts[i].hits = nil // events may come before the next frame: they find nothing of the run
	}
	a.memory = newMemory()
	a.dragging, a.dropping, a.sliding = nil, nil, 0
	a.maps = activationsPage{album: a.maps.album} // what the user brought stays
	if a.maps.album != nil {
		a.maps.album.stop()
	}
	a.curves.leave(a)
	a.network.reset()
	a.layers.top = 0
	if a.source == nil {
		return
	}
	close(a.left)
	if !slices.Contains(a.own, a.source) || !a.source.Latest().State.Live() {
		a.source.Close()
	}
	a.source, a.snap = nil, nil
}

// home shows the start page.
func (a *App) home() {
	if a.snap == nil {
		return
	}
	a.leaveRun()
	a.arrange()
	a.loadStart()
}

// mind looks after the runs that this process trains, shown or not.
func (a *App) mind(now time.Time) {
	before := len(a.own)
	a.own = slices.DeleteFunc(a.own, func(s Source) bool {
		ended := !s.Latest().State.Live()
		if ended && s != a.source {
			s.Close()
			a.tellEnd(s.Latest())
		}
		return ended
	})
	switch {
	case a.snap != nil:
	case len(a.own) != before:
		a.start.list(a)
		a.redraw(pagePart)
	case before > 0 && now.Sub(a.parts[pagePart].drawn) >= time.Second:
		a.redraw(pagePart)
	}
	if then := a.behind; then != nil && len(a.own) == 0 {
		a.behind = nil
		then()
	}
}

// tellEnd says how a run ended that is not shown.
func (a *App) tellEnd(s *monitor.Snapshot) {
	switch n := len(s.Notices); {
	case s.State == monitor.Finished:
		a.say(s.Run.Name+" has finished.", false)
	case s.State == monitor.Failed && n > 0:
		a.say(s.Run.Name+" stopped itself. "+s.Notices[n-1].Text, true)
	default:
		a.say(s.Run.Name+" has stopped.", s.State == monitor.Failed)
	}
}

// absolute is a path by which folders can be told apart.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// begin shows a run that begins. While another trains it asks at first.
func (a *App) begin(begin func() (Source, error)) {
	now := func() {
		source, err := begin()
		if err != nil {
			a.say(Sentence(err), true)
			return
		}
		a.Show(source)
	}
	if len(a.own) == 0 {
		now()
		return
	}
	first := "Stop it first"
	if len(a.own) > 1 {
		first = "Stop them first"
	}
	a.open(&question{title: a.stillTraining(), text: "Runs at the same time share the devices, which slows them down.", answers: []answer{
		{id: "stopFirst", label: first, key: "S", act: func() {
			if a.stop(now) {
				a.say("Stopping with a checkpoint; then the next run begins.", false)
			}
		}},
		{id: "trainBoth", label: "Train at the same time", key: "T", act: now},
		cancel,
	}})
}

// stillTraining names what this process trains.
func (a *App) stillTraining() string {
	if len(a.own) == 1 {
		return a.own[0].Latest().Run.Name + " is still training"
	}
	return fmt.Sprintf("%d runs are still training", len(a.own))
}

// stop ends all that this process trains, each with a checkpoint, and then does
// something.
func (a *App) stop(then func()) bool {
	for _, s := range a.own {
		if err := s.Send(monitor.Command{Verb: monitor.Stop}); err != nil {
			a.say(Sentence(err), true)
			return false
		}
	}
	a.behind = then
	return true
}

// askStop asks whether the run that is shown shall end.
func (a *App) askStop() {
	text := "A checkpoint is written first: Go on training continues from it."
	if a.snap.WatchOnly != "" {
		text = "Its process writes a checkpoint and ends, and so does all else that it trains."
	}
	a.open(&question{title: "Stop " + a.snap.Run.Name + "?", text: text, answers: []answer{
		{id: "stopNow", label: "Stop with a checkpoint", key: "S", act: func() { a.send(monitor.Command{Verb: monitor.Stop}) }},
		cancel,
	}})
}

// close ends the program. A run that another process trains goes on; about those
// that this process trains it asks.
func (a *App) close() {
	a.goOn() // letters are answers
	if len(a.own) == 0 {
		a.quit = true
		return
	}
	text := "It goes on until you choose."
	if len(a.own) > 1 {
		text = "They go on until you choose."
	}
	a.open(&question{title: a.stillTraining(), text: text, answers: []answer{
		{id: "closeStop", label: "Stop with a checkpoint", key: "S", act: func() { a.stop(func() { a.quit = true }) }},
		{id: "closeDetach", label: "Go on, no window", key: "W", disabled: a.options.Detach == nil, act: func() {
			a.options.Detach()
			a.quit = true
		}},
		cancel,
	}})
}

// leave ends the program, which was told to, once what it trains has ended.
func (a *App) leave() { a.behind = func() { a.quit = true } }
