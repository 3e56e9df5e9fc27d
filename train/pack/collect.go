package pack

import (
	"context"
	"errors"
	"sync"

	"alexnet/train/data"
)

// collector writes the chunks of a part into shards, in order. What a shard holds counts
// once it is complete.
type collector struct {
	*work
	part    string
	options *Options
	pool    *sync.Pool // of sums that are merged

	at    int // images of the part that are done
	shard *shardWriter
	sums  *data.Sums // of the shard
}

// run writes all chunks.
func (c *collector) run(ctx context.Context, ordered <-chan *chunk) error {
	defer func() { c.shard.drop() }()
	for c.at < c.Images[c.part] {
		next, err := await(ctx, ordered)
		if err == nil {
			err = c.write(next)
		}
		if err == nil && (c.at%c.perShard == 0 || c.at == c.Images[c.part]) {
			err = c.complete()
		}
		if err != nil {
			return err
		}
		if c.options.OnProgress != nil {
			p := Progress{Done: c.done(), Total: c.total(), Skipped: c.skipped()}
			if c.shard != nil {
				p.Done, p.Skipped = p.Done+c.at%c.perShard, p.Skipped+c.shard.bad
			}
			c.options.OnProgress(p)
		}
	}
	return nil
}

// await waits for the next chunk to be filled.
func await(ctx context.Context, ordered <-chan *chunk) (*chunk, error) {
	var next *chunk
	select {
	case next = <-ordered:
	case <-ctx.Done():
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if next == nil {
		return nil, errors.New("the list of images has fewer lines than were written")
	}
	select {
	case <-next.done:
		return next, next.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// write appends a chunk to its shard.
func (c *collector) write(next *chunk) error {
	if c.shard == nil {
		var err error
		if c.shard, err = newShard(c.dst, shardName(c.part, c.at/c.perShard), c.options.Encoding); err != nil {
			return err
		}
		c.sums = data.NewSums(c.options.Size)
	}
	for i, p := range next.images {
		if p.bad != nil {
			c.shard.skip(p.Name, p.bad)
		} else if err := c.shard.add(next.first+i, p.Entry, p.file); err != nil {
			return err
		}
	}
	c.at += len(next.images)
	if next.sums != nil {
		c.sums.Merge(next.sums)
		next.sums.Reset()
		c.pool.Put(next.sums)
	}
	return nil
}

// complete completes a shard and keeps that in the state.
func (c *collector) complete() error {
	done, err := c.shard.commit(c.dst)
	if err != nil {
		return err
	}
	c.state.Shards[c.part] = append(c.state.Shards[c.part], done)
	c.state.Skipped[c.part] += c.shard.bad
	if c.part == Train {
		if c.state.Sums == nil {
			c.state.Sums = data.NewSums(c.options.Size)
		}
		c.state.Sums.Merge(c.sums)
	}
	c.shard = nil
	return c.keep()
}
