package net

import (
	"math"
	"slices"
	"strings"
	"testing"

	"alexnet/engine"
	"alexnet/engine/enginetest"
	"alexnet/net/ref"
	"alexnet/shaders"
)

// half rounds to the nearest float16, to even if two are as near.
func half(v float64) float64 {
	_, exponent := math.Frexp(v) // |v| < 2^exponent
	step := math.Ldexp(1, max(exponent-11, -24))
	if v = math.RoundToEven(v/step) * step; math.Abs(v) > 65504 {
		return math.Inf(int(math.Copysign(1, v)))
	}
	return v
}

// list and tensor are operands as the workbench's products see them.
func (w *workbench) list(values []float64) []float64 {
	if !w.half {
		return values
	}
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = half(v)
	}
	return out
}

func (w *workbench) tensor(x *ref.Tensor) *ref.Tensor {
	out := *x
	out.Data = w.list(x.Data)
	return &out
}

// smallTiles are the candidates that a device can run, without tiles of shared memory
// that take minutes to compile and differ from smaller ones in constants only.
func smallTiles(d *engine.Device, all []string) []string {
	return slices.DeleteFunc(runnable(d, all), func(name string) bool { return name == "half 8x8" || name == "shared 8x8" })
}

// With operands rounded to float16 the sums are as exact as those of float32 are.
func TestMixedProductsAgainstTheReference(t *testing.T) {
	testProducts(t, true, ntMixed, tnMixed, smallTiles)
}

// Operands become float16 from its least to its largest value, bit for bit: halfway
// cases, what is below 2^-14 or 2^-25, and what is too large. A product with 1 shows
// what became of it.
func TestOperandsBecomeHalf(t *testing.T) {
	values := []float32{0, 1, -1, 1 + 1.0/2048, 1 + 3.0/2048, 1 + 1.0/2048 + 1e-6, -3.14159, 0.1, 2047.5, 4097, 65504, 65519.9, -65519.9, 65520, -1e30, 3e38,
		1.0 / (1 << 14), 1.0/(1<<14) - 1e-9, 1.0 / (1 << 24), 1.5 / (1 << 24), 2.5 / (1 << 24), -1.0 / (1 << 25), 1.01 / (1 << 25), 1e-30, 6.1e-5, -6.2e-5, 5.96e-8, 33333.3, 1e-3, -0.333}
	for len(values)%8 != 0 {
		values = append(values, 0)
	}
	eachDriver(t, func(t *testing.T, w *workbench) {
		for _, name := range smallTiles(w.device, ntMixed) {
			if form, _, _ := parse(name); form == "half" || form == "matrix" {
				continue // what is not finite spoils its neighbours' sums, and denormals are the driver's affair
			}
			k, err := newNT(w.device, name, true, false)
			if err != nil {
				t.Fatal(err)
			}
			// One value in each pixel, at channel 0, and kernel 0 is 1 there.
			x, weights := make([]float32, 8*len(values)), make([]float32, 64)
			for i, v := range values {
				x[8*i] = v
			}
			weights[0] = 1
			gx, gw, gb, gy := w.in(x), w.in(weights), w.in(make([]float32, 8)), w.out(8*len(values))
			w.run(name, func(s *engine.Sequence) {
				k.dispatch(s, name, shaders.ConvNTPush{Batch: uint32(len(values)), InHeight: 1, InWidth: 1, InChannels: 8, OutHeight: 1, OutWidth: 1, OutChannels: 8,
					KernelHeight: 1, KernelWidth: 1, Stride: 1, Dilation: 1, Sources: 1, Groups: 1}, 1, gx.all(), gw.all(), gb.all(), gy.all())
			})
			got := gy.values()
			for i, v := range values {
				if want := float32(half(float64(v))); got[8*i] != want {
					t.Errorf("%s: %g became %g; expected %g", name, v, got[8*i], want)
				}
			}
			w.free()
		}
	})
}

// mixedSpec is small in mixed precision.
func mixedSpec() Spec {
	s := small()
	s.Precision = Mixed
	return s
}

// In mixed precision a net learns as in float32: by the same losses within a few per
// cent, with gradients and updates within float16's rounding.
func TestMixedFollowsFloat32(t *testing.T) {
	s := Solver{Rate: 0.02, Momentum: 0.9, Decay: 0.0005, Seed: 11}
	full, _ := train(t, small(), enginetest.Open(t, "1"), Options{Batch: 16}, 40, s)
	half, _ := train(t, mixedSpec(), enginetest.Open(t, "1"), Options{Batch: 16}, 40, s)
	t.Log(full[0], full[39], half[39])
	if full[0] == half[0] {
		t.Error("nothing was rounded")
	}
	limit := 0.03
	if !enginetest.Open(t, "1")[0].Info().CPU() {
		limit = 0.05 // sums in another order
	}
	for i := range full {
		if math.Abs(half[i]-full[i]) > limit*full[0] {
			t.Errorf("step %d: loss %.4f, in float32 %.4f", i, half[i], full[i])
		}
	}
}

// One column on each of two drivers that round and sum by kernels of their own.
func TestMixedOnTwoDrivers(t *testing.T) {
	s := Solver{Rate: 0.02, Momentum: 0.9, Seed: 11}
	one, _ := train(t, mixedSpec(), enginetest.Open(t, "1"), Options{Batch: 4}, 3, s)
	two, _ := train(t, mixedSpec(), enginetest.Open(t, "swiftshader", "lavapipe"), Options{Batch: 4}, 3, s)
	for i := range one {
		if math.Abs(two[i]/one[i]-1) > 1e-3 {
			t.Errorf("step %d: loss %v on two drivers, %v on one", i, two[i], one[i])
		}
	}
}

// What a device can run in mixed precision: a processor rounds; a GPU takes matrices as
// large as its shared memory, else tiles of float16 if it has them.
func TestMixedCandidates(t *testing.T) {
	d := enginetest.Open(t, "lavapipe")[0]
	lavapipe := strings.Join(candidates(d, ntMixed), ", ")
	plain := strings.Join(candidates(enginetest.OpenWith(t, engine.Options{Plain: true}, "lavapipe")[0], ntMixed), ", ")
	i := d.Info()
	i.Type, i.SubgroupSize, i.SubgroupMin, i.SubgroupMax, i.SubgroupControl = "discrete", 32, 32, 32, false
	i.MaxInvocations, i.MaxGroupSize[0], i.MaxShared, i.Matrix = 1024, 1024, 48<<10, [3]uint32{16, 16, 16}
	gpu := strings.Join(candidates(d, ntMixed), ", ")
	i.MaxShared = 16 << 10
	small := strings.Join(candidates(d, tnMixed), ", ")
	i.Matrix = [3]uint32{}
	half := strings.Join(candidates(d, tnMixed), ", ")
	for _, c := range []struct{ what, got, want string }{
		{"lavapipe", lavapipe, "address 3x3, address 2x2"},
		{"no features", plain, "plain, shared 8x8, shared 4x4"},
		{"a GPU", gpu, "matrix 8x8:4x2, matrix 8x8:2x4, matrix 8x4:2x2, matrix 8x4:1x2, matrix 4x4:2x2, matrix 2x4:1x2, matrix 2x2:1x1, half 8x8, half 4x4"},
		{"16 KiB", small, "matrix 2x2:1x1, half 8x8, half 4x4"},
		{"no matrices", half, "half 8x8, half 4x4"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s; expected %s", c.what, c.got, c.want)
		}
	}
}
