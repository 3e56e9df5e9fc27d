package train

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"alexnet/engine"
	"alexnet/train/monitor"
)

// short writes a loss with three digits, a large one as 4.7e8.
func short(v float64) string {
	exponents := strings.NewReplacer("e+0", "e", "e-0", "e-", "e+", "e")
	switch a := math.Abs(v); {
	case a >= 1e5:
		return exponents.Replace(strconv.FormatFloat(v, 'e', 1, 64))
	case a < 1:
		return exponents.Replace(strconv.FormatFloat(v, 'g', 3, 64))
	default:
		return strconv.FormatFloat(v, 'f', max(0, 2-int(math.Floor(math.Log10(a)))), 64)
	}
}

// RateDrops says whether a rate that was not steered has taken a step. A rise of
// less than half, of which the end of a warm-up consists, and the first rate are
// none.
func RateDrops(from, to float64) bool {
	return from > 0 && to > 0 && (to <= from || to >= 1.5*from) && math.Abs(to/from-1) >= 1e-3
}

// ByStep orders events: of one step's, the checkpoints before what went on from them, and
// otherwise as they came.
func ByStep(a, b monitor.Event) int {
	if d := cmp.Compare(a.Step, b.Step); d != 0 {
		return d
	}
	after := func(e monitor.Event) int {
		if e.Kind == monitor.ResumedHere {
			return 1
		}
		return 0
	}
	return after(a) - after(b)
}

// FileEvent is the journal's event of a checkpoint in a file of which the log does not tell.
func FileEvent(path string, step int, epoch float64) monitor.Event {
	return CheckpointEvent(step, epoch, sizeOf(path))
}

// sizeOf is a file's size in bytes; 0: it is not to be had.
func sizeOf(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// AddCheckpoint appends a checkpoint's event to a new list. One that is written again, as
// with a validation of its step, takes the place of the one before.
func AddCheckpoint(events []monitor.Event, e monitor.Event) []monitor.Event {
	others := slices.DeleteFunc(slices.Clone(events), func(o monitor.Event) bool { return o.Kind == monitor.Checkpointed && o.Step == e.Step })
	return append(others, e)
}

// WithFiles is a new list of a log's events, in the order of happening, and at their steps
// those of checkpoints' files of which the log does not tell.
func WithFiles(events, files []monitor.Event) []monitor.Event {
	told := map[int]bool{}
	for _, e := range events {
		if e.Kind == monitor.Checkpointed {
			told[e.Step] = true
		}
	}
	out := slices.Clone(events)
	for _, f := range files {
		if told[f.Step] {
			continue
		}
		at := slices.IndexFunc(out, func(e monitor.Event) bool { return ByStep(e, f) > 0 })
		if at < 0 {
			at = len(out)
		}
		out = slices.Insert(out, at, f)
	}
	return out
}

// CheckpointEvent is the journal's event of a checkpoint of so many bytes; 0: not known.
func CheckpointEvent(step int, epoch float64, bytes int64) monitor.Event {
	text := fmt.Sprintf("Checkpoint of step %s written", monitor.Count(step))
	if bytes > 0 {
		text += " (" + engine.Megabytes(uint64(bytes)) + ")"
	}
	return monitor.Event{Kind: monitor.Checkpointed, Step: step, Epoch: epoch, Short: "checkpoint", Text: text}
}

// tidy takes the last bits off what was multiplied by 10 or 0.1.
func tidy(v float64) float64 {
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 12, 64), 64)
	return v
}
