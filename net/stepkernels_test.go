package net

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"alexnet/engine"
	"alexnet/net/ref"
	"alexnet/shaders"
)

// stepBuffer holds the settings of a step with the factors of its layers, as
// kernels read them.
func stepBuffer(step shaders.Step, factors ...shaders.Factors) []float32 {
	words := append([]uint32(nil), unsafe.Slice((*uint32)(unsafe.Pointer(&step)), unsafe.Sizeof(step)/4)...)
	for _, f := range append(factors, shaders.Factors{}) {
		words = append(words, unsafe.Slice((*uint32)(unsafe.Pointer(&f)), 4)...)
	}
	return asFloats(words)
}

func asFloats(words []uint32) []float32 {
	out := make([]float32, len(words))
	for i, v := range words {
		out[i] = math.Float32frombits(v)
	}
	return out
}

// Masks are those of Philox, bit for bit, in each of the three modes.
func TestDropoutAgainstPhilox(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *workbench) {
		apply, differ := kernel(w, shaders.Dropout, shaders.DropoutConstants{}), kernel(w, shaders.Dropout, shaders.DropoutConstants{Relu: true})
		x, dy := make([]float32, 1000), make([]float32, 1000)
		for i := range x {
			x[i] = float32(max(0, i%9-3)) // a ReLU's
			dy[i] = float32(i + 1)
		}
		for _, mode := range []uint32{shaders.DropoutTrain, shaders.DropoutTest, shaders.DropoutIdentity} {
			for _, probability := range []float32{0, 0.25, 0.5, 0.9} {
				step := shaders.Step{Step: 77, SeedLow: 3, SeedHigh: 1 << 31, Dropout: mode}
				gs, gx, gy, gdy, gdx, gdr := w.in(stepBuffer(step)), w.in(x), w.out(len(x)), w.in(dy), w.out(len(x)), w.out(len(x))
				push := shaders.DropoutPush{Count: uint32(len(x)), Column: 5, Layer: 9, Probability: probability}
				w.run("dropout", func(s *engine.Sequence) {
					apply.Dispatch(s, "forward", engine.Linear(len(x)/4), push, gs.all(), gx.all(), gy.all(), gx.all())
					apply.Dispatch(s, "backward", engine.Linear(len(x)/4), push, gs.all(), gdy.all(), gdx.all(), gdy.all())
					differ.Dispatch(s, "backward with ReLU", engine.Linear(len(x)/4), push, gs.all(), gdy.all(), gdr.all(), gy.all())
				})
				for i := range x {
					words := ref.Philox([4]uint32{uint32(i / 4), 77, 9, 5}, [2]uint32{3, 1 << 31})
					factor := float32(1)
					if mode == shaders.DropoutTrain && words[i%4]>>8 < uint32(float64(probability)*(1<<24)) {
						factor = 0
					} else if mode == shaders.DropoutTest {
						factor = 1 - probability
					}
					want := [3]float32{factor * x[i], factor * dy[i]}
					if x[i] > 0 {
						want[2] = factor * dy[i]
					}
					if got := [3]float32{gy.values()[i], gdx.values()[i], gdr.values()[i]}; got != want {
						t.Fatalf("mode %d, probability %g: value %d is %v, its gradients with and without a ReLU below; expected %v", mode, probability, i, got, want)
					}
				}
				w.free()
			}
		}
	})
}

// v = momentum v - decay rate w - rate g; w = w + v, with the factors of the layer
// that the push constants name, of weights or biases.
func TestSGDAgainstTheReference(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *workbench) {
		const n = 2*8192 + 56 // tiles of processors and some more
		for _, rule := range rulesOf(w, false) {
			factors := []shaders.Factors{{Rate: 99, BiasRate: 99, Decay: 99, BiasDecay: 99}, {Rate: 0.5, BiasRate: 2, Decay: 3, BiasDecay: 0}}
			for _, bias := range []bool{false, true} {
				values, gradient, velocity := random(1, n, 1, 1), random(1, n, 1, 2), random(1, n, 1, 3)
				g := gradient.Data[:n]
				v := velocity.Data[:n]
				gs, none := w.in(stepBuffer(shaders.Step{Rate: 0.01, Momentum: 0.9, Decay: 0.5, Unscale: 1}, factors...)), w.in(make([]float32, shaders.OverflowWords))
				gw, gg, gv := w.inout(narrow(values.Data)), w.in(narrow(g)), w.inout(narrow(v))
				push, rate, decay := shaders.SGDPush{Count: n, Factor: 1}, 0.01*0.5, 0.5*3.0
				if bias {
					push.Bias, rate, decay = 1, 0.01*2, 0
				}
				w.run("sgd", func(s *engine.Sequence) {
					rule.update(s, "sgd", push, gs.all(), gw.all(), gg.all(), gv.all(), none.all())
				})
				ref.Update(values.Data, v, g, rate, 0.9, decay)
				w.check("values", gw.values(), numbered(values.Data))
				w.check("momentum", gv.values(), numbered(v))
				w.free()
			}
		}
	})
}

