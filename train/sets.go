package train

import (
	"fmt"

	"alexnet/net"
	"alexnet/train/data"
)

// Sets are the images of a run.
type Sets struct {
	Train, Val data.Set
}

// OpenSets opens what a recipe's [data] section names.
func OpenSets(c *Config) (*Sets, error) {
	var s Sets
	switch c.Set {
	case "generated":
		s = Sets{Train: data.NewGenerated(1, c.TrainImages), Val: data.NewGenerated(2, c.ValImages)}
	default:
		return nil, fmt.Errorf("train: data.set = %q cannot be read yet", c.Set)
	}
	if s.Train.Size() != c.Size {
		return nil, fmt.Errorf("train: the images of set %s are %dx%d; the recipe says data.size = %d", c.Set, s.Train.Size(), s.Train.Size(), c.Size)
	}
	if classes, outputs := len(s.Train.Classes()), c.Net.Classes(); classes != outputs {
		return nil, fmt.Errorf("train: the set has %d classes and the network %d outputs: set the last layer's units to %d", classes, outputs, classes)
	}
	return &s, nil
}

// batch turns a loaded batch into a network's.
func batch(b *data.Batch, into *net.Batch) *net.Batch {
	into.Pixels, into.Labels, into.Valid = b.Pixels, b.Labels, b.Valid
	into.Crops = into.Crops[:0]
	for _, c := range b.Crops {
		into.Crops = append(into.Crops, net.Crop(c))
	}
	return into
}

// OpenTestSet opens the images that a checkpoint's network is tested on.
func OpenTestSet(c *Config, l *Loaded, other bool) (data.Set, error) {
	sets, err := OpenSets(c)
	if err != nil {
		return nil, err
	}
	return sets.Val, nil
}
