package viewer

import (
	"math"

	"alexnet/train/monitor"
)

// bunched is how near changes of the rate lie, in the design's pixels, that have one
// label: there is no room for two.
const bunched = 75

// markLabels are the labels of events' marks, which lie at places along a width. Of
// changes of the rate that follow each other closely the last has the rate that they come
// to, or nothing where that is no change. A factor over all of them would contradict the
// journal, which has that of each.
func markLabels(events []monitor.Event, at func(e monitor.Event) float64) []string {
	out := make([]string, len(events))
	last, from := -1, 0.0
	for i, e := range events {
		out[i] = e.Short
		if e.Kind != monitor.RateChanged {
			continue
		}
		before, now, ok := e.Rates()
		if !ok {
			last = -1
			continue
		}
		if last < 0 || at(e)-at(events[last]) >= bunched {
			last, from = i, before
			continue
		}
		out[last], out[i] = "", ""
		if math.Abs(now/from-1) >= 1e-3 {
			out[i] = "rate " + monitor.Rate(now)
		}
		last = i
	}
	return out
}
