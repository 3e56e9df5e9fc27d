package net

import (
	"fmt"

	"alexnet/engine"
)

// ForBatch makes the same network for another batch, to test with. It keeps the outputs of
// all layers, chooses this one's kernels, and uses its parameters and mean image where
// they lie: its memory is its maps'. Steps of the two must not run at the same time. The
// error is an engine.ErrMemory where the devices have no room for it; then nothing was
// made.
func (n *Net) ForBatch(batch int) (*Net, error) {
	n.mustRest()
	o := Options{Batch: batch, Keep: true, Choices: n.choices, Paths: n.Options.Paths, form: n.Options.form,
		ImageHeight: n.Options.ImageHeight, ImageWidth: n.Options.ImageWidth, ImageScale: n.Options.ImageScale}
	var devices []*engine.Device
	for _, p := range n.places {
		devices = append(devices, p.device)
	}
	need, err := Memory(n.Spec, devices, o)
	if err != nil {
		return nil, err
	}
	total := map[string]uint64{} // of logical devices of one physical device
	for i, p := range n.places {
		total[p.device.Info().UUID] += need[i] - n.shared(i) + p.device.InUse()
	}
	for _, d := range devices {
		if total[d.Info().UUID] > d.Capacity() {
			return nil, fmt.Errorf("net: a batch of %d beside the one of %d: %s on %s, which has %s: %w",
				batch, n.Options.Batch, engine.Megabytes(total[d.Info().UUID]), d.Name(), engine.Megabytes(d.Capacity()), engine.ErrMemory)
		}
	}
	o.shares = n
	return Build(n.Spec, devices, o)
}

// shared is what another network of this one's need not make on a device, in bytes.
func (n *Net) shared(place int) uint64 {
	bytes := uint64(0)
	if mean := n.inputs[place].mean; mean != nil {
		bytes = mean.Size()
	}
	for _, p := range n.places[place].params {
		bytes += p.value.Size()
	}
	return bytes
}
