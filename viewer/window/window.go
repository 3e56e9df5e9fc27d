// Package window shows the app in a GLFW window through g3n: each part of the app
// is a picture on a rectangle of its own, uploaded when it has changed and never
// otherwise. There is one window a process.
//
// It makes the GLFW window itself and takes only OpenGL state, renderer, textures
// and meshes from g3n: g3n's window package always asks for eight samples a pixel,
// which a picture that is shown pixel for pixel does not need and software OpenGL
// pays for, and its gui is not used (see package viewer).
package window

import (
	"errors"
	"fmt"
	"io"
	"log"
	"time"

	"github.com/g3n/engine/gls"
	"github.com/go-gl/glfw/v3.3/glfw"

	"alexnet/viewer"
	"alexnet/viewer/theme"
)

// ErrNoDisplay is returned where no window can be opened.
var ErrNoDisplay = errors.New("no display here")

// Options are how a window opens.
type Options struct {
	Title         string
	Width, Height int  // in the screen's units; 0: the design's
	Hidden        bool // for tests
	// Lost is called once if the display is gone, as when its server has died, or if it
	// refuses what the window asks for, as when another program has destroyed the window;
	// why says which. It is called on any thread and in the midst of what the window does,
	// must not call the window, and ends the process. Nil: the process ends at once.
	Lost func(why error)
}

// Window is the window. All its methods belong to the main thread.
type Window struct {
	app   *viewer.App
	glfw  *glfw.Window
	state *gls.GLS
	parts shower
	place struct{ x, y, width, height int } // before full screen
	shown time.Time                         // when a frame was last drawn
	stale bool                              // the window's contents must be drawn again

	pointer struct{ x, y float64 } // in the screen's units
	moved   bool                   // the app does not know it yet
	ratio   struct{ x, y float64 } // the display's pixels to a unit
}

// shower brings the app's parts into the window's back buffer.
type shower interface {
	// update takes over what has changed and says whether anything has.
	update(layers []viewer.Layer, width, height int) (changed bool)
	render(width, height int)
}

// frameTime is the least time between two frames: hands and eyes are served at
// this rate, and a software renderer can do it.
const frameTime = time.Second / 60

// Open opens the window. It must be called on the main thread.
func Open(o Options) (w *Window, err error) {
	if err := start(); err != nil {
		return nil, err
	}
	if o.Width <= 0 || o.Height <= 0 {
		o.Width, o.Height = theme.StandardWidth, theme.StandardHeight
	}
	glfw.DefaultWindowHints()
	glfw.WindowHint(glfw.ContextVersionMajor, 3)
	glfw.WindowHint(glfw.ContextVersionMinor, 3)
	glfw.WindowHint(glfw.OpenGLProfile, glfw.OpenGLCoreProfile)
	glfw.WindowHint(glfw.OpenGLForwardCompatible, glfw.True)
	glfw.WindowHint(glfw.DepthBits, 0)
	glfw.WindowHint(glfw.StencilBits, 0)
	if o.Hidden {
		glfw.WindowHint(glfw.Visible, glfw.False)
	}
	w = &Window{}
	if w.glfw, err = create(o); err != nil {
		glfw.Terminate()
		return nil, fmt.Errorf("window: %w; OpenGL 3.3 is needed: install your GPU's driver, or Mesa's for the processor", err)
	}
	watchDisplay(o.Lost)
	w.glfw.MakeContextCurrent()
	glfw.SwapInterval(0) // frames are drawn when something changed, not with the screen
	if w.state, err = gls.New(); err != nil {
		w.Close()
		return nil, fmt.Errorf("window: OpenGL: %w", err)
	}
	if w.parts, err = newShower(w.state); err != nil {
		w.Close()
		return nil, err
	}
	w.glfw.SetSizeLimits(theme.MinimumWidth, theme.MinimumHeight, glfw.DontCare, glfw.DontCare)
	return w, nil
}

func newShower(state *gls.GLS) (shower, error) {
	if copies(state) {
		return newCopied(state)
	}
	return newScene(state)
}

// start initializes GLFW. Without a display the binding logs, returns no error and
// panics in the next call: that call is made here, and the log kept quiet.
func start() (err error) {
	defer log.SetOutput(log.Writer())
	log.SetOutput(io.Discard)
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w (%v)", ErrNoDisplay, r)
		}
	}()
	if err := glfw.Init(); err != nil {
		return fmt.Errorf("%w (%v)", ErrNoDisplay, err)
	}
	if glfw.GetPrimaryMonitor() == nil {
		glfw.Terminate()
		return ErrNoDisplay
	}
	return nil
}

func create(o Options) (g *glfw.Window, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w (%v)", ErrNoDisplay, r)
		}
	}()
	return glfw.CreateWindow(o.Width, o.Height, o.Title, nil, nil)
}

// Close closes the window and GLFW.
func (w *Window) Close() {
	w.glfw.Destroy()
	glfw.Terminate()
}

// Wake makes the window look again; it may be called on any goroutine.
func Wake() { glfw.PostEmptyEvent() }

// Run shows the app until it quits; first is called behind the first frame.
func (w *Window) Run(app *viewer.App, first func()) {
	w.attach(app)
	w.Frame()
	first()
	for !app.Quit() {
		w.point()
		wait := app.Update()
		if frame := time.Since(w.shown); frame < frameTime {
			glfw.WaitEventsTimeout((frameTime - frame).Seconds())
			continue
		}
		w.Frame()
		glfw.WaitEventsTimeout(max(wait, time.Millisecond).Seconds())
	}
}

// attach makes the app get the window's events.
func (w *Window) attach(app *viewer.App) {
	w.app = app
	w.listen()
	w.resize()
	// A click before the pointer ever moved must be somewhere.
	w.move(w.glfw.GetCursorPos())
	w.point()
}

func (w *Window) resize() {
	width, height := w.glfw.GetFramebufferSize()
	if x, y := w.glfw.GetSize(); x > 0 && y > 0 {
		w.ratio.x, w.ratio.y = float64(width)/float64(x), float64(height)/float64(y)
	}
	scale, _ := w.glfw.GetContentScale()
	if scale <= 0 {
		scale = 1
	}
	w.app.Resize(width, height, float64(scale))
	w.stale = true
}

// Frame draws and shows what has changed; nothing if nothing has.
func (w *Window) Frame() {
	width, height := w.glfw.GetFramebufferSize()
	if width == 0 || height == 0 {
		return // minimized
	}
	changed := w.parts.update(w.app.Draw(), width, height)
	if !changed && !w.stale {
		return
	}
	w.stale = false
	w.parts.render(width, height)
	w.glfw.SwapBuffers()
	w.shown = time.Now()
}
