package data

import (
	"sync"
	"sync/atomic"
)

// cache is a set whose images stay in memory once they have been read.
type cache struct {
	Set
	bytes  int64 // of an image
	pixels []atomic.Pointer[[]byte]

	mu   sync.Mutex
	left int64 // bytes that may still be kept
}

// Cached keeps the pixels of images in memory after they are first read, up to
// maxBytes in total; images beyond that are read each time, and nothing is ever
// dropped. A folder that fits is decoded once instead of once an epoch.
func Cached(set Set, maxBytes int64) Set {
	bytes := int64(set.Size()) * int64(set.Size()) * 3
	if maxBytes < bytes {
		return set
	}
	return &cache{Set: set, bytes: bytes, left: maxBytes, pixels: make([]atomic.Pointer[[]byte], set.Len())}
}

// Pixels writes image i to dst, from memory if it is there.
func (c *cache) Pixels(i int, dst []byte) error {
	if p := c.pixels[i].Load(); p != nil {
		copy(dst, *p)
		return nil
	}
	if err := c.Set.Pixels(i, dst); err != nil {
		return err
	}
	c.keep(i, dst[:c.bytes])
	return nil
}

// keep stores an image if there is room and no other goroutine has done so.
func (c *cache) keep(i int, pixels []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left < c.bytes || c.pixels[i].Load() != nil {
		return
	}
	c.left -= c.bytes
	kept := append([]byte(nil), pixels...)
	c.pixels[i].Store(&kept)
}
