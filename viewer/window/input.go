package window

import (
	"strings"

	"github.com/go-gl/glfw/v3.3/glfw"

	"alexnet/viewer"
)

// names of the keys that have no letter.
var names = map[glfw.Key]string{
	glfw.KeySpace: "Space", glfw.KeyEscape: "Esc", glfw.KeyEnter: "Enter", glfw.KeyKPEnter: "Enter", glfw.KeyTab: "Tab",
	glfw.KeyBackspace: "Backspace", glfw.KeyDelete: "Delete", glfw.KeyLeft: "Left", glfw.KeyRight: "Right", glfw.KeyUp: "Up", glfw.KeyDown: "Down",
	glfw.KeyHome: "Home", glfw.KeyEnd: "End", glfw.KeyPageUp: "PageUp", glfw.KeyPageDown: "PageDown",
	glfw.KeyF1: "F1", glfw.KeyF8: "F8", glfw.KeyF11: "F11",
}

// name is what the app calls a key: letters and digits by the user's layout.
func name(key glfw.Key, scancode int) string {
	if n, ok := names[key]; ok {
		return n
	}
	if key >= glfw.Key0 && key <= glfw.Key9 { // on some layouts digits need shift
		return string(rune('0' + key - glfw.Key0))
	}
	if key >= glfw.KeyKP0 && key <= glfw.KeyKP9 {
		return string(rune('0' + key - glfw.KeyKP0))
	}
	if n := glfw.GetKeyName(key, scancode); n != "" {
		return strings.ToUpper(n)
	}
	if key >= glfw.KeyA && key <= glfw.KeyZ {
		return string(rune('A' + key - glfw.KeyA))
	}
	return ""
}

// handle passes an event on, behind the place of the pointer then.
func (w *Window) handle(e viewer.Event) {
	w.point()
	w.app.Handle(e)
}

// listen passes the window's events on.
func (w *Window) listen() {
	g := w.glfw
	g.SetCursorPosCallback(func(_ *glfw.Window, x, y float64) { w.move(x, y) })
	g.SetCursorEnterCallback(func(_ *glfw.Window, in bool) {
		if !in {
			w.handle(viewer.Left{})
		}
	})
	g.SetMouseButtonCallback(func(_ *glfw.Window, b glfw.MouseButton, action glfw.Action, _ glfw.ModifierKey) {
		if b == glfw.MouseButtonLeft {
			w.handle(viewer.Pressed{Down: action == glfw.Press})
		}
	})
	g.SetScrollCallback(func(_ *glfw.Window, _, by float64) { w.handle(viewer.Wheeled{By: by}) })
	g.SetKeyCallback(func(_ *glfw.Window, key glfw.Key, scancode int, action glfw.Action, mods glfw.ModifierKey) {
		if action == glfw.Release {
			return
		}
		n := name(key, scancode)
		if n == "F11" {
			w.fullScreen()
			return
		}
		if n != "" {
			w.handle(viewer.Key{Name: n, Ctrl: mods&glfw.ModControl != 0, Shift: mods&glfw.ModShift != 0, Again: action == glfw.Repeat})
		}
	})
	g.SetCharCallback(func(_ *glfw.Window, r rune) { w.handle(viewer.Char{Rune: r}) })
	g.SetDropCallback(func(_ *glfw.Window, paths []string) { w.handle(viewer.Dropped{Paths: paths}) })
	g.SetFramebufferSizeCallback(func(*glfw.Window, int, int) {
		w.resize()
		w.Frame() // while a border is dragged, the loop may stand still
	})
	g.SetContentScaleCallback(func(*glfw.Window, float32, float32) { w.resize() })
	g.SetRefreshCallback(func(*glfw.Window) { w.stale = true })
	g.SetCloseCallback(func(*glfw.Window) {
		g.SetShouldClose(false) // the app decides
		w.app.Handle(viewer.Closing{})
	})
}

// move notes where the pointer is. Of the places that it passes between two frames, or
// two other events, the app needs the last. Where it is when a button goes down, the
// moves before that tell: the display, when asked, tells where it is by now, which in a
// drag on a busy machine is further on.
func (w *Window) move(x, y float64) {
	w.pointer.x, w.pointer.y, w.moved = x, y, true
}

// point tells the app where the pointer is, if it has moved.
func (w *Window) point() {
	if w.moved {
		w.moved = false
		w.app.Handle(viewer.Moved{X: w.pointer.x * w.ratio.x, Y: w.pointer.y * w.ratio.y})
	}
}

// fullScreen fills the screen that the window is on most, or leaves it.
func (w *Window) fullScreen() {
	if w.glfw.GetMonitor() != nil {
		w.glfw.SetMonitor(nil, w.place.x, w.place.y, w.place.width, w.place.height, glfw.DontCare)
		return
	}
	w.place.x, w.place.y = w.glfw.GetPos()
	w.place.width, w.place.height = w.glfw.GetSize()
	if m := w.monitor(); m != nil {
		mode := m.GetVideoMode()
		w.glfw.SetMonitor(m, 0, 0, mode.Width, mode.Height, mode.RefreshRate)
	}
}

// monitor is the one that the window's middle is on.
func (w *Window) monitor() *glfw.Monitor {
	x, y := w.place.x+w.place.width/2, w.place.y+w.place.height/2
	for _, m := range glfw.GetMonitors() {
		mx, my := m.GetPos()
		if mode := m.GetVideoMode(); mode != nil && x >= mx && y >= my && x < mx+mode.Width && y < my+mode.Height {
			return m
		}
	}
	return glfw.GetPrimaryMonitor()
}
