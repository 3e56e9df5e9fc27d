package viewer

import (
	"time"

	"alexnet/train/monitor"
	"alexnet/viewer/theme"
)

// Picture is an image to look at: a file, or a frame of an animated one.
type Picture struct {
	Path  string
	Frame int
	Delay time.Duration // how long it is shown in playing; 0: unknown
}

// Found is what files are: the folder of a run, or images.
type Found struct {
	Run      string // its folder; empty: images
	Folder   string // the only thing that was brought; empty: it is no folder
	Name     string // of all images: their folder's, or the only one's
	Pictures []Picture
}

// albumDelay is how long a picture is shown whose file does not say: 25 frames a
// second, or as many as the network can.
const albumDelay = 40 * time.Millisecond

// album are images that the user has brought: more than one can be played as a
// video, each as soon as the network has seen the one before.
type album struct {
	Found
	at      int
	playing bool
	turned  time.Time     // when the picture was chosen
	shown   *monitor.Maps // the last that came
	came    []time.Time   // when the last pictures' maps came, while playing
}

func (l *album) picture() Picture { return l.Pictures[l.at] }

// is says whether maps are of the picture chosen.
func (l *album) is(m *monitor.Maps) bool {
	return m != nil && m.File == l.picture().Path && m.Frame == l.picture().Frame
}

// step chooses the picture before or behind, and stops the video.
func (l *album) step(by int) {
	l.at = min(len(l.Pictures)-1, max(0, l.at+by))
	l.stop()
}

func (l *album) stop() { l.playing, l.came = false, nil }

// measured is over how many pictures the speed is measured.
const measured = 12

// take notes that maps have come.
func (l *album) take(m *monitor.Maps, now time.Time) {
	if l.shown == m || !l.is(m) {
		return
	}
	l.shown = m
	if l.came = append(l.came, now); len(l.came) > measured {
		l.came = l.came[1:]
	}
}

// speed is how many pictures a second are shown; 0: not known yet.
func (l *album) speed() float64 {
	n := len(l.came)
	if n < 2 {
		return 0
	}
	took := l.came[n-1].Sub(l.came[0]).Seconds()
	if took <= 0 {
		return 0
	}
	return float64(n-1) / took
}

// playOn shows the next picture of a video when it is time to, and says when to come
// again.
func (k *activationsPage) playOn(a *App, now time.Time) time.Duration {
	l := k.album
	l.take(a.snap.Maps, now)
	if !l.is(a.snap.Maps) {
		return time.Second // its maps wake the window
	}
	delay := l.picture().Delay
	if delay == 0 {
		delay = albumDelay
	}
	if wait := delay - now.Sub(l.turned); wait > 0 {
		return wait
	}
	l.at, l.turned = (l.at+1)%len(l.Pictures), now
	a.watch()
	return time.Second
}

// filming says whether a video is played on the page that is shown.
func (a *App) filming() bool {
	return a.maps.album != nil && a.maps.album.playing && a.source != nil && a.wanted() == nil && (a.page == activationsTab || a.page == networkTab)
}

// playOrStop plays the video that is there, or lets it stand still.
func (k *activationsPage) playOrStop(a *App) {
	l := k.album
	if l == nil || len(l.Pictures) < 2 {
		return
	}
	if l.playing {
		l.stop()
	} else {
		l.playing, l.turned = true, a.options.Now()
	}
	a.watch()
	a.redraw(pagePart)
}

// playHere plays the video of the page, or what the time bar has.
func (a *App) playHere() {
	l := a.maps.album
	switch maps := a.page == activationsTab || a.page == networkTab; {
	case maps && a.loadable():
		a.load()
	case maps && l != nil && len(l.Pictures) > 1 && a.wanted() == nil:
		a.maps.playOrStop(a)
	default:
		a.play()
	}
}

// bring shows files: a run's folder is opened, images are looked at; on the start page
// a folder is one to train on.
func (a *App) bring(paths []string) {
	if len(paths) == 0 {
		return
	}
	find := a.options.Find
	if find == nil {
		a.openRun(paths[0])
		return
	}
	a.ask("Looking into "+paths[0]+".", func() (take, drop func()) {
		found, err := find(paths)
		return func() {
			switch {
			case a.snap == nil && found.Folder != "" && a.options.Check != nil:
				a.start.form.trainOn(a, found.Folder)
			case err != nil:
				a.say(err.Error(), true)
			default:
				a.show(found)
			}
		}, nil
	})
}

// show shows what was found.
func (a *App) show(found Found) {
	switch {
	case found.Run != "":
		a.openRun(found.Run)
	case a.snap == nil:
		a.say("Open a run first: its network looks at the images.", true)
	case len(found.Pictures) > 0:
		a.maps.album = &album{Found: found}
		a.hover = nil // it tells of what was there before
		a.lookNow()
		if a.page != networkTab {
			a.turn(activationsTab)
		}
		a.watch()
		a.redraw(pagePart)
	}
}

// shared says whether a step of training comes before each picture.
func (a *App) shared() bool { return a.snap.State == monitor.Training && a.snap.WatchOnly == "" }

// Of an album of several pictures the tools say where it stands and how fast it plays.
func (l *album) note(shared bool) string {
	text := theme.Count(l.at+1) + " of " + theme.Count(len(l.Pictures))
	if speed := l.speed(); l.playing && speed > 0 {
		text += " · " + theme.Digits(speed) + " frames/s"
		if shared {
			text += ", faster while paused"
		}
	}
	return text
}
