package net

import (
	"cmp"
	"slices"
)

// maxRegion is the allocation that every device allows; roomAlignment is the largest
// offset alignment of any device.
const (
	maxRegion     = 1 << 30
	roomAlignment = 256
)

// spot is where a room lies.
type spot struct {
	region int
	offset uint64
}

// arrangement is where rooms lie in regions of memory.
type arrangement struct {
	regions []uint64 // sizes in bytes
	spots   []spot   // of each room
}

func (a *arrangement) bytes() uint64 {
	total := uint64(0)
	for _, size := range a.regions {
		total += size
	}
	return total
}

// arrange places rooms so that those whose lives meet do not overlap, in regions of
// at most limit bytes, or one room. To find the least memory is hard; placing large
// rooms first, each into the tightest gap, comes near it (Pisarchyk and Lee 2020).
// Which order serves best differs from net to net, so it takes the best of several.
func arrange(rooms []*room, limit uint64) arrangement {
	var best arrangement
	for i, less := range orders {
		order := make([]int, len(rooms))
		for k := range order {
			order[k] = k
		}
		slices.SortStableFunc(order, func(a, b int) int { return less(rooms[a], rooms[b]) })
		if a := arrangeIn(order, rooms, limit); i == 0 || a.bytes() < best.bytes() {
			best = a
		}
	}
	return best
}

// orders are those in which rooms may be placed.
var orders = []func(a, b *room) int{
	func(a, b *room) int { return cmp.Compare(b.size, a.size) },
	func(a, b *room) int { return cmp.Compare(b.size*b.length(), a.size*a.length()) },
	func(a, b *room) int { return cmp.Or(cmp.Compare(b.length(), a.length()), cmp.Compare(b.size, a.size)) },
	func(a, b *room) int { return cmp.Or(cmp.Compare(a.first, b.first), cmp.Compare(b.size, a.size)) },
}

// length is the number of commands from the first to the last.
func (l life) length() uint64 { return uint64(l.last - l.first + 1) }

// arrangeIn places rooms one by one in an order of their numbers.
func arrangeIn(order []int, rooms []*room, limit uint64) arrangement {
	a := arrangement{spots: make([]spot, len(rooms))}
	inside := [][]int{} // rooms of each region, by offset
	for _, i := range order {
		at, growth := spot{region: len(a.regions)}, aligned(rooms[i].size)
		for region, others := range inside {
			offset := a.gap(rooms, others, rooms[i])
			end := offset + aligned(rooms[i].size)
			if end > limit {
				continue
			}
			if more := max(end, a.regions[region]) - a.regions[region]; more < growth {
				at, growth = spot{region, offset}, more
			}
		}
		if at.region == len(a.regions) {
			a.regions, inside = append(a.regions, 0), append(inside, nil)
		}
		a.spots[i] = at
		a.regions[at.region] = max(a.regions[at.region], at.offset+aligned(rooms[i].size))
		k, _ := slices.BinarySearchFunc(inside[at.region], at.offset, func(other int, offset uint64) int { return cmp.Compare(a.spots[other].offset, offset) })
		inside[at.region] = slices.Insert(inside[at.region], k, i)
	}
	return a
}

// gap returns the offset of the tightest gap among a region's rooms, or of the end,
// where a room meets none.
func (a *arrangement) gap(rooms []*room, others []int, r *room) uint64 {
	const none = 1<<64 - 1
	at, best, tightest := uint64(0), uint64(0), uint64(none)
	for _, i := range others {
		if !rooms[i].meets(r.life) {
			continue
		}
		offset := a.spots[i].offset
		if offset >= at+aligned(r.size) && offset-at < tightest {
			best, tightest = at, offset-at
		}
		at = max(at, offset+aligned(rooms[i].size))
	}
	if tightest < none {
		return best
	}
	return at
}

func aligned(size uint64) uint64 {
	return (size + roomAlignment - 1) / roomAlignment * roomAlignment
}
