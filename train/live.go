package train

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"time"

	"alexnet/train/monitor"
)

// showEvery is how often steps are shown: a window looks at most so often.
const showEvery = 100 * time.Millisecond

// live is what a trainer shows of itself on a board. Lists are only appended to:
// snapshots share them.
type live struct {
	run         *monitor.Run
	state       monitor.State
	reason      string
	since       time.Time
	points      []monitor.Point
	validations []monitor.Validation
	events      []monitor.Event
	notices     []monitor.Notice
	refused     *monitor.Notice
	card        *monitor.Card
	shown       time.Time // when it was last published
	stuck       bool      // its user was told of a loss that stays
	steered     bool      // the next change of the rate is in the journal already

	looks
	assistant
	risen *risen // what the card that asks to go back is about
}

// begin takes in what the log tells of the run before this start. That the run goes on
// is in the journal.
func (l *live) begin(t *Trainer) error {
	var lines []logLine
	if t.Dir != nil && t.step > 0 {
		lines, _ = readLog(filepath.Join(t.Dir.Path, "log.jsonl")) // the run goes on without
	}
	for _, line := range lines {
		if line.Kind != "train" {
			continue
		}
		t.rise.Add(line.Step, line.Loss, t.classes())
		t.lastRate = line.Rate
		if line.Seconds > 0 {
			t.earlier = line.Seconds
		}
	}
	if t.Board != nil {
		l.takeLog(t, lines)
		l.takeSnapshots(t)
		if note := WarmupNote(t.Config, t.Sets); note != "" {
			l.notice(note)
		}
		l.is(monitor.Training, "")
		t.show(true)
	}
	if len(lines) > 0 && !t.Done() {
		return t.note(keyResume, nil, "went on", "Training went on from step "+monitor.Count(t.step))
	}
	return nil
}

// takeLog shows the run and what its log tells.
func (l *live) takeLog(t *Trainer, lines []logLine) {
	path := ""
	if t.Dir != nil {
		path = t.Dir.Path
	}
	l.run = Describe(t.Config, path, t.Sets.Train.Classes())
	l.run.Steps = t.steps()
	l.run.StepsPerEpoch = float64(t.Sets.Train.Len()) / float64(t.Config.Batch)
	l.run.Devices = t.columnDevices()
	for _, line := range lines {
		switch line.Kind {
		case "train":
			l.addPoint(t, monitor.Point{
				Step: line.Step, Epoch: line.Epoch, Seconds: line.Seconds, Loss: line.Loss, Rate: line.Rate,
				Top1Error: line.Top1Error, ImagesPerSecond: line.ImagesPerSecond, Waited: line.Waited,
			})
		case "val":
			v := monitor.Validation{Step: line.Step, Epoch: l.epochOf(line.Step), Loss: line.Loss, Top1Error: line.Top1Error, Top5Error: line.Top5Error}
			if n := len(l.points); n > 0 {
				v.Seconds = l.points[n-1].Seconds
			}
			l.validations = append(l.validations, v)
		case "event":
			l.events = append(l.events, monitor.Event{Kind: EventKind(line.Key), Step: line.Step, Epoch: l.epochOf(line.Step), Short: line.Short, Text: line.Text})
			l.changed(line.Key)
		case "checkpoint":
			l.events = AddCheckpoint(l.events, CheckpointEvent(line.Step, l.epochOf(line.Step), line.Bytes))
		}
	}
	l.takeCheckpoints(t)
}

// takeCheckpoints puts the checkpoints that are there among the log's events, if the log does
// not tell of them.
func (l *live) takeCheckpoints(t *Trainer) {
	if t.Dir == nil {
		return
	}
	var files []monitor.Event
	for _, path := range checkpoints(t.Dir.Checkpoints()) {
		if step, err := StepOf(path); err == nil && step <= t.step {
			files = append(files, FileEvent(path, step, l.epochOf(step)))
		}
	}
	l.events = WithFiles(l.events, files)
}

// end shows how the run ended.
func (l *live) end(t *Trainer, err error) {
	switch {
	case err == nil:
		l.is(monitor.Finished, "at step "+monitor.Count(t.step))
	case errors.Is(err, ErrStopped):
		l.is(monitor.Stopped, "at step "+monitor.Count(t.step))
	default:
		l.is(monitor.Failed, "step "+monitor.Count(t.step))
		l.notices = append(l.notices[:len(l.notices):len(l.notices)], monitor.Notice{Error: true, Text: err.Error()})
	}
	l.card = nil
	t.show(true)
}

func (l *live) epochOf(step int) float64 { return float64(step) / l.run.StepsPerEpoch }

func (l *live) is(s monitor.State, reason string) {
	if l.run != nil && l.state != s {
		l.state, l.reason, l.since = s, reason, time.Now()
	}
}

