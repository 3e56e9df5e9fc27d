package viewer

import (
	"slices"
	"testing"

	"alexnet/train/monitor"
)

// TestMarkLabels: a bunch of changes is labelled by what it comes to.
func TestMarkLabels(t *testing.T) {
	change := func(step int, from, to float64) monitor.Event {
		short, text := monitor.RateChange(from, to)
		return monitor.Event{Kind: monitor.RateChanged, Step: step, Short: short, Text: text}
	}
	paused := monitor.Event{Kind: monitor.PausedHere, Step: 100, Short: "paused"}
	for _, c := range []struct {
		name   string
		events []monitor.Event
		want   []string
	}{
		{"apart", []monitor.Event{change(100, 0.01, 0.001), change(200, 0.001, 0.0001)}, []string{"rate ÷ 10", "rate ÷ 10"}},
		{"there and back", []monitor.Event{change(100, 0.003, 0.03), paused, change(101, 0.03, 0.018), change(110, 0.018, 0.003)}, []string{"", "paused", "", ""}},
		{"twice", []monitor.Event{change(100, 0.01, 0.001), change(150, 0.001, 0.0001), change(300, 0.0001, 5e-6)}, []string{"", "rate 0.0001", "rate ÷ 20"}},
		{"down, up and taken back", []monitor.Event{change(100, 0.003, 0.001), change(110, 0.001, 0.004), change(111, 0.004, 0.001)}, []string{"", "", "rate 0.001"}},
		{"words that are not ours", []monitor.Event{{Kind: monitor.RateChanged, Step: 5, Short: "slower", Text: "Slower"}, change(6, 0.1, 0.01)}, []string{"slower", "rate ÷ 10"}},
	} {
		if got := markLabels(c.events, func(e monitor.Event) float64 { return float64(e.Step) }); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
