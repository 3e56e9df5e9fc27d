package viewer

import (
	"errors"
	"slices"
	"time"
)

// asking is what the user has asked for that is still looked into. Only the newest counts.
type asking struct {
	round int
	what  string // a sentence for those who wait; empty: nothing is looked into, or it was said
	since time.Time
}

// slow is how long something is looked into before the window says so.
const slow = time.Second / 2

// ask looks into something on a goroutine, for a folder may be large or on a server that
// does not answer, and then takes what was found. Where the user has asked for something
// else by then, or sees another run, it is dropped; drop may be nil.
func (a *App) ask(what string, look func() (take, drop func())) {
	a.unask()
	a.asking.what, a.asking.since = what, a.options.Now()
	wake, round := a.options.Wake, a.asking.round
	go func() {
		take, drop := look()
		a.post(func() {
			switch {
			case round == a.asking.round:
				a.unask()
				if a.toast.text == what {
					a.toast.text = ""
					a.uncover()
				}
				take()
			case drop != nil:
				drop()
			}
		})
		wake()
	}()
}

// unask drops what is looked into.
func (a *App) unask() { a.asking = asking{round: a.asking.round + 1} }

// tellAsking says what is looked into for long.
func (a *App) tellAsking(now time.Time) {
	if a.asking.what != "" && now.Sub(a.asking.since) >= slow {
		a.say(a.asking.what, false)
		a.asking.what = ""
	}
}

// openThen opens the folder of a run and does something with it. A run that this process
// trains is open.
func (a *App) openThen(path string, then func(Source, error)) {
	own, same, open := slices.Clone(a.own), a.options.Same, a.options.Open
	a.ask("Opening "+path+".", func() (take, drop func()) {
		if s := ownAt(own, same, path); s != nil {
			return func() { then(s, nil) }, nil
		}
		source, err := Source(nil), errors.New("runs cannot be opened here")
		if open != nil {
			source, err = open(path)
		}
		return func() { then(source, err) }, func() {
			if err == nil {
				source.Close()
			}
		}
	})
}

// ownAt is which of a process's own runs has a path; nil: none. The folder may be on a server
// that does not answer: it is called on goroutines.
func ownAt(own []Source, same func(path, other string) bool, path string) Source {
	for _, s := range own {
		if run := s.Latest().Run; run.Path != "" && same(run.Path, path) {
			return s
		}
	}
	return nil
}

// openRun shows the run of a folder, or says why not.
func (a *App) openRun(path string) {
	a.openThen(path, func(source Source, err error) {
		if err != nil {
			a.say(Sentence(err), true)
			return
		}
		a.Show(source)
	})
}
