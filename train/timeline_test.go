package train

import (
	"fmt"
	"testing"
	"time"

	"alexnet/net"
	"alexnet/train/data"
	"alexnet/train/monitor"
)

// TestImageLane: a step asks for its batch at 0, has it at 20 ms and computes until 100.
func TestImageLane(t *testing.T) {
	asked := time.Unix(1000, 0)
	at := func(v int) time.Time { return asked.Add(time.Duration(v) * time.Millisecond) }
	p := &net.Profile{Began: at(20), Events: []net.Event{{Place: net.Upload, Name: "upload", Start: 20 * time.Millisecond, Time: 5 * time.Millisecond}}}
	works := []data.Work{
		{From: at(-30), To: at(20), Images: 8},
		{From: at(10), To: at(50), Images: 7}, // beside it
		{From: at(20), To: at(60), Images: 8},
		{From: at(90), Images: 8},               // not done yet
		{From: at(101), To: at(120), Images: 8}, // behind the step
	}
	lane := imageLane(p, 20*time.Millisecond, works, 100*time.Millisecond)
	got := ""
	for _, s := range lane.Spans {
		got += fmt.Sprintf("%d %d %s %d-%d\n", s.Row, s.Kind, s.Name, s.From.Milliseconds(), s.To.Milliseconds())
	}
	want := fmt.Sprintf("0 %d waiting for images 0-20\n0 %d upload 20-25\n", monitor.WaitingFor, monitor.Transfer)
	for _, s := range []string{"1 %d load 8 0-20\n", "2 %d load 7 10-50\n", "1 %d load 8 20-60\n", "1 %d load 8 90-100\n"} {
		want += fmt.Sprintf(s, monitor.Loading)
	}
	if got != want || lane.Rows != 3 || lane.Note != "waited for 20.0 ms" {
		t.Errorf("%q, %d rows:\n%swant\n%s", lane.Note, lane.Rows, got, want)
	}
	if lane := imageLane(p, 0, nil, 100*time.Millisecond); lane.Note != "always ready" || lane.Rows != 1 || len(lane.Spans) != 1 {
		t.Errorf("of a step that did not wait: %+v", lane)
	}
}
