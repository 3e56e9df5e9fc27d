package viewer

import (
	"image"
	"image/color"
	"math"
	"time"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// How often the parts follow the run.
const (
	headerEvery = 500 * time.Millisecond
	pageEvery   = 200 * time.Millisecond
)

// surface is a part of the window with its pictures: base is what the part shows,
// shown what the window gets: base and what lies over it.
type surface struct {
	rect    draw.Rect
	base    *image.RGBA
	shown   *image.RGBA
	dirty   bool // base is out of date
	covered bool // shown is out of date
	version int
	hits    []hit
	drawn   time.Time
}

// Layer is a picture for the window to show. Its rectangle says where, in the
// display's pixels; a new version means new contents.
type Layer struct {
	Image   *image.RGBA // nil: the part is not shown
	Version int
}

// App is the app's state.
type App struct {
	options Options
	fonts   *draw.Fonts
	th      *theme.Theme
	scale   float64
	size    image.Point // of the window in the display's pixels
	frame   frame
	parts   [parts]surface

	source Source
	left   chan struct{}     // closed when the source is no longer shown
	own    []Source          // runs that this process trains, shown or not
	behind func()            // to be done once they have ended; nil: nothing
	snap   *monitor.Snapshot // nil: the start page
	unseen bool              // there is a newer one
	page   page
	wall   bool

	pointer  draw.Point
	inside   bool      // the pointer is in the window
	hot      string    // what the pointer is on
	pressed  string    // what the button went down on
	pressing draw.Rect // where that was: leaving a field can move it
	last     string    // what it last went down on
	went     time.Time // and when
	place    draw.Point
	dragging func(draw.Point)
	dropping func()
	undoing  bool    // the panel offers to take the last change back
	sliding  float64 // the rate under the slider's knob while it is dragged; 0: it is not
	swallow  bool    // the character of the key that opened a field is still to come
	focus    string  // what Enter and Space work
	field    *field  // takes characters; nil: none
	cover    cover   // help, menu or message over the parts; nil: none
	above    []hit   // of the cover
	toast    toast
	hover    func(p *painter) // draws over the page; nil: nothing

	past    int // step looked back at; -1: now
	memory  memory
	playing bool
	warned  struct { // what the tabs warn of
		ink color.RGBA
		bad bool
	}
	played time.Time

	kernels kernelsPage
	maps    activationsPage
	network networkPage
	layers  layersPage
	devices devicesPage
	curves  curvesPage
	start   startPage
	results chan func() // what goroutines have found, run on this one
	asking  asking
	quit    bool
}

// New makes the app; without a source it shows the start page.
func New(o Options, source Source) *App {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Wake == nil {
		o.Wake = func() {}
	}
	if o.Same == nil {
		o.Same = func(x, y string) bool { return absolute(x) == absolute(y) }
	}
	a := &App{options: o, fonts: draw.NewFonts(), th: theme.Dark, scale: 1, past: -1, memory: newMemory(), results: make(chan func(), 64)}
	s := o.Settings
	if s.Light {
		a.th = theme.Light
	}
	if s.Page >= 0 && s.Page < len(pages) {
		a.page = page(s.Page)
	}
	a.kernels.common = s.Common
	a.curves.init(s)
	a.Resize(theme.StandardWidth, theme.StandardHeight, 1)
	if source != nil {
		a.Show(source)
	} else {
		a.loadStart()
	}
	return a
}

// watch tells the runs what is looked at: the start page lists those that this process
// trains.
func (a *App) watch() {
	for _, s := range a.own {
		if s != a.source {
			s.Watch(monitor.Watch{Hidden: a.source != nil, Kernels: a.source == nil})
		}
	}
	if a.source != nil {
		w := monitor.Watch{
			Kernels: a.page == kernelsTab, Patches: a.page == kernelsTab && !a.frame.compact && !a.wall, Maps: a.page == activationsTab || a.page == networkTab, Faces: a.page == networkTab,
			Layers: a.page == layersTab || a.page == networkTab, Timeline: a.page == devicesTab,
		}
		a.maps.watch(a, &w)
		a.source.Watch(w)
	}
}

// post runs something on the window's goroutine, and is called on others: when
// that one is far behind they wait, for what they found is found once.
func (a *App) post(f func()) { a.results <- f }

// Resize fits the app to a window of so many of the display's pixels, of which
// scale make one of the design's.
func (a *App) Resize(width, height int, scale float64) {
	if width <= 0 || height <= 0 || scale <= 0 {
		return // minimized
	}
	a.size, a.scale = image.Pt(width, height), scale
	a.arrange()
}

// fitPanes gives the panes the design's sizes again.
func (a *App) fitPanes() {
	a.options.Settings.Strip, a.options.Settings.Steering = 0, 0
	a.arrange()
}

// arrange lays the parts out anew.
func (a *App) arrange() {
	a.frame = layout(float64(a.size.X)/a.scale, float64(a.size.Y)/a.scale, a.options.Settings.Steering, a.snap == nil, a.wall)
	for i := range a.parts {
		a.parts[i].rect = a.frame.rect[i]
		a.parts[i].dirty = true
	}
	a.hot, a.hover = "", nil
	if _, is := a.cover.(*more); is && !a.frame.compact {
		a.cover = nil // the panel has room for it again
	}
	a.watch() // not everything is shown in every frame
}

// redraw marks parts; without names all of them.
func (a *App) redraw(which ...part) {
	if len(which) == 0 {
		for i := range a.parts {
			a.parts[i].dirty = true
		}
	}
	for _, i := range which {
		a.parts[i].dirty = true
	}
}

// uncover marks what lies over the parts as changed.
func (a *App) uncover() {
	for i := range a.parts {
		a.parts[i].covered = true
	}
}

// Quit says whether the window shall close.
func (a *App) Quit() bool { return a.quit }

// Settings are how the window is now.
func (a *App) Settings() Settings {
	s := a.options.Settings
	s.Width, s.Height = a.size.X, a.size.Y
	s.Light, s.Page, s.Common = a.th == theme.Light, int(a.page), a.kernels.common
	a.curves.keep(&s)
	return s
}

// Update takes in what has happened elsewhere and says when to look again.
func (a *App) Update() (next time.Duration) {
	for more := true; more; {
		select {
		case f := <-a.results:
			f()
		default:
			more = false
		}
	}
	select {
	case <-a.options.Done:
		a.options.Done = nil
		a.leave()
	default:
	}
	a.remember()
	now := a.options.Now()
	next = time.Second
	a.mind(now)
	a.tellAsking(now)
	if a.source != nil {
		next = a.follow(now)
	}
	if a.playing {
		next = min(next, a.playOn(now))
	}
	if a.filming() {
		next = min(next, a.maps.playOn(a, now))
	}
	if a.undoing && !a.undoable() {
		a.redraw(steeringPart)
	}
	if a.toast.text != "" && now.After(a.toast.until) {
		a.toast.text = ""
		a.uncover()
	}
	return next
}

// follow takes the newest snapshot, but no more often than the parts follow.
func (a *App) follow(now time.Time) time.Duration {
	every := pageEvery
	if a.filming() {
		every = albumDelay
	}
	wait := every - now.Sub(a.parts[pagePart].drawn)
	if !a.unseen {
		return time.Second
	}
	if wait > 0 {
		return wait
	}
	before := a.snap
	a.snap, a.unseen = a.source.Latest(), false
	if no := a.snap.Refused; no != nil && no != before.Refused {
		a.say(no.Text, true)
	}
	if a.page.follows(before, a.snap) {
		a.redraw(pagePart, timePart) // which tell of the same step
	}
	if ink, bad := a.trouble(layersTab); bad != a.warned.bad || ink != a.warned.ink {
		a.warned.bad, a.warned.ink = bad, ink
		a.redraw(tabsPart)
	}
	if now.Sub(a.parts[headerPart].drawn) >= headerEvery || a.snap.State != before.State {
		a.redraw(headerPart, timePart, steeringPart)
	} else {
		a.unseen = true // the header has not shown it yet
		return headerEvery - now.Sub(a.parts[headerPart].drawn)
	}
	return time.Second
}

// Draw draws what has changed and returns all layers.
func (a *App) Draw() []Layer {
	out := make([]Layer, parts)
	for i := range a.parts {
		s := &a.parts[i]
		if s.rect.W <= 0 || s.rect.H <= 0 {
			s.base, s.shown, s.hits = nil, nil, nil
			continue
		}
		if s.dirty || s.base == nil {
			a.drawBase(part(i), s)
		}
	}
	if a.cover == nil {
		a.above = nil
	}
	for i := range a.parts {
		s := &a.parts[i]
		if s.base == nil {
			continue
		}
		if s.covered || s.shown == nil {
			a.drawOver(part(i), s)
		}
		out[i] = Layer{s.shown, s.version}
	}
	return out
}

func (a *App) drawBase(i part, s *surface) {
	c := draw.New(s.rect, a.scale, a.fonts)
	if i == headerPart {
		c.Scale *= a.frame.zoom
	}
	s.hits = s.hits[:0]
	p := &painter{Canvas: c, app: a, th: a.th, hits: &s.hits}
	switch {
	case i == headerPart && a.snap == nil:
		p.startHeader(s.rect)
	case i == pagePart && a.snap == nil:
		a.start.draw(p, s.rect)
	case i == headerPart:
		p.header(s.rect)
	case i == tabsPart:
		p.tabs(s.rect)
	case i == pagePart:
		a.page.draw(p, s.rect)
	case i == steeringPart:
		p.steering(s.rect)
	case i == timePart:
		p.time(s.rect)
	}
	s.base, s.dirty, s.covered, s.drawn = c.Image, false, true, a.options.Now()
	if i == pagePart {
		a.retell()
	}
}

// retell tells anew of what the pointer is on, or no longer: the page is another than
// when it came there.
func (a *App) retell() {
	if a.hover == nil || a.dragging != nil {
		return
	}
	a.hover = nil
	if h, ok := a.under(); ok && h.id == a.hot && h.move != nil {
		h.move(a.pointer, true)
	}
}

// drawOver copies a part's picture and draws over it. The picture is a new one
// each time, for the window may still hold the last.
func (a *App) drawOver(i part, s *surface) {
	s.shown = &image.RGBA{Pix: append([]uint8(nil), s.base.Pix...), Stride: s.base.Stride, Rect: s.base.Rect}
	s.covered = false
	s.version++
	c := &draw.Canvas{Image: s.shown, Scale: a.scale, Fonts: a.fonts}
	p := &painter{Canvas: c, app: a, th: a.th, hits: new([]hit), over: true}
	if i == pagePart && a.hover != nil && a.cover == nil {
		a.hover(p)
	}
	if a.toast.text != "" {
		p.drawToast()
	}
	if a.cover != nil {
		if i == 0 { // the cover is the same in every part
			a.above = nil
			p.hits = &a.above
		}
		a.cover.draw(p)
	}
}

// Picture is the whole window as it is shown.
func (a *App) Picture() *image.RGBA {
	img := image.NewRGBA(image.Rectangle{Max: a.size})
	bed := a.th.Background
	for i := 0; i < len(img.Pix); i += 4 {
		img.Pix[i], img.Pix[i+1], img.Pix[i+2], img.Pix[i+3] = bed.R, bed.G, bed.B, 255
	}
	for _, l := range a.Draw() {
		if l.Image == nil {
			continue
		}
		r := l.Image.Rect.Intersect(img.Rect)
		for y := r.Min.Y; y < r.Max.Y; y++ {
			copy(img.Pix[img.PixOffset(r.Min.X, y):img.PixOffset(r.Min.X, y)+4*r.Dx()], l.Image.Pix[l.Image.PixOffset(r.Min.X, y):])
		}
	}
	return img
}

// finite says whether a value is a number that can be placed.
func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
