package train

import (
	"image/color"
	"math"
	"testing"
	"time"

	"alexnet/net"
	"alexnet/train/monitor"
)

// The patches of a kernel are where the maps of single images are largest.
func TestPatches(t *testing.T) {
	tr := onBoard(t)
	<-tr.sight.gather()
	tr.Board.Watch(monitor.Watch{Kernels: true, Patches: true})
	if err := tr.look(); err != nil {
		t.Fatal(err)
	}
	p := tr.Board.Latest().Patches
	if p == nil || p.Images != 20 || p.Problem != "" || len(p.Kernels) != 16 {
		t.Fatalf("patches %+v", p)
	}
	if p.Due.IsZero() || !p.Due.Equal(tr.live.foundDue) {
		t.Errorf("newer ones are due at %v, it says %v", tr.live.foundDue, p.Due)
	}
	var all []*monitor.Maps
	for i := range p.Images { // of 20 in batches of 8
		m, _, err := tr.sight.Look(monitor.Watch{Maps: true, Layer: "conv1", Image: i}, 0)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, m)
	}
	for kernel, patches := range p.Kernels {
		most := make([]float32, len(all)) // of each image
		at := make([]int, len(all))
		for i, m := range all {
			for k, v := range m.Columns[kernel/8][kernel%8*49:][:49] {
				if v > most[i] {
					most[i], at[i] = v, k
				}
			}
		}
		last := math.Inf(1)
		for _, patch := range patches {
			i := patch.Image
			if math.Abs(patch.Value-float64(most[i])) > 1e-5*patch.Value || patch.Value > last {
				t.Errorf("kernel %d: image %d excites it by %g behind %g, its maps by %g", kernel, i, patch.Value, last, most[i])
			}
			last = patch.Value
			x, y := at[i]%7*8, at[i]/7*8
			for _, d := range [][2]int{{0, 0}, {7, 2}, {3, 7}} {
				if got, want := patch.Picture.RGBAAt(d[0], d[1]), all[i].Image.RGBAAt(x+d[0], y+d[1]); got != want {
					t.Fatalf("kernel %d, image %d: pixel %v of the patch is %v, of the image %v", kernel, i, d, got, want)
				}
			}
			most[i] = 0
		}
		for i, v := range most {
			if float64(v) > last || v > 0 && len(patches) < mostPatches {
				t.Errorf("kernel %d: image %d excites it by %g and is not among %d", kernel, i, v, len(patches))
			}
		}
	}
}

func TestPatchBeyondTheEdge(t *testing.T) {
	s := &Sight{Config: &Config{Data: Data{Size: 4, Crop: 2}}}
	pixels := make([]byte, 4*4*3)
	for i := range pixels {
		pixels[i] = byte(i + 1)
	}
	img := s.patch(pixels, -1, 1, 2) // of a crop whose corner is pixel (1, 1)
	black := color.RGBA{0, 0, 0, 255}
	at := byte((2*4+1)*3 + 1) // the crop's left lower pixel
	if img.RGBAAt(0, 0) != black || img.RGBAAt(1, 0) != (color.RGBA{at, at + 1, at + 2, 255}) || img.RGBAAt(1, 1) != black {
		t.Errorf("pixels %v", img.Pix)
	}
}

func TestRank(t *testing.T) {
	best := make([][]place, 3)
	for i, v := range []float32{1, 4, 2, 4, 0, 3, 5, 0.5} {
		rank(best, &net.Outputs{H: 1, W: 2, Columns: [][]float32{{0, v, -1, -v}, {float32(math.NaN()), v}}}, i)
	}
	var order []int
	for _, p := range best[0] {
		order = append(order, p.image)
		if p.x != 1 || p.y != 0 {
			t.Errorf("place %+v", p)
		}
	}
	if want := []int{6, 1, 3, 5, 2, 0}; len(order) != len(want) || order[0] != 6 || order[1] != 1 || order[2] != 3 || order[5] != 0 {
		t.Errorf("in the order %v, want %v", order, want)
	}
	if len(best[1]) != 0 || len(best[2]) != 6 {
		t.Errorf("%d places of a silent kernel, %d of one behind a NaN", len(best[1]), len(best[2]))
	}
}

// Patches wait until a search may cost something again, but in a paused run only
// until its kernels have changed.
func TestPatchesWait(t *testing.T) {
	tr := onBoard(t)
	w := monitor.Watch{Kernels: true, Patches: true}
	if !tr.searchDue(w) || tr.searchDue(monitor.Watch{Kernels: true}) {
		t.Error("the first search is due where patches are watched")
	}
	tr.live.foundDue = time.Now().Add(time.Hour)
	if tr.searchDue(w) {
		t.Error("a search does not wait while the run trains")
	}
	tr.steering.paused = true
	if !tr.searchDue(w) {
		t.Error("a search waits although the run is paused")
	}
	tr.live.patches = &monitor.Patches{}
	if tr.searchDue(w) {
		t.Error("the same kernels are tried again")
	}
}