// rulesOf are both variants of the solver's rule, and what a device takes.
func rulesOf(w *workbench, checked bool) []*sgd {
	w.t.Helper()
	rule, err := newSGD(w.device, checked)
	rules := []*sgd{rule}
	for _, sh := range bothVariants(w, shaders.SGD, shaders.SGDAddress.Module) {
		variant, e := makeSGD(w.device, sh, checked)
		rules, err = append(rules, variant), errors.Join(err, e)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return rules
}

func narrow(values []float64) []float32 {
	out := make([]float32, len(values))
	for i, v := range values {
		out[i] = float32(v)
	}
	return out
}

func numbered(values []float64) map[int]float64 {
	out := map[int]float64{}
	for i, v := range values {
		out[i] = v
	}
	return out
}

// Five and seven classes over one to three columns, with equal logits, images
// without a label and images beyond the valid ones.
func TestSoftmaxAgainstTheReference(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *workbench) {
		for _, classes := range []int{5, 7, 70} {
			for columns := 1; columns <= 3; columns++ {
				for own := range columns { // the columns of this device
					w.softmax(classes, columns, own)
				}
			}
		}
	})
}

func (w *workbench) softmax(classes, columns, own int) {
	w.t.Helper()
	defer w.free()
	const images, valid = 6, 4
	units := Deal(classes, columns)
	channels := pad8(units[0])
	block := padBlock(images * channels)
	r := rand.New(rand.NewPCG(uint64(classes), uint64(columns)))
	logits := ref.New(images, classes, 1, 1)
	x := make([]float32, columns*block)
	place := make([]int, classes) // of image 0's logit
	class := 0
	for column, n := range units {
		for k := range n {
			place[class] = column*block + k
			class++
		}
	}
	labels := make([]uint32, images)
	for i := range images {
		for k := range classes {
			v := math.Round(8*r.NormFloat64()) / 4
			logits.Data[i*classes+k] = v
			x[place[k]+i*channels] = float32(v)
		}
		labels[i] = uint32(r.IntN(classes))
	}
	labels[1] = math.MaxUint32
	gs, gx, gl := w.in(stepBuffer(shaders.Step{Valid: valid, Scale: 8})), w.in(x), w.in(asFloats(labels))
	gp, gr, gg := w.out(images*classes), w.out(2*images), w.out(images*channels)
	apply := kernel(w, shaders.Softmax, shaders.None{})
	least := units[columns-1]
	w.run("softmax", func(s *engine.Sequence) {
		apply.Dispatch(s, "softmax", engine.Groups{images, 1, 1}, shaders.LossPush{Channels: uint32(channels), Classes: uint32(classes), Units: uint32(least),
			Extra: uint32(classes - least*columns), XSource: uint32(block), GBlock: uint32(images * channels), Column: uint32(own), Columns: 1, Own: 1},
			gs.all(), gx.all(), gl.all(), gp.all(), gr.all(), gg.all())
	})
	probabilities := ref.Softmax(logits)
	results, gradient := map[int]float64{}, map[int]float64{}
	for i := range valid {
		if i == 1 {
			continue
		}
		p := probabilities.Data[i*classes : (i+1)*classes]
		results[2*i] = -math.Log(p[labels[i]])
		results[2*i+1] = float64(ref.Rank(logits.Data[i*classes:(i+1)*classes], int(labels[i])))
		for k := range classes {
			if c := place[k] - own*block; c >= 0 && c < block {
				gradient[i*channels+c] = 8 * p[k] / valid
				if k == int(labels[i]) {
					gradient[i*channels+c] -= 8.0 / valid
				}
			}
		}
	}
	name := fmt.Sprintf("%d classes, column %d of %d: ", classes, own, columns)
	w.check(name+"probabilities", gp.values(), numbered(probabilities.Data))
	w.check(name+"losses and ranks", gr.values(), results)
	w.check(name+"gradient", gg.values(), gradient)
}

