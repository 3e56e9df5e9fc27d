package train

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	"alexnet/train/monitor"
)

// Resumable is a run that can be resumed.
type Resumable struct {
	Step    int     // of its newest checkpoint that verifies
	Skipped []error // of newer ones, which do not
	Over    bool    // it has come to its recipe's end: resumed as it is, it does nothing
	Ill     *Ill    // nil: nothing was wrong with it in the end
	// Elsewhere is the process of another machine that has trained the run and may still: its
	// lock would not be seen on a mounted folder, and the log does not say that it has left.
	// nil: there is none.
	Elsewhere *Holder

	config   *Config
	finished bool // by the plateau rule
	every    int  // steps from one validation to the next
}

// Ill is what was wrong with a run when it ended, and how it can go on all the same.
type Ill struct {
	What string // a sentence
	Step int    // of the newest checkpoint that is of before; 0: there is none
	// Rate is the checkpoint's own where that is lower than the rate that led there, else a
	// tenth of it, for the same would again; 0: what was steered behind the checkpoint may
	// have done it, and is left out with those steps.
	Rate float64
}

// FindResumable looks whether a run directory can be resumed: nobody trains it, its
// recipe can be read, and its images and a checkpoint are there.
func FindResumable(run string) (*Resumable, error) {
	c, _, err := ResumeConfig(run, "", nil)
	if err != nil {
		return nil, err
	}
	if Locked(run) {
		return nil, fmt.Errorf("train: another process trains %s: open it to watch or to stop it", run)
	}
	lock, err := os.OpenFile(filepath.Join(run, "lock"), os.O_RDWR|os.O_CREATE, 0o644) // as its trainer will
	if err != nil {
		return nil, fmt.Errorf("train: run directory: %w", err)
	}
	lock.Close()
	sets, err := openSets(c, run)
	if err != nil {
		return nil, err
	}
	l, skipped, err := NewestCheckpoint(filepath.Join(run, "checkpoints"))
	if err != nil {
		return nil, err
	}
	defer l.Close()
	if err := sets.match(l, c); err != nil {
		return nil, err
	}
	l.Schedule.resumed(c.solverFor(sets))
	steps := PlannedSteps(c, sets)
	ends := l.Schedule.Finished || steps > 0 && l.Step >= steps
	n := len(l.History)
	r := &Resumable{
		Step: l.Step, Skipped: skipped, Over: ends && n > 0 && l.History[n-1].Step == l.Step,
		config: c, finished: l.Schedule.Finished, every: ValidationSteps(c, sets),
	}
	lines, err := readLog(filepath.Join(run, "log.jsonl"))
	if err != nil {
		return nil, err
	}
	r.Ill = findIll(run, lines, c, len(l.Classes))
	if !r.Over {
		r.Elsewhere = elsewhere(run, lines)
	}
	return r, nil
}

// elsewhere is who may train a run on another machine, of whose lock nothing is seen.
func elsewhere(run string, lines []logLine) *Holder {
	if n := len(lines); n > 0 && (lines[n-1].Kind == kindEnd || lines[n-1].Key == keyFailed) {
		return nil
	}
	h, ok := HolderOf(run)
	if !ok || h.Host == "" || h.Here() {
		return nil
	}
	return &h
}

// MayTrain tells who goes on with a run that the process may train still.
func (h Holder) MayTrain() string {
	who := h.String()
	return fmt.Sprintf("%s%s was the last to train it, and the log does not say that it has stopped. Through a mounted folder it cannot be seen: if it still trains, stop it first, for two that train one run spoil it.", strings.ToUpper(who[:1]), who[1:])
}

// findIll looks in the lines of a run's log for how it ended; nil: well.
func findIll(run string, lines []logLine, c *Config, classes int) *Ill {
	var rise Rise
	failed, changes := "", 0
	for _, line := range lines {
		switch {
		case line.Kind == "train":
			rise.Add(line.Step, line.Loss, classes)
		case line.Kind == "event" && line.Key == keyFailed:
			failed = line.Text + "."
		case line.Kind == "event" && isChange[line.Key]:
			changes++
		}
	}
	ill := &Ill{What: failed}
	if failed == "" && !rise.Risen() {
		return nil
	}
	if failed == "" {
		ill.What = rise.String()
	}
	l, _, err := newestCheckpoint(filepath.Join(run, "checkpoints"), rise.before())
	if err != nil || l.Step == 0 {
		return ill
	}
	defer l.Close()
	ill.Step = l.Step
	if changesBefore(l) == changes {
		ill.Rate = l.saferRate(rateOf(l.Steered, c))
	}
	return ill
}

// saferRate is a rate to go on with from a checkpoint where this one has led to no good:
// its own where that is lower, else a tenth.
func (l *Loaded) saferRate(than float64) float64 {
	if c, err := l.Config(); err == nil {
		if own := rateOf(l.Steered, c); own < than {
			return own
		}
	}
	return tidy(than / 10)
}

// warnOfElsewhere tells one who resumes a run that another machine may train it.
func warnOfElsewhere(o StartOptions) {
	lines, err := readLog(filepath.Join(o.Run, "log.jsonl"))
	if err != nil {
		return // that is told of elsewhere
	}
	if h := elsewhere(o.Run, lines); h != nil {
		o.OnMessage("warning: " + h.MayTrain())
	}
}

// warnOfSpoiled tells one who resumes a run from a checkpoint that it may be of a network
// that was dying.
func warnOfSpoiled(o StartOptions, l *Loaded) {
	c, err := l.Config()
	if err != nil {
		return // that is told of elsewhere
	}
	lines, err := readLog(filepath.Join(o.Run, "log.jsonl"))
	if err != nil {
		return // as above
	}
	ill := findIll(o.Run, lines, c, len(l.Classes))
	if ill == nil || ill.Step == l.Step {
		return
	}
	advice := "there is no checkpoint from before"
	if ill.Step > 0 {
		advice = fmt.Sprintf("to go on from before: --resume --from %d", ill.Step)
		if ill.Rate > 0 {
			advice += " --set solver.rate=" + monitor.Rate(ill.Rate)
		}
	}
	o.OnMessage(fmt.Sprintf("warning: %s The checkpoint of step %d is from after that; %s", ill.What, l.Step, advice))
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

// Longer are overrides by which a run that is over goes on when it is resumed: a quarter
// more of what has ended it, or another drop of its rate.
func (t *Trainer) Longer() (set []string) {
	s := t.Config.Solver
	if s.MaxSteps > 0 && t.step >= s.MaxSteps {
		set = append(set, fmt.Sprintf("solver.max_steps=%d", t.step+t.step/4+1))
	}
	if s.MaxEpochs > 0 && t.step >= t.Config.stepsOf(s.MaxEpochs, t.Sets) {
		set = append(set, fmt.Sprintf("solver.max_epochs=%g", math.Ceil(s.MaxEpochs*1.25)))
	}
	if t.Schedule.Finished {
		set = append(set, fmt.Sprintf("solver.drops=%d", t.Schedule.Drops+1))
	}
	return set
}
