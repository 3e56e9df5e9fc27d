package main

import (
	"encoding/json"
	"fmt"

	"alexnet/engine/whole"
	"alexnet/net"
)

// timelineEvent is an event of Chrome's Trace Event Format: "X" lasts from ts for
// dur microseconds, "M" names a lane.
type timelineEvent struct {
	Name     string         `json:"name"`
	Phase    string         `json:"ph"`
	Process  int            `json:"pid"`
	Lane     int            `json:"tid"`
	Start    float64        `json:"ts"`
	Duration float64        `json:"dur"`
	Args     map[string]any `json:"args,omitempty"`
}

// writeTimeline writes a step: a lane for each device, of several one for the exchange
// between them, and one for the upload of the batch.
func writeTimeline(path string, p *net.Profile) error {
	text, err := json.Marshal(map[string]any{"displayTimeUnit": "ms", "traceEvents": timeline(p)})
	if err != nil {
		return fmt.Errorf("profile: %w", err)
	}
	if err := whole.WriteBytes(path, text); err != nil {
		return fmt.Errorf("profile: %w", err)
	}
	return nil
}

func timeline(p *net.Profile) []timelineEvent {
	lanes := p.Devices
	if len(lanes) > 1 {
		lanes = append(lanes[:len(lanes):len(lanes)], "exchange")
	}
	exchange := len(lanes)
	lanes = append(lanes[:len(lanes):len(lanes)], "images")
	var out []timelineEvent
	for i, name := range lanes {
		out = append(out, timelineEvent{Name: "thread_name", Phase: "M", Process: 1, Lane: i + 1, Args: map[string]any{"name": name}},
			timelineEvent{Name: "thread_sort_index", Phase: "M", Process: 1, Lane: i + 1, Args: map[string]any{"sort_index": i}})
	}
	for _, e := range p.Events {
		t := timelineEvent{Name: e.Name, Phase: "X", Process: 1, Lane: e.Place + 1,
			Start: float64(e.Start.Nanoseconds()) / 1000, Duration: float64(e.Time.Nanoseconds()) / 1000}
		switch e.Place {
		case net.Upload:
			t.Lane = len(lanes)
		case net.Exchange:
			t.Lane = exchange
			t.Args = map[string]any{"bytes": e.Bytes, "path": e.Path}
		}
		out = append(out, t)
	}
	return out
}