// Crops at corners, mirrored and shifted, with the mean at their place, with and
// without folding.
func TestInputAgainstTheReference(t *testing.T) {
	eachDriver(t, func(t *testing.T, w *workbench) {
		for _, c := range []struct{ size, crop, fold, pad, kernel int }{{8, 8, 1, 0, 3}, {9, 6, 1, 0, 3}, {16, 13, 4, 2, 11}, {17, 11, 2, 1, 3}, {14, 14, 3, 0, 5}} {
			for _, sh := range bothVariants(w, shaders.Input, shaders.InputAddress.Module) {
				w.input(sh, c.size, c.crop, c.fold, c.pad, c.kernel)
			}
		}
	})
}

func (w *workbench) input(sh shaders.Shader[shaders.InputPush, shaders.None], size, crop, fold, pad, kernelSize int) {
	w.t.Helper()
	defer w.free()
	const images = 3
	r := rand.New(rand.NewPCG(uint64(size), uint64(fold)))
	pixels, mean := make([]uint8, (images*size*size*3+3)/4*4), make([]float32, 3*size*size)
	for i := range pixels {
		pixels[i] = uint8(r.Uint32())
	}
	for i := range mean {
		mean[i] = float32(r.IntN(256))
	}
	planar := make([]float64, len(mean))
	for i, v := range mean {
		planar[i%3*size*size+i/3] = float64(v)
	}
	room := size - crop
	crops := []ref.Crop{{Size: crop}, {X: room, Y: room / 2, Size: crop, Mirror: true}, {X: room / 2, Y: room, Size: crop, Shift: [3]float64{1.5, -2, 30}}}
	words := make([]uint32, images*cropWords)
	for i, c := range crops {
		at := words[cropWords*i:]
		at[0], at[1] = uint32(c.X), uint32(c.Y)
		if c.Mirror {
			at[2] = 1
		}
		for k, v := range c.Shift {
			at[4+k] = math.Float32bits(float32(v))
		}
	}
	taps := (kernelSize + fold - 1) / fold
	out := (crop+2*pad-kernelSize)/fold + taps // of folded pixels
	channels := pad8(3 * fold * fold)
	if fold == 1 {
		out, channels = crop, 8
	}
	packedPixels := make([]uint32, len(pixels)/4)
	for i, v := range pixels {
		packedPixels[i/4] |= uint32(v) << (8 * (i % 4))
	}
	gx, gm, gc, gy := w.in(asFloats(packedPixels)), w.in(mean), w.in(asFloats(words)), w.out(images*out*out*channels)
	apply := kernel(w, sh, shaders.None{})
	w.run("input", func(s *engine.Sequence) {
		applyInput(apply, s, shaders.InputPush{Batch: images, SizeHeight: uint32(size), SizeWidth: uint32(size),
			CropHeight: uint32(crop), CropWidth: uint32(crop), Fold: uint32(fold), Pad: uint32(pad), OutHeight: uint32(out), OutWidth: uint32(out),
			Channels: uint32(channels), Scale: 0.5}, gx.all(), gm.all(), gc.all(), gy.all())
	})
	want := map[int]float64{}
	for n, c := range crops {
		x := ref.Preprocess(pixels[n*size*size*3:(n+1)*size*size*3], size, size, planar, c)
		for colour := range 3 {
			for y := range crop {
				for xx := range crop {
					py, px := y+pad, xx+pad
					if py/fold < out && px/fold < out {
						want[((n*out+py/fold)*out+px/fold)*channels+(py%fold*fold+px%fold)*3+colour] = 0.5 * x.At(0, colour, y, xx)
					}
				}
			}
		}
	}
	w.check(fmt.Sprintf("%d of %d, fold %d, pad %d", crop, size, fold, pad), gy.values(), want)
}
