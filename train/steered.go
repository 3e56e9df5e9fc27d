package train

import (
	"strings"

	"alexnet/net"
	"alexnet/train/monitor"
)

// Steered is what a user has changed while a run trained: a checkpoint keeps it.
type Steered struct {
	// Rate is solver.rate from step RateStep on, without the recipe's warm-up and
	// drops before; 0: as the recipe has it.
	Rate       float64  `json:"rate,omitempty"`
	RateStep   int      `json:"rate_step,omitempty"`
	Scale      float64  `json:"rate_scale,omitempty"` // factor on the rate; 0: 1
	Momentum   *float64 `json:"momentum,omitempty"`
	Decay      *float64 `json:"decay,omitempty"`
	DropoutOff bool     `json:"dropout_off,omitempty"`
	// Automatic says that the plateau's card answers itself.
	Automatic bool `json:"automatic,omitempty"`
	// PlateauFrom and PlateauAsked are the assistant's then: it divides at the same
	// validations whether the run is stopped in between or not.
	PlateauFrom  int `json:"plateau_from,omitempty"`
	PlateauAsked int `json:"plateau_asked,omitempty"`
	// Changes counts the journal's changes so far.
	Changes int `json:"changes,omitempty"`
}

// Solver is a recipe's as it was steered, but for the rate, which the schedule
// knows.
func (s Steered) Solver(c *Config) monitor.Solver {
	out := monitor.Solver{Rate: c.Solver.Rate, Momentum: c.Solver.Momentum, Decay: c.Solver.Decay, DropoutOff: s.DropoutOff}
	if s.Momentum != nil {
		out.Momentum = *s.Momentum
	}
	if s.Decay != nil {
		out.Decay = *s.Decay
	}
	for _, l := range c.Net.Layers {
		if d, ok := l.(net.Dropout); ok && c.Net.Dropout {
			out.Dropout = d.Probability
		}
	}
	return out
}

// set drops what overrides of a recipe (key=value) set: they are newer, even if that recipe
// said the same.
func (s *Steered) set(overrides []string) {
	for _, o := range overrides {
		key, _, _ := strings.Cut(o, "=")
		switch strings.TrimSpace(key) {
		case "solver.rate":
			s.Rate, s.RateStep, s.Scale = 0, 0, 0
		case "solver.momentum":
			s.Momentum = nil
		case "solver.decay":
			s.Decay = nil
		}
	}
}

// reconsider drops what a resumed run's recipe now sets otherwise than that of its
// checkpoint: --set is newer.
func (s *Steered) reconsider(before, now Solver) {
	if before.Rate != now.Rate {
		s.Rate, s.RateStep, s.Scale = 0, 0, 0
	}
	if before.Momentum != now.Momentum {
		s.Momentum = nil
	}
	if before.Decay != now.Decay {
		s.Decay = nil
	}
}
