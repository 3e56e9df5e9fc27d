package train

import (
	"fmt"
	"os"
	"path/filepath"
)

// Resumable is a run that can be resumed.
type Resumable struct {
	Step    int     // of its newest checkpoint that verifies
	Skipped []error // of newer ones, which do not
	Over    bool    // it has come to its recipe's end: resumed as it is, it does nothing

	config   *Config
	finished bool // by the plateau rule
	every    int  // steps from one validation to the next
}

// FindResumable looks whether a run directory can be resumed: nobody trains it, its
// recipe can be read, and its images and a checkpoint are there.
func FindResumable(run string) (*Resumable, error) {
	c, _, err := ResumeConfig(run, "", nil)
	if err != nil {
		return nil, err
	}
	if Locked(run) {
		return nil, fmt.Errorf("train: another process trains %s: watch it here, or stop it there first", run)
	}
	lock, err := os.OpenFile(filepath.Join(run, "lock"), os.O_RDWR|os.O_CREATE, 0o644) // as its trainer will
	if err != nil {
		return nil, fmt.Errorf("train: run directory: %w", err)
	}
	lock.Close()
	sets, err := OpenSets(c, run)
	if err != nil {
		return nil, err
	}
	l, skipped, err := NewestCheckpoint(filepath.Join(run, "checkpoints"))
	if err != nil {
		return nil, err
	}
	defer l.Close()
	if err := sets.match(l); err != nil {
		return nil, err
	}
	l.Schedule.resumed(c.Solver)
	steps := PlannedSteps(c, sets)
	ends := l.Schedule.Finished || steps > 0 && l.Step >= steps
	n := len(l.History)
	return &Resumable{
		Step: l.Step, Skipped: skipped, Over: ends && n > 0 && l.History[n-1].Step == l.Step,
		config: c, finished: l.Schedule.Finished, every: ValidationSteps(c, sets),
	}, nil
}

// More is a number of steps by which the run may well go on: a quarter of those done,
// up to a validation.
func (r *Resumable) More() int { return (r.Step/4/r.every + 1) * r.every }

// Further are the overrides by which a run that is over goes on for so many steps. Its
// rate stays where the plateau rule has left it.
func (r *Resumable) Further(steps int) []string {
	set := []string{fmt.Sprintf("solver.max_steps=%d", r.Step+steps)}
	if r.config.Solver.MaxEpochs > 0 {
		set = append(set, "solver.max_epochs=0")
	}
	if r.finished {
		set = append(set, "solver.schedule=fixed")
	}
	return set
}
