package train

import (
	"fmt"
	"testing"
)

// TestBlocks compares with the paper's Figure 2.
func TestBlocks(t *testing.T) {
	c, err := LoadConfig("alexnet")
	if err != nil {
		t.Fatal(err)
	}
	n := Blocks(c)
	if got := fmt.Sprintf("%d×%d×%v", n.Input.H, n.Input.W, n.Input.Channels); got != "224×224×[3]" {
		t.Errorf("the image is %s", got)
	}
	want := []string{
		"conv1 55×55×[48 48] []", "conv2 27×27×[128 128] []", "conv3 13×13×[192 192] [11075584 11075584]", "conv4 13×13×[192 192] []", "conv5 13×13×[128 128] []",
		"fc6 1×1×[2048 2048] [2359296 2359296]", "fc7 1×1×[2048 2048] [1048576 1048576]", "fc8 1×1×[500 500] [1048576 1048576]",
	}
	for i, b := range n.Blocks {
		got := fmt.Sprintf("%s %d×%d×%v %v", b.Layer, b.H, b.W, b.Channels, b.Sent)
		if i >= len(want) || got != want[i] || b.Dense != (i >= 5) {
			t.Errorf("block %d is %s, dense %v", i, got, b.Dense)
		}
	}
	if len(n.Blocks) != len(want) {
		t.Errorf("%d blocks, want %d", len(n.Blocks), len(want))
	}
	still, err := LoadConfig("alexnet", "layer.conv2.frozen=true")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range Blocks(still).Blocks {
		if b.Frozen != (b.Layer == "conv2") {
			t.Errorf("%s is frozen: %v", b.Layer, b.Frozen)
		}
	}
	one, err := LoadConfig("cifar10-relu")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range Blocks(one).Blocks {
		if b.Sent != nil {
			t.Errorf("%s of one column sends %v", b.Layer, b.Sent)
		}
	}
	local, err := LoadConfig("cifar10-11")
	if err != nil {
		t.Fatal(err)
	}
	if b := Blocks(local).Blocks[2]; b.Layer != "local3" || b.Dense || b.H != 5 || b.Channels[0] != 32 {
		t.Errorf("a local layer is %+v", b)
	}
	c.Net.Layers = c.Net.Layers[1:]
	if n := Blocks(c); n != nil {
		t.Errorf("a table that begins with a relu has blocks %+v", n)
	}
}
