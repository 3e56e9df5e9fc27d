package viewer

import (
	"alexnet/train/monitor"
	"alexnet/viewer/theme"
)

// binding is what a key does. The help shows the table that works the keys.
type binding struct {
	keys  []string // any of them, as the help writes them
	text  string
	group string
	act   func(*App)
}

// Groups of the help, in its order.
const (
	runKeys   = "The run"
	pageKeys  = "Pages"
	pastKeys  = "Looking back"
	viewKeys  = "View"
	startKeys = "Start page"
)

func command(verb monitor.Verb, value float64) func(*App) {
	return func(a *App) { a.send(monitor.Command{Verb: verb, Value: value}) }
}

// bindings are all keys. It is a function because what keys do leads back to it.
func bindings() []binding {
	return []binding{
		{[]string{"Space"}, "pause, resume", runKeys, (*App).pauseOrResume},
		{[]string{"S"}, "one step", runKeys, command(monitor.StepOnce, 0)},
		{[]string{"R"}, "type a rate", runKeys, (*App).typeRate},
		{[]string{"Ctrl+Up"}, "rate × 10", runKeys, func(a *App) { a.scaleRate(10) }},
		{[]string{"Ctrl+Down"}, "rate ÷ 10", runKeys, func(a *App) { a.scaleRate(0.1) }},
		{[]string{"V"}, "validate now", runKeys, command(monitor.Validate, 0)},
		{[]string{"C"}, "write a checkpoint", runKeys, command(monitor.Save, 0)},
		{[]string{"D"}, "card: divide", runKeys, func(a *App) { a.answer("D") }},
		{[]string{"N"}, "card: no", runKeys, func(a *App) { a.answer("N") }},
		{[]string{"B"}, "card: go back", runKeys, func(a *App) { a.answer("B") }},
		{[]string{"G"}, "go on training", runKeys, (*App).resumeShown},
		{[]string{"Ctrl+Z"}, "undo a change", runKeys, command(monitor.Undo, 0)},
		{[]string{"1"}, "", pageKeys, func(a *App) { a.turn(kernelsTab) }},
		{[]string{"2"}, "", pageKeys, func(a *App) { a.turn(activationsTab) }},
		{[]string{"3"}, "", pageKeys, func(a *App) { a.turn(curvesTab) }},
		{[]string{"4"}, "", pageKeys, func(a *App) { a.turn(networkTab) }},
		{[]string{"5"}, "", pageKeys, func(a *App) { a.turn(layersTab) }},
		{[]string{"6"}, "", pageKeys, func(a *App) { a.turn(devicesTab) }},
		{[]string{"1 – 6"}, "pages", pageKeys, nil},
		{[]string{"["}, "", pageKeys, func(a *App) { a.turnLayer(-1) }},
		{[]string{"]"}, "", pageKeys, func(a *App) { a.turnLayer(1) }},
		{[]string{"[", "]"}, "layer before, next", pageKeys, nil},
		{[]string{"Left"}, "", pageKeys, func(a *App) { a.step(-1) }},
		{[]string{"Right"}, "", pageKeys, func(a *App) { a.step(1) }},
		{[]string{"Left", "Right"}, "image or kernel", pageKeys, nil},
		{[]string{"M"}, "map over the image", pageKeys, func(a *App) { a.maps.toggleMap(a) }},
		{[]string{"L"}, "logarithmic axis", pageKeys, func(a *App) { a.curves.toggleLog(a) }},
		{[]string{"F"}, "fit, reset the view", pageKeys, (*App).fit},
		{[]string{","}, "snapshot before", pastKeys, func(a *App) { a.lookBack(-1) }},
		{[]string{"."}, "next snapshot", pastKeys, func(a *App) { a.lookBack(1) }},
		{[]string{"Home"}, "first snapshot", pastKeys, (*App).lookFirst},
		{[]string{"End"}, "now", pastKeys, (*App).lookNow},
		{[]string{"Enter"}, "play", pastKeys, (*App).playHere},
		{[]string{"P"}, "save a picture", viewKeys, (*App).savePicture},
		{[]string{"E"}, "export", viewKeys, (*App).export},
		{[]string{"O"}, "other runs, start page", viewKeys, (*App).home},
		{[]string{"J"}, "journal", viewKeys, (*App).journal},
		{[]string{"W"}, "wall view", viewKeys, (*App).toggleWall},
		{[]string{"Ctrl+0"}, "panes as designed", viewKeys, (*App).fitPanes},
		{[]string{"F8"}, "dark, light", viewKeys, (*App).switchTheme},
		{[]string{"F11"}, "full screen", viewKeys, nil}, // the window's own
		{[]string{"?", "F1"}, "this help", viewKeys, (*App).toggleHelp},
		{[]string{"Esc"}, "leave a field, close", viewKeys, (*App).escape},
		{[]string{"Ctrl+Q"}, "close", viewKeys, (*App).close},
		{[]string{"D"}, "train the demo", startKeys, nil},
		{[]string{"A"}, "all settings", startKeys, nil},
		{[]string{"O"}, "open a run", startKeys, nil},
		{[]string{"Up", "Down"}, "choose a run", startKeys, nil},
		{[]string{"Enter", "G"}, "show it, go on", startKeys, nil},
	}
}

