package net

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"alexnet/engine"
	"alexnet/engine/enginetest"
	"alexnet/net/ref"
	"alexnet/shaders"
)

// Five and seventy units over one to three columns, with images beyond the valid ones.
func TestSquaresAgainstTheReference(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *workbench) {
		for _, units := range []int{5, 70} {
			for columns := 1; columns <= 3; columns++ {
				for own := range columns { // the columns of this device
					w.squares(units, columns, own)
				}
			}
		}
	})
}

func (w *workbench) squares(count, columns, own int) {
	w.t.Helper()
	defer w.free()
	const images, valid = 6, 4
	units := Deal(count, columns)
	channels := pad8(units[0])
	block := padBlock(images * channels)
	r := rand.New(rand.NewPCG(uint64(count), uint64(columns)))
	values, targets := ref.New(valid, count, 1, 1), ref.New(valid, count, 1, 1)
	x, t := make([]float32, columns*block), make([]float32, images*count)
	losses, gradient := map[int]float64{}, map[int]float64{}
	place := func(i, k int) (column, at int) {
		for k >= units[column] {
			k -= units[column]
			column++
		}
		return column, i*channels + k
	}
	for i := range valid * count {
		values.Data[i], targets.Data[i] = float64(float32(r.NormFloat64())), float64(float32(r.NormFloat64()))
		column, at := place(i/count, i%count)
		x[column*block+at], t[i] = float32(values.Data[i]), float32(targets.Data[i])
	}
	gs, gx, gt := w.in(stepBuffer(shaders.Step{Valid: valid, Scale: 8})), w.in(x), w.in(t)
	gr, gg := w.out(2*images), w.out(images*channels)
	apply := kernel(w, shaders.Squares, shaders.None{})
	least := units[columns-1]
	w.run("squares", func(s *engine.Sequence) {
		apply.Dispatch(s, "squares", engine.Groups{images, 1, 1}, shaders.LossPush{Channels: uint32(channels), Classes: uint32(count), Units: uint32(least),
			Extra: uint32(count - least*columns), XSource: uint32(block), GBlock: uint32(images * channels), Column: uint32(own), Columns: 1, Own: 1},
			gs.all(), gx.all(), gt.all(), gr.all(), gg.all())
	})
	for i, l := range ref.SquaresLoss(values, targets) {
		losses[2*i] = l
	}
	for i, g := range ref.SquaresLossBackward(values, targets).Data {
		if column, at := place(i/count, i%count); column == own {
			gradient[at] = 8 * g
		}
	}
	name := fmt.Sprintf("%d units, column %d of %d: ", count, own, columns)
	w.check(name+"losses", gr.values(), losses)
	w.check(name+"gradient", gg.values(), gradient)
}

// A network of features takes no images, and one with targets needs them.
func TestMistakesWithFeatures(t *testing.T) {
	n, err := Build(encoder(), enginetest.Open(t), Options{Batch: 4, Keep: true})
	if err != nil {
		t.Fatal(err)
	}
	panics := func(want string, f func()) {
		t.Helper()
		defer func() {
			if got := fmt.Sprint(recover()); !strings.Contains(got, want) {
				t.Errorf("panics with %q, want %q", got, want)
			}
		}()
		f()
	}
	b := randomBatch(n.Spec, 4, 13)
	panics("network of features", func() { n.Test(&Batch{Pixels: make([]byte, 44), Targets: b.Targets, Valid: 4}) })
	panics("52 targets for 3 images and 13 units", func() { n.Test(&Batch{Values: b.Values, Targets: b.Targets, Valid: 3}) })
	panics("network of features", func() { n.SetMean(nil) })
	for _, s := range []Shape{{C: 4, H: 2, W: 1}, {C: 0, H: 1, W: 1}} {
		spec := encoder()
		spec.Input = s
		if _, err := spec.Plan(); err == nil || !strings.Contains(err.Error(), "features of 1x1") {
			t.Errorf("input %v: %v", s, err)
		}
	}
}
