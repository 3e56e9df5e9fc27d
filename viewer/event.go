package viewer

// Event is what the window passes on. Places are the display's pixels.
type Event interface{ event() }

// Moved is the pointer at a new place.
type Moved struct{ X, Y float64 }

// Pressed is the left button, going down or up.
type Pressed struct{ Down bool }

// Wheeled is the wheel, up is positive.
type Wheeled struct{ By float64 }

// Key is a key going down, by the name that the help gives it: "Space", "S",
// "Up", "F8". Letters are those of the user's layout.
type Key struct {
	Name        string
	Ctrl, Shift bool
	Again       bool // held down
}

// Char is a character typed.
type Char struct{ Rune rune }

// Dropped are files dropped on the window.
type Dropped struct{ Paths []string }

// Closing is the wish to close the window.
type Closing struct{}

// Left is the pointer outside of the window.
type Left struct{}

func (Moved) event()   {}
func (Pressed) event() {}
func (Wheeled) event() {}
func (Key) event()     {}
func (Char) event()    {}
func (Dropped) event() {}
func (Closing) event() {}
func (Left) event()    {}
