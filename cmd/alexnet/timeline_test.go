package main

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"alexnet/engine/enginetest"
)

// benched are what bench has printed and profiled on a number of devices: it measures
// for a while, and several tests look at it.
var benched = map[string][2][]byte{}

func benchSmall(t *testing.T, devices string) (out, profile []byte) {
	t.Helper()
	if b, ok := benched[devices]; ok {
		return b[0], b[1]
	}
	path := filepath.Join(t.TempDir(), "trace.json")
	format := map[string]string{"1": "precision=mixed", "2": "precision=float32"}[devices]
	args := []string{"bench", "demo", "--steps", "1", "--devices", devices, "--profile", path, "--set", format}
	if devices == "2" {
		args = append(args, "--json")
	}
	text, _ := alexnet(t, 0, append(args, small...)...)
	profile, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	benched[devices] = [2][]byte{[]byte(text), profile}
	return []byte(text), profile
}

func TestTimeline(t *testing.T) {
	enginetest.Open(t)
	for devices, want := range map[string]int{"1": 2, "2": 4} {
		_, text := benchSmall(t, devices)
		var doc struct{ TraceEvents []timelineEvent }
		if err := json.Unmarshal(text, &doc); err != nil {
			t.Fatal(err)
		}
		names, lanes := map[int]string{}, map[int][]timelineEvent{}
		for _, e := range doc.TraceEvents {
			switch {
			case e.Phase == "X":
				lanes[e.Lane] = append(lanes[e.Lane], e)
			case e.Phase == "M" && e.Name == "thread_name":
				names[e.Lane] = e.Args["name"].(string)
			}
		}
		if len(names) != want || len(lanes) != want || names[want] != "images" || (want == 4) != (names[3] == "exchange") {
			t.Errorf("%s devices: lanes %v, %d with events", devices, names, len(lanes))
		}
		for lane, events := range lanes {
			checkLane(t, names[lane], events)
		}
	}
}

// checkLane looks for what overlaps, and for the layers of a step.
func checkLane(t *testing.T, name string, events []timelineEvent) {
	t.Helper()
	slices.SortStableFunc(events, func(a, b timelineEvent) int { return cmp.Compare(a.Start, b.Start) })
	total, all := 0.0, ""
	for i, e := range events {
		total += e.Duration
		all += e.Name + "\n"
		if e.Start < 0 || e.Duration < 0 {
			t.Errorf("%s: %+v", name, e)
		}
		if i > 0 && e.Start < events[i-1].Start+events[i-1].Duration-0.002 { // floats of whole nanoseconds
			t.Errorf("%s: %+v overlaps %+v", name, e, events[i-1])
		}
	}
	switch name {
	case "images":
		if all != "upload\n" {
			t.Errorf("images: %+v", events)
		}
		return
	case "exchange":
		if !strings.Contains(all, "gradient") || events[0].Args["bytes"].(float64) <= 0 {
			t.Errorf("exchange: %+v", events)
		}
		return
	}
	if total <= 0 {
		t.Errorf("%s: nothing takes any time", name)
	}
	has(t, all, "input", "conv1\n", "conv2 weight gradient", "fc4.weight update")
}
