package train

import (
	"fmt"
	"slices"

	"alexnet/train/monitor"
)

// Schedule is the learning rate's course: what a checkpoint keeps of it. Rates
// are the solver's epsilon.
type Schedule struct {
	solver  Solver
	steered *Steered // nil: nothing

	Drops      int     `json:"drops"`      // divisions so far
	Best       float64 `json:"best"`       // lowest validation error, a fraction; 2 before the first
	Since      int     `json:"since"`      // validations since then
	Finished   bool    `json:"finished"`   // the plateau behind the last drop
	Multiplier float64 `json:"multiplier"` // Factor ^ Drops
}

// solverFor is a recipe's solver with the steps of its drop epochs among the milestones.
func (c *Config) solverFor(sets *Sets) Solver {
	s := c.Solver
	s.Milestones = slices.Clone(s.Milestones)
	for _, e := range s.DropEpochs {
		s.Milestones = append(s.Milestones, c.stepsOf(e, sets))
	}
	return s
}

// NewSchedule begins a schedule.
func NewSchedule(s Solver) *Schedule { return &Schedule{solver: s, Best: 2, Multiplier: 1} }

// resumed goes on by a recipe's solver as it is now. A run that a plateau has finished
// goes on where that allows another drop, or has no such rule.
func (s *Schedule) resumed(now Solver) {
	s.solver = now
	if now.Schedule != "plateau" || now.Drops > s.Drops {
		s.Finished = false
	}
}

// Rate is the rate of a step, counted from 0.
func (s *Schedule) Rate(step int) float64 {
	rate, from, warm := s.solver.Rate, -1, step >= s.solver.Warmup
	if s.steered != nil && s.steered.Rate > 0 {
		rate, from, warm = s.steered.Rate, s.steered.RateStep, true
	}
	if s.steered != nil && s.steered.Scale > 0 {
		rate *= s.steered.Scale
	}
	rate *= s.Multiplier
	if s.solver.Schedule == "step" {
		for _, m := range s.solver.Milestones {
			if from < m && m <= step {
				rate *= s.solver.Factor
			}
		}
	}
	if !warm {
		rate *= float64(step+1) / float64(s.solver.Warmup)
	}
	return rate
}

// WarmupNote is a sentence for the user of a run that warms up for more than half of its
// planned steps, and then trains at a lower rate than its recipe has; empty: it does not.
func WarmupNote(c *Config, sets *Sets) string {
	planned, warm := PlannedSteps(c, sets), c.Solver.Warmup
	if 2*warm <= planned || planned == 0 {
		return ""
	}
	return fmt.Sprintf("The rate rises over the first %s steps and the run has %s: it hardly trains at its full rate. Shorten the warm-up: --set solver.warmup=%d.",
		monitor.Count(warm), monitor.Count(planned), planned/10)
}

// steer sets the rate from a step on. Later drops divide it.
func (s *Schedule) steer(step int, rate float64) {
	s.steered.Rate, s.steered.RateStep, s.steered.Scale, s.Multiplier = rate, step, 0, 1
}

// scale multiplies the rate from now on: a warm-up and drops go on as they would.
func (s *Schedule) scale(by float64) {
	if s.steered.Scale == 0 {
		s.steered.Scale = 1
	}
	s.steered.Scale = tidy(s.steered.Scale * by)
}

// Validated takes a validation's top-1 error. Under "plateau" the rate drops when
// the error has not fallen for Patience validations, Drops times; then the next
// plateau finishes the run (Krizhevsky 2012, section 5).
func (s *Schedule) Validated(err float64) (dropped bool) {
	if err < s.Best {
		s.Best, s.Since = err, 0
		return false
	}
	s.Since++
	if s.solver.Schedule != "plateau" || s.Since < s.solver.Patience {
		return false
	}
	s.Since = 0
	if s.Drops >= s.solver.Drops {
		s.Finished = true
		return false
	}
	s.Drops++
	s.Multiplier *= s.solver.Factor
	return true
}
