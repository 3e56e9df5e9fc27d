package train

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"alexnet/net"
	"alexnet/train/data"
	"alexnet/train/monitor"
)

// wait is from what share of a step on a gap between two commands is shown as
// waiting.
const wait = 0.005

// takeTimeline shows the step that was measured. What it took longer than others
// puts the next look off.
func (t *Trainer) takeTimeline(f begun) error {
	if t.rate.speed > 0 {
		usual := time.Duration(float64(t.Config.Batch) / t.rate.speed * float64(time.Second))
		extra := max(0, time.Since(f.given)-usual)
		t.live.spent += extra
		if due := time.Now().Add(LookShare * extra); due.After(t.live.due) {
			t.live.due = due
		}
	}
	p, err := t.Net.Measured()
	if err != nil {
		return err
	}
	line := timeline(p, f, max(1, t.Config.Net.Columns))
	line.Step = t.step
	t.live.timeline = line
	t.live.machines = t.machines(line)
	return nil
}

// cannotMeasure says once why there is no timeline.
func (l *live) cannotMeasure(err error) {
	l.unmeasured = true
	l.notice("The time of a step cannot be taken apart here: " + err.Error() + ".")
}

// timeline makes a lane of each device, of several one of the exchange, and one of the
// images. A step begins when it asks for its batch.
func timeline(p *net.Profile, f begun, columns int) *monitor.Timeline {
	out, waited := &monitor.Timeline{}, f.given.Sub(f.asked)
	for i := range p.Events {
		e := &p.Events[i]
		e.Start += waited
		out.Total = max(out.Total, e.Start+e.Time)
	}
	for i, name := range p.Devices {
		lane := monitor.Lane{Kind: monitor.DeviceLane, Column: i, Name: name, Note: "column " + strings.Join(columnsOf(i, len(p.Devices), columns), ", ")}
		end := time.Duration(0)
		for _, e := range p.Events {
			if e.Place != i {
				continue
			}
			if gap := e.Start - end; float64(gap) > wait*float64(out.Total) {
				lane.Spans = append(lane.Spans, monitor.Span{Kind: monitor.WaitingFor, Name: "waiting", From: end, To: e.Start})
			}
			lane.Spans = append(lane.Spans, monitor.Span{Kind: spanKind(e.Name), Name: e.Name, From: e.Start, To: e.Start + e.Time})
			end = max(end, e.Start+e.Time)
		}
		out.Lanes = append(out.Lanes, lane)
	}
	if len(p.Devices) > 1 {
		lane, all := monitor.Lane{Kind: monitor.ExchangeLane, Name: "exchange"}, time.Duration(0)
		for _, e := range p.Events {
			if e.Place == net.Exchange {
				all += e.Time
				lane.Spans = append(lane.Spans, monitor.Span{Kind: monitor.Transfer, Name: e.Name, From: e.Start, To: e.Start + e.Time})
			}
		}
		lane.Note = fmt.Sprintf("%d transfers", len(lane.Spans))
		if all = all.Round(10 * time.Microsecond); all > 0 { // most are too short to be seen
			lane.Note = fmt.Sprintf("%d, %v in all", len(lane.Spans), all)
		}
		out.Lanes = append(out.Lanes, lane)
	}
	out.Lanes = append(out.Lanes, imageLane(p, waited, f.loader.Since(p.Began.Add(-waited)), out.Total))
	return out
}

// imageLane shows in its first row how a step waits for its batch and uploads it, and
// in rows below what the loader's workers do meanwhile.
func imageLane(p *net.Profile, waited time.Duration, works []data.Work, total time.Duration) monitor.Lane {
	lane := monitor.Lane{Kind: monitor.ImageLane, Name: "images", Note: "always ready", Rows: 1}
	if float64(waited) > wait*float64(total) {
		lane.Note = fmt.Sprintf("waited for %.1f ms", 1000*waited.Seconds())
		lane.Spans = append(lane.Spans, monitor.Span{Kind: monitor.WaitingFor, Name: "waiting for images", To: waited})
	}
	for _, e := range p.Events {
		if e.Place == net.Upload {
			lane.Spans = append(lane.Spans, monitor.Span{Kind: monitor.Transfer, Name: e.Name, From: e.Start, To: e.Start + e.Time})
		}
	}
	zero, free := p.Began.Add(-waited), []time.Duration{} // when each row of workers is
	for _, w := range works {
		from, to := max(0, w.From.Sub(zero)), total
		if !w.To.IsZero() {
			to = min(total, w.To.Sub(zero))
		}
		if from >= to {
			continue // it began behind the step
		}
		row := slices.IndexFunc(free, func(end time.Duration) bool { return end <= from })
		if row < 0 {
			row, free = len(free), append(free, 0)
		}
		free[row] = to
		lane.Spans = append(lane.Spans, monitor.Span{Kind: monitor.Loading, Name: "load " + monitor.Count(w.Images), Row: 1 + row, From: from, To: to})
	}
	lane.Rows += len(free)
	return lane
}

// columnsOf numbers the columns that a device holds, from 1 on.
func columnsOf(place, places, columns int) (out []string) {
	for j := place; j < columns; j += places {
		out = append(out, monitor.Count(j+1))
	}
	return out
}

// spanKind tells a command's work by its name: "conv1 weight gradient".
func spanKind(name string) monitor.SpanKind {
	_, direction, _ := strings.Cut(name, " ")
	switch direction {
	case "update", "check":
		return monitor.Update
	case "", "forward":
		return monitor.Forward
	}
	return monitor.Backward
}

// machines are the devices with what the timeline tells of them and their memory.
func (t *Trainer) machines(line *monitor.Timeline) []monitor.Machine {
	var out []monitor.Machine
	columns := max(1, t.Config.Net.Columns)
	places := min(len(t.devices), columns)
	weights, trained := int64(0), int64(0)
	for _, p := range t.Net.Params {
		bytes := 4 * int64(p.Count()) / int64(places)
		weights += bytes
		if !p.Frozen {
			trained += bytes
		}
	}
	for i, d := range t.devices[:places] {
		m := monitor.Machine{Name: d.Name(), Used: int64(d.InUse()), Capacity: int64(d.Capacity()), Weights: weights, Gradients: trained, Momentums: trained, Work: -1}
		m.Largest = m.Used // nothing is freed while a run trains
		m.Activations = max(0, m.Used-weights-2*trained)
		for j := i; j < columns; j += places {
			m.Columns = append(m.Columns, j)
		}
		for _, s := range line.Lanes[i].Spans {
			if s.Kind != monitor.WaitingFor {
				m.Computing += float64(s.To-s.From) / float64(line.Total)
			}
		}
		m.Computing = min(1, m.Computing)
		m.Waiting = 1 - m.Computing
		out = append(out, m)
	}
	return out
}
