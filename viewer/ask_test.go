package viewer

import (
	"slices"
	"testing"
	"time"

	"alexnet/train/monitor"
)

// TestSlowFolder: a folder that does not answer keeps nobody from anything: it is said that
// one waits, and what is asked for next counts.
func TestSlowFolder(t *testing.T) {
	hung, late := make(chan struct{}), called("late")
	slowly := func(path string) {
		if path == "slow" {
			<-hung
		}
	}
	o := newChecker().options()
	o.Open = func(path string) (Source, error) {
		if slowly(path); path == "slow" {
			return late, nil
		}
		return called(path), nil
	}
	o.Find = func(paths []string) (Found, error) { slowly(paths[0]); return Found{Run: paths[0]}, nil }
	o.Resume = func(path string) (Resumption, error) {
		slowly(path)
		return Resumption{Begin: func(int) (Source, error) { return called("resumed"), nil }}, nil
	}
	o.Recent = func() ([]Recent, error) {
		return []Recent{{Path: "slow", Resumable: true}, {Path: "quick", Resumable: true}}, nil
	}
	for _, ask := range []struct {
		name, says string
		do         func(a *App)
	}{
		{"a row", "Opening slow.", func(a *App) { click(t, a, "runslow") }},
		{"a path", "Opening slow.", func(a *App) { click(t, a, "open"); typed(a, "slow"); press(a, "Enter") }},
		{"a drop", "Looking into slow.", func(a *App) { a.Handle(Dropped{Paths: []string{"slow"}}) }},
		{"going on", "Reading the newest checkpoint.", func(a *App) { click(t, a, "resumeslow") }},
	} {
		for name, next := range map[string]func(a *App) (want string){
			"a row":    func(a *App) string { click(t, a, "runquick"); return "quick" },
			"going on": func(a *App) string { click(t, a, "resumequick"); return "resumed" },
		} {
			a := onStartPage(t, o, 1440, 900)
			until(t, a, "the runs", func() bool { return quiet(a)() && a.start.loaded })
			ask.do(a)
			if a.Update(); a.toast.text != "" {
				t.Errorf("%s: at once it says %q", ask.name, a.toast.text)
			}
			now := a.options.Now().Add(slow)
			a.options.Now = func() time.Time { return now }
			if a.Update(); a.toast.text != ask.says {
				t.Errorf("%s: it says %q, want %q", ask.name, a.toast.text, ask.says)
			}
			want := next(a)
			answered(t, a)
			if a.snap == nil || a.snap.Run.Name != want {
				t.Errorf("%s behind %s: it shows %v", name, ask.name, a.snap)
			}
		}
	}
	close(hung)
	for _, path := range []string{"slow", "quick"} { // of what is answered in time nothing is dropped
		a := onStartPage(t, o, 1440, 900)
		until(t, a, "the runs", func() bool { return a.start.loaded })
		a.openRun(path)
		answered(t, a)
		if a.snap == nil || a.source.(*fake).closed {
			t.Errorf("%s is closed", path)
		}
	}
}

// TestLateIsClosed: a run that is opened when something else is shown is not watched.
func TestLateIsClosed(t *testing.T) {
	a, _, _ := with(t, sample(), 1440, 900, 1)
	hung, late := make(chan struct{}), called("late")
	a.options.Open = func(string) (Source, error) { <-hung; return late, nil }
	for name, ask := range map[string]func(){
		"to be shown":         func() { a.openRun("late") },
		"to be compared with": func() { a.curves.openOther(a, Recent{Path: "late"}) },
	} {
		hung, late.closed = make(chan struct{}), false
		ask()
		shown := called("another")
		a.Show(shown)
		close(hung)
		until(t, a, name+": it is closed", func() bool { return late.closed })
		if a.source != Source(shown) || a.curves.other != nil {
			t.Errorf("%s: it is shown", name)
		}
	}
}

// TestOwnByAnotherName: a run that this process trains is shown as such, however its folder
// is named: it is listed once and not compared with itself.
func TestOwnByAnotherName(t *testing.T) {
	a, first, _ := training(t)
	a.options.Same = func(path, other string) bool {
		return slices.Equal([]string{path, other}, []string{"runs/first", "link"})
	}
	a.options.Recent = func() ([]Recent, error) { return []Recent{{Path: "link"}, {Path: "runs/watched"}}, nil }
	press(a, "O")
	until(t, a, "the list", func() bool { return a.start.loaded })
	if runs := a.start.runs(a); len(runs) != 2 || runs[0].Path != "runs/first" || runs[1].Path != "runs/watched" {
		t.Errorf("the start page lists %+v", runs)
	}
	a.openRun("link")
	answered(t, a)
	if a.source != Source(first) || len(a.own) != 1 {
		t.Errorf("it shows %v", a.snap)
	}
	press(a, "3")
	until(t, a, "the others", func() bool { return len(a.curves.choices) > 0 })
	if c := a.curves.choices; len(c) != 1 || c[0].Path != "runs/watched" {
		t.Errorf("it is compared with %+v", c)
	}
}

// TestOldListIsDropped: a list of the others that was asked for while a run of this process
// trained is not shown when that has ended.
func TestOldListIsDropped(t *testing.T) {
	a, first, _ := training(t)
	press(a, "O")
	until(t, a, "the list", func() bool { return a.start.loaded })
	hung, late := make(chan struct{}), make(chan struct{})
	quick := a.options.Recent
	a.options.Recent = func() ([]Recent, error) { <-hung; return quick() }
	a.options.Wake = func() { close(late) }
	a.start.list(a)
	a.options.Recent, a.options.Wake = quick, func() {}
	first.becomes(monitor.Stopped)
	until(t, a, "it is listed as one that has ended", func() bool { return len(a.own) == 0 && len(a.start.recent) == 2 })
	close(hung)
	<-late
	if a.Update(); len(a.start.recent) != 2 {
		t.Errorf("the start page lists %+v", a.start.recent)
	}
}
