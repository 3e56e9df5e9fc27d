// Package viewer is the desktop app without its window: frame, pages, keys and
// what they do, drawn on the CPU into one picture for each part of the window.
//
// It draws everything itself instead of using a toolkit's panels, labels and
// charts. The design fixes every distance and digit, which g3n's gui cannot be
// made to follow (its chart draws no lines on HiDPI displays, its key focus sticks
// to drop-downs); a picture drawn on the CPU is the same with every driver, can be
// compared with a golden one and saved, and all of it is tested without a
// display. The window (viewer/window) only shows the pictures as textures and
// passes events on. What is drawn: at most a few parts of the window, each only
// when something in it changed, a few milliseconds each.
//
// Everything here runs on one goroutine, the window's. It reads a run through a
// Source, whose snapshots never change, and never waits for one.
package viewer

import (
	"time"

	"alexnet/train/monitor"
)

// Source is a run that can be watched: one that this process trains, one that
// another process writes, or a finished one. None of its methods waits.
// monitor.Board is one.
type Source interface {
	// Latest is the newest snapshot, never nil.
	Latest() *monitor.Snapshot
	// Changed has a token when there is a newer one.
	Changed() <-chan struct{}
	// Watch tells what is being looked at.
	Watch(monitor.Watch)
	// Send asks for something; its error is a sentence for the user.
	Send(monitor.Command) error
	// Close ends the watching, not the run.
	Close() error
}

// Recent is a run on the start page.
type Recent struct {
	Path, Name, Data string
	State            monitor.State
	Note             string // "finished 3 Nov", "training now, in another process"
	Problem          *monitor.Notice
	Resumable        bool    // nobody trains it and it has a checkpoint
	Error            float64 // NaN: never validated
	ErrorName        string  // "top-5"
	Epoch, Epochs    float64
	Steps, Losses    []float64
	Kernels          *monitor.Kernels // nil: none yet
}

// Device is a device on the start page.
type Device struct {
	ID                         string // tells it from others of its name
	Name, Type, Memory, Driver string
	Problem                    string // empty: its self-test passed
}

// Order is what the start page's form asks to train. What is empty is left to the
// program.
type Order struct {
	Folder  string
	Recipe  string
	Devices []string // by their IDs, one for each column
	Batch   int
	Passes  float64  // over the images, at most
	Set     []string // settings that are changed, each as alexnet's --set has it
}

// Checked is what was found out about an order.
type Checked struct {
	Order   Order // with nothing left empty but what cannot be known
	Recipes []Recipe
	Why     string // why the recipe was filled in, a sentence; empty: it was asked for
	Found   string // what is in the folder
	Memory  string // what the batch takes
	Length  string // how long that many passes are
	Problem string // why it cannot be trained, a sentence; empty: it can, or has no folder yet
	Field   string // which of the form's fields that is about
	// Settings lists the recipe's settings, as the order has them; nil: it cannot be
	// read.
	Settings Lister
	// Begin begins to train; nil: it cannot.
	Begin func() (Source, error)
}

// Recipe is one that trains on a folder of images.
type Recipe struct{ Name, Text string }

// Fields of the form. Two are settings of the recipe, and called by their paths.
const (
	FolderField   = "folder"
	RecipeField   = "recipe"
	DevicesField  = "devices"
	BatchField    = "data.batch"
	PassesField   = "solver.max_epochs"
	SettingsField = "settings"
)

// Options are what the app gets from the program about it. Functions that are nil
// are not offered.
type Options struct {
	// Open opens the folder of a run; it is called on goroutines.
	Open func(path string) (Source, error)
	// Same says whether two paths are of the same folder; it is called on goroutines. nil:
	// those that read alike are.
	Same func(path, other string) bool
	// Paths lists what a path that is typed so far can become, beginning as that does;
	// folders end in a slash. It is called on goroutines.
	Paths func(typed string) []string
	// Find says what files that the user has brought are; it is called on
	// goroutines. Its error is a sentence for the user.
	Find func(paths []string) (Found, error)
	// Recent lists runs, Devices the devices; they are called on goroutines of
	// their own.
	Recent  func() ([]Recent, error)
	Devices func() ([]Device, error)
	// Demo begins to train the demo, with settings that are changed. DemoSettings lists
	// them.
	Demo         func(changed []string) (Source, error)
	DemoSettings Lister
	// Check looks whether an order can be trained; it is called on goroutines.
	Check func(Order) Checked
	// Resume looks whether the run of a folder can go on; it is called on goroutines.
	// Its error is what stands against it.
	Resume func(path string) (Resumption, error)
	// Save keeps a file made of a run, or of none if that has no name, and returns its
	// whole path; it is called on goroutines.
	Save func(run, name string, data []byte) (path string, err error)
	// Detach lets training go on without a window; nil: it cannot.
	Detach func()
	// Done is closed when the program is told to end: the window closes once a run
	// that this process trains has ended. nil: never.
	Done <-chan struct{}
	// Wake makes the window look again; it may be called on any goroutine.
	Wake func()
	// Now is the clock; nil: time.Now.
	Now func() time.Time
	// Settings are how the window was left.
	Settings Settings
}

// Settings are what is remembered from one start to the next.
type Settings struct {
	Width, Height int
	Light         bool
	Page          int
	Steering      float64 // width of the panel; 0: the design's
	Strip         float64 // height below the kernels; 0: the design's
	Log           bool    // axes
	Along         int
	Smooth        int
	Common        bool // scale of kernels
}
