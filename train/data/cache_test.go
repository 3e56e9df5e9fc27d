package data

import (
	"bytes"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

// counted counts how often images are read.
type counted struct {
	Set
	reads []atomic.Int64
}

func (c *counted) Pixels(i int, dst []byte) error {
	c.reads[i].Add(1)
	return c.Set.Pixels(i, dst)
}

func count(set Set) *counted { return &counted{Set: set, reads: make([]atomic.Int64, set.Len())} }

func (c *counted) total() (n int64) {
	for i := range c.reads {
		n += c.reads[i].Load()
	}
	return n
}

const generatedBytes = GeneratedSize * GeneratedSize * 3

func TestCachedReadsOnce(t *testing.T) {
	below := count(NewGenerated(1, 10))
	set := Cached(below, 4*generatedBytes+1) // room for four
	want, got := make([]byte, generatedBytes), make([]byte, generatedBytes+5)
	for pass := range 3 {
		for i := range set.Len() {
			if err := set.Pixels(i, got); err != nil {
				t.Fatal(err)
			}
			below.Set.Pixels(i, want)
			if !bytes.Equal(got[:generatedBytes], want) {
				t.Fatalf("image %d of pass %d differs", i, pass)
			}
			clear(got) // the caller's memory is not the cache's
		}
	}
	if n := below.total(); n != 4+3*6 {
		t.Errorf("%d reads", n)
	}
	if !slices.Equal(set.Classes(), below.Classes()) || set.Label(3) != 3 || Fingerprint(set) != Fingerprint(below) {
		t.Error("the cached set is another set")
	}
}

func TestCachedKeepsErrorsOut(t *testing.T) {
	bad := true
	below := count(broken{NewGenerated(1, 2), func(int) bool { return bad }})
	set := Cached(below, 1<<20)
	dst := make([]byte, generatedBytes)
	if set.Pixels(1, dst) == nil {
		t.Error("a broken image was read")
	}
	bad = false
	if err := set.Pixels(1, dst); err != nil {
		t.Error(err)
	}
	if none := Cached(below, generatedBytes-1); none != Set(below) {
		t.Error("a cache without room for one image")
	}
}

func TestCachedConcurrently(t *testing.T) {
	below := count(NewGenerated(1, 20))
	set := Cached(below, 10*generatedBytes).(*cache)
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			want, got := make([]byte, generatedBytes), make([]byte, generatedBytes)
			for i := range set.Len() {
				set.Pixels(i, got)
				below.Set.Pixels(i, want)
				if !bytes.Equal(got, want) {
					t.Errorf("image %d differs", i)
				}
			}
		})
	}
	readers.Wait()
	kept := 0
	for i := range set.pixels {
		if set.pixels[i].Load() != nil {
			kept++
		}
	}
	if kept != 10 || set.left != 0 {
		t.Errorf("%d images kept, %d bytes left", kept, set.left)
	}
}
