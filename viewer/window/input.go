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

// listen passes the window's events on.
func (w *Window) listen() {
	g := w.glfw
	g.SetCursorPosCallback(func(_ *glfw.Window, x, y float64) { w.moved(x, y) })
	g.SetCursorEnterCallback(func(_ *glfw.Window, in bool) {
		if !in {
			w.app.Handle(viewer.Left{})
		}
	})
	g.SetMouseButtonCallback(func(_ *glfw.Window, b glfw.MouseButton, action glfw.Action, _ glfw.ModifierKey) {
		if b == glfw.MouseButtonLeft {
			x, y := g.GetCursorPos()
			w.moved(x, y)
			w.app.Handle(viewer.Pressed{Down: action == glfw.Press})
		}
	})
	g.SetScrollCallback(func(_ *glfw.Window, _, by float64) { w.app.Handle(viewer.Wheeled{By: by}) })
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
			w.app.Handle(viewer.Key{Name: n, Ctrl: mods&glfw.ModControl != 0, Shift: mods&glfw.ModShift != 0, Again: action == glfw.Repeat})
		}
	})
	g.SetCharCallback(func(_ *glfw.Window, r rune) { w.app.Handle(viewer.Char{Rune: r}) })
	g.SetDropCallback(func(_ *glfw.Window, paths []string) { w.app.Handle(viewer.Dropped{Paths: paths}) })
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

// moved turns a place in the screen's units into the display's pixels.
func (w *Window) moved(x, y float64) {
	width, height := w.glfw.GetSize()
	fbw, fbh := w.glfw.GetFramebufferSize()
	if width > 0 && height > 0 {
		w.app.Handle(viewer.Moved{X: x * float64(fbw) / float64(width), Y: y * float64(fbh) / float64(height)})
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
