package monitor

import (
	"errors"
	"fmt"
	"math"
	"strconv"
)

// Verb is what a command asks for.
type Verb int

// The commands to a run.
const (
	Pause Verb = iota
	Resume
	StepOnce
	SetRate     // Value; a warm-up ends
	ScaleRate   // times Value; a warm-up goes on
	SetMomentum // Value
	SetDecay    // Value
	SetDropout  // Value, the probability
	DropoutOn   // Value 1, DropoutOff: 0
	Validate
	Save   // a checkpoint
	Stop   // with a checkpoint
	GoBack // to the last good checkpoint, after numbers exploded or the loss rose
	Answer // to the card: Value 1 is yes; Text is its title, or its tick's
	Undo
	Load // a copy of the network, to look at images (Copy)
)

// Command is a wish of the user. A trainer obeys between two steps.
type Command struct {
	Verb  Verb
	Value float64
	Text  string
}

// Bounds of the rate that a user may set.
const (
	LeastRate = 1e-7
	MostRate  = 10
)

// Check says in a sentence for the user what is wrong with a command to a run
// whose solver is s.
func (c Command) Check(s Solver) error {
	switch c.Verb {
	case SetRate:
		return between("Rate", c.Value, LeastRate, MostRate)
	case ScaleRate:
		return between("Rate", c.Value*s.Rate, LeastRate, MostRate)
	case SetMomentum:
		return between("Momentum", c.Value, 0, 0.9999) // at 1 each step counts forever
	case SetDecay:
		return between("Weight decay", c.Value, 0, 1)
	case SetDropout, DropoutOn:
		if s.Dropout == 0 {
			return errors.New("This network has no dropout.")
		}
		// Kernels are built with the probability.
		if c.Verb == SetDropout && c.Value != 0 && c.Value != s.Dropout {
			return fmt.Errorf("Dropout must be %g, or 0 to switch it off.", s.Dropout)
		}
	}
	return nil
}

// between is a sentence for the user if a value lies elsewhere.
func between(name string, v, low, high float64) error {
	if math.IsNaN(v) || v < low || v > high {
		write := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
		return fmt.Errorf("%s must be between %s and %s.", name, write(low), write(high))
	}
	return nil
}
