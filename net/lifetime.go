package net

import (
	"errors"
	"fmt"

	"alexnet/engine"
	"alexnet/shaders"
)

// A room is device memory that a part of a step needs: activations, gradients,
// transformed maps, partial sums. Each step writes it before it reads it, so that
// rooms which are never needed at the same time share memory. When a room is
// needed is not declared but observed: a step is recorded as a sketch on
// placeholders, and what its commands touch tells each room's life.
type room struct {
	name   string
	size   uint64         // bytes
	buffer *engine.Buffer // a placeholder until the place has arranged its rooms
	offset uint64

	life
	stays bool // until the next step: somebody reads it between steps
}

// life is when a room is needed: the first and the last command of a step that
// touch it, counted from 1. 0: none does.
type life struct{ first, last int }

func (l life) meets(o life) bool { return l.first <= o.last && o.first <= l.last }

// part is a range of the room, in bytes.
func (r *room) part(offset, size uint64) engine.Range {
	if offset+size > r.size {
		panic(fmt.Sprintf("net: bytes %d to %d of %s, which has %d", offset, offset+size, r.name, r.size))
	}
	return r.buffer.Part(r.offset+offset, size)
}

func (r *room) whole() engine.Range { return r.part(0, r.size) }

// floats is the range of count floats from the first on.
func (r *room) floats(first, count int) engine.Range {
	return r.part(uint64(4*first), uint64(4*count))
}

// newRoom reserves bytes of the place's memory, which arrangeRooms gives; or in a
// place alone, a buffer of their own at once.
func (p *place) newRoom(name string, bytes int) (*room, error) {
	r := &room{name: name, size: uint64((bytes + 3) / 4 * 4)}
	if p.alone {
		var err error
		if r.buffer, err = p.device.NewBuffer(name, r.size, engine.Local); err != nil {
			return nil, fmt.Errorf("net: %w", err)
		}
	} else {
		r.buffer = p.device.Placeholder(name, r.size)
	}
	p.rooms = append(p.rooms, r)
	return r, nil
}

// arrangeRooms finds out when each place's rooms are needed and gives them memory.
func (n *Net) arrangeRooms() error {
	if err := n.observe(); err != nil {
		return err
	}
	for _, p := range n.places {
		if err := p.giveMemory(); err != nil {
			return err
		}
	}
	return nil
}

// observe records a sketch of the longest step: training, whose beginning is a test.
func (n *Net) observe() error {
	r := &recorder{n: n, name: "sketch", rows: len(n.Rows)}
	for i, p := range n.places {
		p.keepRooms(n.Options.Training || n.Options.Keep)
		t := newTimeline(p.rooms)
		r.timelines = append(r.timelines, t)
		s := t.sketch(p.device, "input")
		n.inputs[i].fetch(n, &n.inputs[i].stages[0], s)
		if err := s.End(); err != nil {
			return fmt.Errorf("net: input: %w", err)
		}
	}
	if _, err := r.record(n.Options.Training); err != nil {
		return err
	}
	for _, t := range r.timelines {
		t.end(n.Options.apart)
		if t.err != nil {
			return t.err
		}
	}
	return nil
}

// keepRooms marks what is read between steps: the logits, and if wanted the outputs
// of all layers.
func (p *place) keepRooms(outputs bool) {
	p.lossOp().y.room.stays = true
	if outputs {
		for _, o := range p.ops {
			output(o).room.stays = true
		}
	}
}

// giveMemory makes the place's regions. Rooms that no command touches get none.
func (p *place) giveMemory() error {
	var used []*room
	for _, r := range p.rooms {
		if r.first > 0 {
			used = append(used, r)
		}
	}
	plan := arrange(used, maxRegion)
	buffers := make([]*engine.Buffer, len(plan.regions))
	for i, size := range plan.regions {
		var err error
		if buffers[i], err = p.device.NewBuffer("activations and gradients", size, engine.Local); err != nil {
			return fmt.Errorf("net: %w", err)
		}
	}
	for i, r := range used {
		r.buffer, r.offset = buffers[plan.spots[i].region], plan.spots[i].offset
	}
	p.regions = buffers
	return nil
}

// timeline observes the commands of one place's step.
type timeline struct {
	command int
	rooms   map[*engine.Buffer]*room // by placeholder
	err     error
}

func newTimeline(rooms []*room) *timeline {
	t := &timeline{rooms: map[*engine.Buffer]*room{}}
	for _, r := range rooms {
		t.rooms[r.buffer] = r
	}
	return t
}

func (t *timeline) sketch(d *engine.Device, name string) *engine.Sequence {
	return d.NewSketch(name, t.note)
}

// note counts a command and the rooms that it touches.
func (t *timeline) note(uses []engine.Use) {
	t.command++
	for _, u := range uses {
		r := t.rooms[u.Buffer]
		if r == nil {
			continue // parameters, links, buffers of the step
		}
		if r.first == 0 {
			r.first = t.command
			if u.Access&shaders.Read != 0 {
				t.err = errors.Join(t.err, fmt.Errorf("net: %s is read before a step has written it", r.name))
			}
		}
		r.last = t.command
	}
}

// end lets rooms that stay live to the end of the step; apart, all rooms live all
// the time.
func (t *timeline) end(apart bool) {
	for _, r := range t.rooms {
		if r.first > 0 && (r.stays || apart) {
			r.last = t.command
		}
		if r.first > 0 && apart {
			r.first = 1
		}
	}
}
