package train

import (
	"testing"

	"alexnet/train/monitor"
)

// TestLooksTakeOneImage: a look runs one image, sees what the whole batch's network sees,
// and leaves the outputs of the last step's batch; where there is no room for a network
// of one image the whole batch's looks, and does not.
func TestLooksTakeOneImage(t *testing.T) {
	tr := onBoard(t)
	look := func(image int) {
		t.Helper()
		tr.outputs = true
		tr.Board.Watch(monitor.Watch{Maps: true, Patches: true, Layer: "conv1", Image: image})
		if err := tr.look(); err != nil {
			t.Fatal(err)
		}
	}
	<-tr.sight.gather()
	look(3)
	one, p, err := tr.sight.Views(3, 0)
	if err != nil {
		t.Fatal(err)
	}
	if tr.sight.one.Options.Batch != 1 || !tr.outputs || tr.Board.Latest().Patches == nil {
		t.Errorf("a look ran %d images; the batch's outputs are left: %t", tr.sight.one.Options.Batch, tr.outputs)
	}
	tr.sight.one = tr.Net
	if look(4); tr.outputs {
		t.Error("a look through the whole batch's network left the outputs of a batch")
	}
	whole, q, err := tr.sight.Views(3, 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(p) != len(q) || differ(p, q) > 1e-5 {
		t.Errorf("probabilities %v, of the whole batch's network %v", p, q)
	}
	for layer, want := range whole.Layers {
		for column := range want.Columns {
			if got := one.Layers[layer].Columns[column]; len(got) != len(want.Columns[column]) || differ(got, want.Columns[column]) > 1e-5 {
				t.Errorf("%s, column %d: other maps", layer, column+1)
			}
		}
	}
}
