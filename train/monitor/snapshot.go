package monitor

import (
	"image"
	"slices"
	"time"
)

// State is what a run is doing.
type State int

// The states of a run.
const (
	Preparing State = iota // reading images, choosing kernels
	Training
	Paused
	Validating
	Finished // it reached its recipe's end
	Stopped  // by its user; it can be resumed
	Failed   // by itself: NaN, a lost device
)

// Live says whether a process is at the run.
func (s State) Live() bool { return s <= Validating }

// Snapshot is all that a run shows of itself at one moment. Nothing reachable
// from a published snapshot may change afterwards; histories share their memory
// with those of later snapshots, which only append behind what is seen here.
type Snapshot struct {
	Run    *Run
	State  State
	Reason string    // behind the state: "by you", "NaN in fc7, step 382,344"
	Since  time.Time // when the state began; zero: unknown
	Read   float64   // share of the log that is read, 1 when all is there

	Step   int // done
	Epoch  float64
	Solver Solver // in effect

	Points      []Point      // one for each logged step, by step
	Validations []Validation // by step
	Events      []Event      // the journal, by step
	Notices     []Notice     // what is wrong, the newest last
	Unreadable  int          // lines of the log that cannot be read and are left out
	Refused     *Notice      // why the newest refused command was not obeyed; another one for each; nil: none was
	Kernels     []*Shot      // the first layer's, by step; the last is the newest
	Patches     *Patches     // that excite the first layer; nil: not looked for yet
	Pasts       []*Past      // steps whose maps are kept, by step
	Maps        *Maps        // of the watched layer and image; nil: none yet
	Faces       *Faces       // maps of every layer for that image; nil: none yet
	Layers      []LayerFigures
	Timeline    *Timeline // of the last step that was measured
	Machines    []Machine
	Card        *Card     // a question to the user
	Pending     []Command // taken, but not yet obeyed: they hold from the next step on
	Undo        time.Time // until which the last change can be taken back; zero: there is none

	// WatchOnly says why the run cannot be steered; empty: it can.
	WatchOnly string
	// Stoppable says that Stop ends the run all the same, with a checkpoint: the process that
	// trains it is one of this machine.
	Stoppable bool
	// Resumable says that nobody trains the run and that it has a checkpoint.
	Resumable bool
	// Copy is what becomes of a network in this process that looks at images for a run
	// of another one; nil: none can be had. Load asks for it.
	Copy *Copy
}

// Copy is a network with the parameters of a run's checkpoint.
type Copy struct {
	Step    int // of the checkpoint; negative: there is none yet
	Loading bool
	Failed  bool
	Text    string // what is done about it, or why it failed
}

// Copied is the copy's state; without one there is nothing of it.
func (s *Snapshot) Copied() Copy {
	if s.Copy == nil {
		return Copy{Step: -1}
	}
	return *s.Copy
}

// Awaits says whether a command of a kind was sent and is not yet obeyed.
func (s *Snapshot) Awaits(v Verb) bool {
	return slices.ContainsFunc(s.Pending, func(c Command) bool { return c.Verb == v })
}

// Run is what does not change while a run lasts.
type Run struct {
	Name          string
	Path          string // its folder; empty: it keeps nothing
	Data          string // what it trains on, in words
	Classes       []string
	Batch         int
	Columns       int
	Devices       []string // the device of each column; empty: unknown
	Steps         int      // planned; 0: no bound
	StepsPerEpoch float64  // 0: unknown
	ValidateEvery int      // steps; 0: once an epoch
	LogEvery      int      // steps from one point to the next
	Layers        []string // those with weights, in order
	Network       *Network // their shapes; nil: unknown
}

// Epochs is the number of epochs planned, 0 if unknown.
func (r *Run) Epochs() float64 {
	if r.StepsPerEpoch == 0 {
		return 0
	}
	return float64(r.Steps) / r.StepsPerEpoch
}

// Solver is what a user may steer.
type Solver struct {
	Rate, Momentum, Decay float64
	Dropout               float64 // probability of a unit to be dropped; 0: none
	DropoutOff            bool    // for now
}

// Point is a training step that was logged. Errors are fractions; a value that
// is not known is NaN, and so is a loss that was.
type Point struct {
	Step            int
	Epoch           float64
	Seconds         float64 // of training since the start
	Loss            float64 // of this step's batch
	Rate            float64
	Top1Error       float64 // of the training images since the last point
	ImagesPerSecond float64
	Waited          float64 // share of the time that devices waited for images
}

// Validation is one pass over the validation set. Errors are fractions.
type Validation struct {
	Step                       int
	Epoch, Seconds             float64
	Loss, Top1Error, Top5Error float64
}

// EventKind tells events apart.
type EventKind int

