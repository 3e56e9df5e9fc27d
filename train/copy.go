package train

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"alexnet/engine"
	"alexnet/net"
	"alexnet/train/monitor"
)

// Copy is a network of its own that looks at images with the checkpoints of a run,
// which another process trains or which is over. It only reads the run's folder.
type Copy struct {
	*Sight
	Step int // of the checkpoint that is in it

	run     string
	devices []*engine.Device
}

// LoadCopy makes one with the newest checkpoint that verifies, on devices that open
// opens for so many columns. tell is called with sentences on what is done.
func LoadCopy(ctx context.Context, run string, open func(columns int) ([]*engine.Device, error), tell func(string)) (*Copy, error) {
	tell("Reading the newest checkpoint.")
	l, err := copied(run)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	config, err := l.Config()
	if err != nil {
		return nil, err
	}
	tell("Opening the images.")
	val, noImages := OpenTestSet(config, l, false, "") // those that are dropped can be looked at all the same
	tell("Opening the devices.")
	devices, err := open(config.Net.Columns)
	if err != nil {
		return nil, err
	}
	c := &Copy{Step: l.Step, run: run, devices: devices}
	n, err := l.Build(config, devices, net.Options{
		Batch: 1, Keep: true,
		Tuning: func(c net.Choosing) error {
			tell(fmt.Sprintf("Choosing kernels: %v.", c))
			return ctx.Err()
		},
	})
	if err == nil {
		tell("Loading the checkpoint of step " + monitor.Count(l.Step) + ".")
		err = l.Load(n)
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	c.Sight = NewSight(config, n, val)
	c.Sight.noImages = noImages
	return c, nil
}

// copied opens the newest checkpoint that verifies.
func copied(run string) (*Loaded, error) {
	l, skipped, err := NewestCheckpoint(filepath.Join(run, "checkpoints"))
	switch {
	case err == nil:
		return l, nil
	case errors.Is(err, os.ErrNotExist) && len(skipped) == 0:
		return nil, errors.New("the run has no checkpoint yet")
	case len(skipped) > 0:
		return nil, skipped[0]
	}
	return nil, err
}

// Renew loads the run's newest checkpoint if it is newer than the one that is in the
// copy. One that cannot be read is left where it is: it may come whole later.
func (c *Copy) Renew() (newer bool, err error) {
	list := checkpoints(filepath.Join(c.run, "checkpoints"))
	if len(list) == 0 || filepath.Base(list[0]) <= checkpointName(c.Step) {
		return false, nil
	}
	l, err := LoadCheckpoint(list[0])
	if err != nil {
		return false, nil
	}
	defer l.Close()
	if err := l.Load(c.Net); err != nil {
		return false, err
	}
	c.Step = l.Step
	return true, nil
}

// Close gives the devices back.
func (c *Copy) Close() {
	for _, d := range c.devices {
		d.Close()
	}
}