// repeats are the keys that go on while they are held down.
var repeats = map[string]bool{"Left": true, "Right": true, "Up": true, "Down": true, "Tab": true, "Backspace": true}

// punctuation are keys whose place differs between keyboards: they come as
// characters.
const punctuation = "[],.?"

// key does what a key is for: what has the focus first, then the window.
func (a *App) key(e Key) {
	if e.Name == "Backspace" || e.Ctrl && e.Name == "A" {
		a.mainField()
	}
	before := a.field
	defer func() {
		a.swallow = before == nil && a.field != nil && (len(e.Name) == 1 || e.Name == "Space") && !e.Ctrl
	}()
	if a.field != nil && a.field.key(a, e) {
		return
	}
	name := e.Name
	if e.Ctrl {
		name = "Ctrl+" + name
	}
	if e.Again && !repeats[name] {
		return // a key held down divides no rate twice
	}
	switch {
	case name == "Tab":
		a.tabulate(e.Shift)
		return
	case (name == "Enter" || name == "Space") && a.focus != "":
		if h, _, ok := a.find(a.focus); ok && h.act != nil {
			h.act()
			return
		}
	case a.cover != nil && name != "Esc":
		if a.cover.key(a, name) {
			return
		}
	}
	if len(name) == 1 && containsRune(punctuation, rune(name[0])) {
		return // comes as a character, too
	}
	a.run(name)
}

func containsRune(s string, r rune) bool {
	for _, x := range s {
		if x == r {
			return true
		}
	}
	return false
}

// char takes what was typed.
func (a *App) char(r rune) {
	if a.swallow {
		a.swallow = false
		return
	}
	if r != ' ' { // which works buttons
		a.mainField()
	}
	if a.field != nil {
		a.field.insert(a, r)
		return
	}
	if containsRune(punctuation, r) {
		a.run(string(r))
	}
}

// onStart are the keys that work on the start page; others have nothing to work
// on there.
var onStart = map[string]bool{"F8": true, "?": true, "F1": true, "Esc": true, "Ctrl+Q": true, "P": true}

// onCover are the keys that work while a cover is open; others would work on what it
// lies over.
var onCover = map[string]bool{"F8": true, "?": true, "F1": true, "Esc": true, "Ctrl+Q": true}

func (a *App) run(name string) {
	if _, panel := a.cover.(*more); a.cover != nil && !panel && !onCover[name] {
		return
	}
	if a.snap == nil && !onStart[name] {
		a.start.key(a, name)
		return
	}
	for _, b := range bindings() {
		for _, k := range b.keys {
			if k == name && b.act != nil {
				b.act(a)
				return
			}
		}
	}
}

func (a *App) turn(to page) {
	if a.page == to {
		return
	}
	a.page = to
	a.watch()
	a.hover = nil
	a.redraw(tabsPart, pagePart)
}

// step chooses the image or kernel before or behind.
func (a *App) step(by int) {
	switch a.page {
	case activationsTab:
		a.maps.turn(a, by)
	case networkTab:
		a.network.step(a, by)
	case kernelsTab:
		a.kernels.step(a, by)
	}
}

// turnLayer chooses the layer before or behind on the pages that have one.
func (a *App) turnLayer(by int) {
	switch a.page {
	case activationsTab, networkTab:
		a.maps.turnLayer(a, by)
	case kernelsTab:
		a.kernels.turnLayer(a)
	}
}

// fit shows all of the page's figure.
func (a *App) fit() {
	switch a.page {
	case curvesTab:
		a.curves.fit(a)
	case networkTab:
		a.network.fit(a)
	}
}

func (a *App) switchTheme() {
	a.th = a.th.Other()
	a.curves.reset()
	a.redraw()
}

func (a *App) toggleWall() {
	a.wall = !a.wall
	a.arrange()
}

func (a *App) toggleHelp() {
	if _, is := a.cover.(*help); is {
		a.open(nil)
		return
	}
	a.open(&help{})
}

// escape leaves the innermost of what is open.
func (a *App) escape() {
	switch {
	case a.cover != nil:
		a.open(nil)
	case a.focus != "":
		a.touch(a.focus)
		a.focus = ""
	case a.wall:
		a.toggleWall()
	case a.past >= 0:
		a.lookNow()
	}
}

// heightOf is the room that lines of small text take.
func heightOf(lines int) float64 { return float64(lines) * theme.SmallLine }