// The kinds of events.
const (
	RateChanged EventKind = iota
	SolverChanged
	PausedHere
	ResumedHere
	Checkpointed
	OtherEvent
)

// Event is a line of the journal.
type Event struct {
	Kind  EventKind
	Step  int
	Epoch float64
	Short string // for marks: "rate ÷ 10"
	Text  string // "Rate 0.01 → 0.001"
}

// Notice is something that is wrong, with what to do about it.
type Notice struct {
	Error bool // otherwise a warning
	Text  string
}

// Shot is the first layer at one step.
type Shot struct {
	Step    int
	Epoch   float64
	Kernels *Kernels
	Figures []ColumnFigures // of Kernels, measured once
	// Gradient is of the last batch; nil: not measured. Velocity is then what momentum has
	// gathered of gradients; nil: not kept.
	Gradient, Velocity []float32
}

// ColourShare is how much of a column's kernels is colour: rms of the colour over
// luminance deviation plus that.
func (f ColumnFigures) ColourShare() float64 {
	if f.Luminance+f.Chroma == 0 {
		return 0
	}
	return f.Chroma / (f.Luminance + f.Chroma)
}

// Patches are the parts of some validation images that excite the kernels of the
// first layer most.
type Patches struct {
	Step    int       // done when they were found
	Images  int       // looked through
	Kernels [][]Patch // of each kernel, the strongest first, from an image at most one
	Problem string    // why there are none; empty: there are
	Due     time.Time // until when a run that trains looks for no newer ones; zero: unknown
}

// Patch is what a kernel sees of an image at one place.
type Patch struct {
	Value   float64     // of the layer's output there
	Image   int         // of the validation set
	Picture *image.RGBA // as large as the kernel; black beyond the image's edge
}

// Maps are a layer's outputs for one image, (column, map, y, x), and what the
// network makes of the image.
type Maps struct {
	Step       int
	File       string // of the image, as it is watched; empty: of the validation set
	Frame      int
	Problem    string // why there are none of this image; empty: there are
	Layer      string
	H, W       int
	Columns    [][]float32 // of each column, H*W values a map
	Image      *image.RGBA // the crop that the network saw
	Title      string      // "Validation 1,204"
	Label      int         // the true class; -1: unknown
	Prediction []Guess     // the most probable first
}

// Guess is a class with its probability.
type Guess struct {
	Class       int
	Probability float64
}

// LayerFigures describe a layer in one column.
type LayerFigures struct {
	Layer        string
	Shape        string // "11×11×3, 48"
	Column       int
	WeightNorm   float64
	GradientNorm float64 // NaN if it is, negative if unknown
	UpdateRatio  float64 // norm of the last update over the weights'; negative: unknown
	Frozen       bool    // its parameters stay as they are
	Dead         float64 // share of units that were zero for all watched images; negative: unknown
	Saturated    bool    // Dead is the share of saturated units: tanh, logistic
	Weights      *Histogram
	Gradients    *Histogram // nil: no finite values, or not measured
	Outputs      *Histogram
	Notice       *Notice // nil: nothing wrong
}

// Histogram counts values in bins of equal width from Low to High.
type Histogram struct {
	Low, High float64
	Counts    []int
}

// Timeline is where the time of one step went.
type Timeline struct {
	Step  int
	Total time.Duration
	Lanes []Lane
}

// LaneKind tells lanes apart.
type LaneKind int

// The kinds of lanes.
const (
	DeviceLane LaneKind = iota
	ExchangeLane
	ImageLane
)

// Lane is what one worker did in a step.
type Lane struct {
	Kind   LaneKind
	Column int // of a DeviceLane
	Name   string
	Note   string // below the name
	Rows   int    // of spans side by side; 0: one
	Spans  []Span
}

// SpanKind tells the work in a lane apart.
type SpanKind int

// The kinds of work.
const (
	Forward SpanKind = iota
	Backward
	Update
	WaitingFor
	Transfer
	Loading // of images
)

// Span is a piece of work.
type Span struct {
	Kind     SpanKind
	Name     string
	Row      int           // of the lane, from 0 on
	From, To time.Duration // since the step's begin
}

// Machine is a device and its memory, in bytes; negative: unknown.
type Machine struct {
	Name                          string
	Columns                       []int // that it holds
	Computing, Waiting            float64
	Used, Largest, Capacity       int64
	Weights, Gradients, Momentums int64
	Activations, Work             int64
}

// Card is a question that a run asks and goes on meanwhile.
type Card struct {
	Error     bool
	Title     string
	Text      string
	Short     string // for small windows
	Yes, No   Choice
	Tick      string // of the box below the buttons
	TickValue bool
}

// Choice is a button of a card.
type Choice struct {
	Label   string
	Key     string // "D"
	Command Command
}
