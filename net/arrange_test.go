package net

import (
	"math/rand/v2"
	"testing"
)

// Rooms that live at the same time do not overlap, regions keep to the limit, and
// the memory is little more than what lives at once.
func TestArrange(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for trial := range 200 {
		limit, quarters := uint64(1<<20), uint64(8) // few rooms a region: up to twice what lives at once
		if trial%2 == 1 {
			limit, quarters = maxRegion, 5
		}
		rooms := make([]*room, 1+random.IntN(80))
		for i := range rooms {
			first := 1 + random.IntN(100)
			rooms[i] = &room{size: 1 + uint64(random.ExpFloat64()*50_000), life: life{first, first + random.IntN(101-first)}}
			if random.IntN(40) == 0 {
				rooms[i].size += 1 << 20 // more than the small limit
			}
		}
		a := arrange(rooms, limit)
		checkArrangement(t, rooms, a, limit)
		if most := busiest(rooms); a.bytes() < most || 4*a.bytes() > quarters*most {
			t.Errorf("trial %d: %d rooms take %d bytes; %d live at once", trial, len(rooms), a.bytes(), most)
		}
	}
}

func checkArrangement(t *testing.T, rooms []*room, a arrangement, limit uint64) {
	t.Helper()
	for i, r := range rooms {
		at := a.spots[i]
		if end := at.offset + r.size; at.offset%roomAlignment != 0 || end > a.regions[at.region] {
			t.Fatalf("bytes %d to %d of a region of %d", at.offset, end, a.regions[at.region])
		}
		if end := at.offset + aligned(r.size); end > limit && at.offset > 0 {
			t.Errorf("a room ends at byte %d of a region, beyond %d", end, limit)
		}
		for k, other := range rooms[:i] {
			o := a.spots[k]
			if r.meets(other.life) && o.region == at.region && at.offset < o.offset+other.size && o.offset < at.offset+r.size {
				t.Fatalf("rooms %+v at %+v and %+v at %+v meet", r.life, at, other.life, o)
			}
		}
	}
}

// busiest is the most that lives at one command.
func busiest(rooms []*room) uint64 {
	most := uint64(0)
	for _, now := range rooms {
		sum := uint64(0)
		for _, r := range rooms {
			if r.meets(life{now.first, now.first}) {
				sum += aligned(r.size)
			}
		}
		most = max(most, sum)
	}
	return most
}
