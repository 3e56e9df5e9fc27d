package train

import (
	"alexnet/net"
	"alexnet/train/monitor"
)

// bytesOfValue is what an activation takes on its way to another column: they are
// float32 in all precisions.
const bytesOfValue = 4

// Blocks are the shapes of a recipe's layers and what the columns send each other
// for them; nil if the network's table is wrong, which Build tells.
func Blocks(c *Config) *monitor.Network {
	rows, err := c.Net.Plan()
	if err != nil {
		return nil
	}
	columns := c.Net.Columns
	out := &monitor.Network{Input: monitor.Block{Layer: "image", H: c.Net.Input.H, W: c.Net.Input.W, Channels: []int{c.Net.Input.C}}}
	for i, r := range rows {
		b := monitor.Block{Layer: r.Layer.LayerName(), H: r.Out.H, W: r.Out.W, Channels: net.Deal(r.Out.C, columns), Frozen: r.Frozen}
		switch r.Layer.(type) {
		case net.Conv, net.Local:
		case net.Dense:
			b.Dense = true
		default:
			continue
		}
		if _, is := previous(rows, i).(net.Gather); is && columns > 1 {
			for _, channels := range net.Deal(r.In.C, columns) {
				b.Sent = append(b.Sent, int64(channels)*int64(r.In.H*r.In.W)*int64(c.Batch)*bytesOfValue)
			}
		}
		out.Blocks = append(out.Blocks, b)
	}
	return out
}

// previous is the layer before row i; nil: there is none.
func previous(rows []net.Row, i int) net.Layer {
	if i == 0 {
		return nil
	}
	return rows[i-1].Layer
}
