package viewer

import (
	"fmt"
	"testing"

	"alexnet/train/monitor"
)

// TestJournalSaysHowManyMore: the journal lists as many events as there is room for, and says
// how many there are before them.
func TestJournalSaysHowManyMore(t *testing.T) {
	s := sample()
	s.Events = nil
	lines := func(events int) (shown []string) {
		for len(s.Events) < events {
			s.Events = append(s.Events, monitor.Event{Step: len(s.Events) + 1, Text: fmt.Sprintf("event %d", len(s.Events)+1)})
		}
		a, _, _ := with(t, s, 1024, 640, 1)
		press(a, "J")
		for _, row := range a.cover.(*list).shown(a.frame.height) {
			shown = append(shown, row[1])
		}
		return shown
	}
	room := 0
	for events := 1; room == 0; events++ {
		got := lines(events)
		if got[0] != fmt.Sprintf("event %d", events) {
			t.Fatalf("of %d events the first is %s", events, got[0])
		}
		if last := got[len(got)-1]; last != "event 1" {
			room = len(got)
			if want := "and 2 earlier, in log.jsonl"; events != room+1 || last != want {
				t.Errorf("of %d events %d are shown, the last is %q, want %q", events, len(got), last, want)
			}
		}
	}
	got := lines(1500 + room)
	if last := got[len(got)-1]; len(got) != room || last != "and 1,501 earlier, in log.jsonl" {
		t.Errorf("%d lines, the last is %q", len(got), last)
	}
}
