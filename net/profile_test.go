package net

import "testing"

// TestLeastBytes counts by hand: 10 images, 2 columns.
func TestLeastBytes(t *testing.T) {
	conv := Row{Layer: Conv{Name: "conv"}, In: Shape{4, 3, 3}, Out: Shape{6, 3, 3}, Weights: 108, Biases: 6}
	gathered := conv
	gathered.Gathered = true
	maps := Row{In: Shape{4, 5, 5}, Out: Shape{4, 5, 5}} // 1000 values
	of := func(l Layer) Row { r := maps; r.Layer = l; return r }
	pool := of(Pool{})
	pool.Out = Shape{4, 2, 2} // 160 values
	mean := pool
	mean.Layer = Pool{Average: true}
	for _, c := range []struct {
		name    string
		row     Row
		what    string
		devices int
		want    int64 // floats
	}{
		{"conv", conv, "forward", 1, 360 + 108 + 6 + 540},
		{"conv on two devices", conv, "forward", 2, (360 + 108 + 6 + 540) / 2},
		{"conv reads all on each device", gathered, "forward", 2, 360 + (108+6+540)/2},
		{"data gradient", conv, "data gradient", 1, 540 + 108 + 360},
		{"data gradient of each column", gathered, "data gradient", 1, 540 + 108 + 2*360},
		{"data gradient of one column", gathered, "data gradient", 2, (540+108)/2 + 360},
		{"weight gradient", conv, "weight gradient", 1, 360 + 540 + 108},
		{"bias gradient", conv, "bias gradient", 2, (540 + 6) / 2},
		{"update", conv, "update", 2, 5 * (108 + 6) / 2},
		{"relu", of(Activation{}), "forward", 1, 2000},
		{"relu backward", of(Activation{}), "backward", 2, 1500},
		{"lrn", of(LRN{}), "forward", 1, 2000},
		{"lrn backward", of(LRN{}), "backward", 1, 3000},
		{"max pool", pool, "forward", 1, 1000 + 2*160},
		{"max pool backward", pool, "backward", 2, 500 + 160},
		{"average pool", mean, "forward", 1, 1160},
		{"dropout", of(Dropout{}), "backward", 1, 2000},
		{"gather backward", of(Gather{}), "backward", 1, 3000},
		{"gather backward on two devices", of(Gather{}), "backward", 2, 1500},
		{"gather forward moves by copies", of(Gather{}), "forward", 2, 0},
	} {
		if got := leastBytes(c.row, c.what, 10, 2, c.devices); got != 4*c.want {
			t.Errorf("%s: %d bytes, want %d", c.name, got, 4*c.want)
		}
	}
}