// mostNotices is how many sentences are kept on the panel.
const mostNotices = 3

// notice shows a sentence for the user.
func (l *live) notice(text string) {
	l.notices = append(l.notices[max(0, len(l.notices)+1-mostNotices):len(l.notices):len(l.notices)], monitor.Notice{Text: text})
}

// refuse tells the user why a command is not obeyed. That is of the moment: it is no
// notice, which stays.
func (l *live) refuse(why string) { l.refused = &monitor.Notice{Text: why} }

// event shows an event of the journal, or one that only the board shows.
func (l *live) event(t *Trainer, kind monitor.EventKind, short, text string) {
	if t.Board != nil && l.run != nil {
		l.events = append(l.events, monitor.Event{Kind: kind, Step: t.step, Epoch: l.epochOf(t.step), Short: short, Text: text})
	}
}

// changed notes that a change is in the journal.
func (l *live) changed(key string) {
	if EventKind(key) == monitor.RateChanged {
		l.steered, l.card = true, nil
	}
}

// point shows a logged step.
func (l *live) point(t *Trainer, p Progress) {
	if t.Board == nil {
		return
	}
	l.addPoint(t, monitor.Point{
		Step: p.Step, Epoch: p.Epoch, Seconds: p.Seconds, Loss: p.Loss, Rate: p.Rate,
		Top1Error: p.Top1Error, ImagesPerSecond: p.ImagesPerSecond, Waited: p.Waited,
	})
	if !l.stuck && isStuck(l.points, t.classes()) {
		l.stuck = true
		l.notice(fmt.Sprintf("The loss has been %.2f = ln(%s) for %s steps: the net still guesses. People raise the initial weights of the middle layers to 0.03.",
			math.Log(float64(t.classes())), monitor.Count(t.classes()), monitor.Count(stuckSteps)))
	}
}

// addPoint adds a logged step, and a step of the rate that the schedule has made.
func (l *live) addPoint(t *Trainer, p monitor.Point) {
	if n := len(l.points); n > 0 && !l.steered && RateDrops(l.points[n-1].Rate, p.Rate) && l.points[n-1].Step >= t.Config.Solver.Warmup {
		short, text := monitor.RateChange(l.points[n-1].Rate, p.Rate)
		l.events = append(l.events, monitor.Event{Kind: monitor.RateChanged, Step: p.Step, Epoch: p.Epoch, Short: short, Text: text})
	}
	l.steered = false
	l.points = append(l.points, p)
}

// stuckSteps is for how long a loss may stay where guessing leaves it.
const stuckSteps = 2000

// isStuck says whether the loss of the last steps was that of guessing, ln(classes).
func isStuck(points []monitor.Point, classes int) bool {
	n := len(points)
	if n == 0 || points[n-1].Step < stuckSteps {
		return false
	}
	sum, count := 0.0, 0
	for i := n - 1; i >= 0 && points[i].Step > points[n-1].Step-stuckSteps; i-- {
		sum, count = sum+points[i].Loss, count+1
	}
	guessing := math.Log(float64(classes))
	return math.Abs(sum/float64(count)-guessing) < 0.005*guessing
}

func (l *live) validation(t *Trainer, v Validation) {
	if t.Board != nil {
		l.validations = append(l.validations, monitor.Validation{
			Step: v.Step, Epoch: l.epochOf(v.Step), Seconds: t.seconds(), Loss: v.Loss, Top1Error: v.Top1Error, Top5Error: v.Top5Error,
		})
	}
}

// checkpoint shows that the steps done have a checkpoint, of so many bytes.
func (l *live) checkpoint(t *Trainer, bytes int64) {
	if t.Board == nil || l.run == nil {
		return
	}
	l.events = AddCheckpoint(l.events, CheckpointEvent(t.step, l.epochOf(t.step), bytes))
}

// show publishes what the run is doing, at most every showEvery unless it must.
func (t *Trainer) show(must bool) {
	l := &t.live
	if t.Board == nil || l.run == nil || !must && (time.Since(l.shown) < showEvery || t.Board.Watched().Hidden) {
		return
	}
	l.shown = time.Now()
	solver := t.steered.Solver(t.Config)
	solver.Rate = t.Schedule.Rate(t.step)
	t.Board.Publish(&monitor.Snapshot{
		Run: l.run, State: l.state, Reason: l.reason, Since: l.since, Read: 1,
		Step: t.step, Epoch: float64(t.cursor) / float64(t.Sets.Train.Len()), Solver: solver,
		Points: l.points, Validations: l.validations, Events: l.events, Notices: l.notices, Refused: l.refused,
		Kernels: l.kernels, Patches: l.patches, Pasts: l.pasts, Maps: l.maps, Faces: l.faces, Layers: l.layers, Timeline: l.timeline, Machines: l.machines, Card: l.card,
		Undo: t.steering.undoUntil(),
	})
}
