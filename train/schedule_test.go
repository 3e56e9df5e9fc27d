package train

import (
	"fmt"
	"math"
	"testing"

	"alexnet/train/data"
)

func near(a, b float64) bool { return math.Abs(a-b) < 1e-12 }

func TestPlateauDropsThreeTimesThenFinishes(t *testing.T) {
	s := NewSchedule(Solver{Rate: 0.01, Schedule: "plateau", Factor: 0.1, Patience: 2, Drops: 3})
	for i, c := range []struct {
		err, rate float64
		finished  bool
	}{
		{0.9, 0.01, false}, {0.8, 0.01, false}, {0.8, 0.01, false}, {0.7, 0.01, false},
		{0.7, 0.01, false}, {0.75, 0.001, false}, {0.6, 0.001, false}, {0.6, 0.001, false}, {0.6, 0.0001, false},
		{0.6, 0.0001, false}, {0.6, 0.00001, false}, {0.6, 0.00001, false}, {0.6, 0.00001, true},
	} {
		s.Validated(c.err)
		if !near(s.Rate(1000), c.rate) || s.Finished != c.finished {
			t.Errorf("validation %d: rate %g, finished %v; want %g, %v", i, s.Rate(1000), s.Finished, c.rate, c.finished)
		}
	}
}

func TestStepsAndWarmup(t *testing.T) {
	s := NewSchedule(Solver{Rate: 0.1, Schedule: "step", Factor: 0.1, Milestones: []int{10, 20}, Warmup: 4, Patience: 1})
	for step, want := range map[int]float64{0: 0.025, 1: 0.05, 3: 0.1, 4: 0.1, 9: 0.1, 10: 0.01, 19: 0.01, 20: 0.001} {
		if got := s.Rate(step); !near(got, want) {
			t.Errorf("step %d: %g, want %g", step, got, want)
		}
	}
	s.Validated(0.5)
	s.Validated(0.5)
	if s.Multiplier != 1 {
		t.Error("a validation changed a step schedule")
	}
}

// Rates drop behind epochs of any number of images, of runs that go on, too.
func TestDropEpochs(t *testing.T) {
	c := tinyConfig(t, "solver.schedule=step", "solver.rate=0.1", "solver.factor=0.1", "solver.drop_epochs=[1, 1.5]", "solver.milestones=[20]")
	sets, err := OpenSets(c, "") // 40 images, 8 a step
	if err != nil {
		t.Fatal(err)
	}
	more := NewSchedule(Solver{})
	more.resumed(c.solverFor(sets))
	for _, s := range []*Schedule{NewSchedule(c.solverFor(sets)), more} {
		for step, want := range map[int]float64{0: 0.1, 4: 0.1, 5: 0.01, 7: 0.01, 8: 0.001, 19: 0.001, 20: 0.0001} {
			if got := s.Rate(step); !near(got, want) {
				t.Errorf("step %d: %g, want %g", step, got, want)
			}
		}
	}
	if len(c.Solver.Milestones) != 1 {
		t.Errorf("the recipe's milestones are %v now", c.Solver.Milestones)
	}
	_, err = LoadConfig("demo", "solver.drop_epochs=[1.5, true]")
	wants(t, err, "drop_epochs", "a list of numbers, not true")
}

// The recipe for photographs ends by itself, at a hundredth of its rate, however many
// there are.
func TestPhotosEnds(t *testing.T) {
	c := recipe(t, "photos")
	for n, want := range map[int]int{100: 94, 1372: 1287, 3000: 2813} {
		sets := &Sets{Train: data.NewGenerated(1, n)}
		steps := PlannedSteps(c, sets)
		if s := NewSchedule(c.solverFor(sets)); steps != want || !near(s.Rate(steps-1), c.Solver.Rate/100) || !near(s.Rate(steps*2/3), c.Solver.Rate) {
			t.Errorf("%d photographs: %d steps, rates %g and %g", n, steps, s.Rate(steps*2/3), s.Rate(steps-1))
		}
	}
}

// A factor on the rate leaves warm-up and milestones where they are; a rate that is
// set holds at once and takes the factor's place.
func TestScaledRate(t *testing.T) {
	s := NewSchedule(Solver{Rate: 0.1, Schedule: "step", Factor: 0.1, Milestones: []int{10}, Warmup: 4})
	s.steered = &Steered{}
	s.scale(0.1)
	for step, want := range map[int]float64{0: 0.0025, 3: 0.01, 9: 0.01, 10: 0.001} {
		if got := s.Rate(step); !near(got, want) {
			t.Errorf("scaled, step %d: %g, want %g", step, got, want)
		}
	}
	s.scale(10)
	if s.steered.Scale != 1 {
		t.Errorf("scaled back: %g", s.steered.Scale)
	}
	s.scale(0.1)
	s.steer(2, 0.5)
	for step, want := range map[int]float64{2: 0.5, 9: 0.5, 10: 0.05} {
		if got := s.Rate(step); !near(got, want) {
			t.Errorf("set, step %d: %g, want %g", step, got, want)
		}
	}
	s.scale(0.1)
	if got := s.Rate(2); !near(got, 0.05) {
		t.Errorf("set and scaled: %g", got)
	}
}

// TestWarmupNote: who warms up for most of a run is told.
func TestWarmupNote(t *testing.T) {
	for _, c := range []struct {
		warmup, steps int
		want          string
	}{
		{0, 12, ""}, {6, 12, ""}, {200, 0, ""},
		{200, 203, "The rate rises over the first 200 steps and the run has 203: it hardly trains at its full rate. Shorten the warm-up: --set solver.warmup=20."},
		{3000, 12, "The rate rises over the first 3,000 steps and the run has 12: it hardly trains at its full rate. Shorten the warm-up: --set solver.warmup=1."},
	} {
		config := tinyConfig(t, fmt.Sprintf("solver.warmup=%d", c.warmup), fmt.Sprintf("solver.max_steps=%d", c.steps))
		sets, err := OpenSets(config, "")
		if err != nil {
			t.Fatal(err)
		}
		if got := WarmupNote(config, sets); got != c.want {
			t.Errorf("%d of %d steps: %q", c.warmup, c.steps, got)
		}
	}
}
