// Package shaders holds the compute kernels: GLSL sources (*.comp, shared code
// in *.glsl), their committed SPIR-V, and for each a typed Go description that
// `go generate` writes from it. A test compares the recorded hashes of the
// sources, so `go build` needs no shader compiler.
//
// Loops that matter are do-while loops: Mesa's software driver tests for the end of
// a loop only behind its body, so that `for` and `while` run the body once more with
// every lane switched off, and `if` never skips one.
package shaders

//go:generate go run ./internal/generate

import "math"

// Access says what a kernel does with a buffer.
type Access uint8

// Read and Write are the two bits of an Access.
const (
	Read Access = 1 << iota
	Write
)

// Module is a compiled kernel.
type Module struct {
	Name     string
	Code     []byte   // SPIR-V, entry point main
	Bindings []Access // storage buffers 0.. of set 0
	Hash     string   // of the source and everything it includes
	// ConstantIDs are the specialization constants' ids in the order of the
	// fields of the kernel's constants type.
	ConstantIDs []uint32
	PushBytes   int
	// Needs are the device features beyond Vulkan 1.1's minimum.
	Needs Features
}

// Features are what a kernel may need of a device.
type Features struct {
	Int64    bool // 64-bit integers
	Subgroup bool // subgroup shuffles and broadcasts, full subgroups of a known size
	Address  bool // loads through the device addresses of buffers
	Float16  bool // arithmetic in float16, and values of it in shared memory
	Matrix   bool // cooperative matrices of float16s with sums in float32
	Push     bool // 256 bytes of push constants, where Vulkan 1.0 promises 128
}

// Shader is a Module with the types of its push constants and specialization
// constants: structs of 4-byte scalars, generated from the source.
type Shader[Push, Constants any] struct{ *Module }

// None stands for "no push constants" or "no specialization constants".
type None struct{}

// Inverse is the reciprocal that kernels divide by: see divide in index.glsl.
func Inverse(n int) float32 { return float32(1 / math.Max(1, float64(n))) }

// Step is step.glsl's buffer without the factors that follow it.
type Step struct {
	Step              uint32
	SeedLow, SeedHigh uint32
	Valid             uint32 // images of the batch that count
	Rate              float32
	Momentum          float32
	Decay             float32
	Dropout           uint32  // DropoutTrain, DropoutTest or DropoutIdentity
	Scale, Unscale    float32 // the loss scale, a power of two, and its inverse
}

// OverflowWords is the size of the buffer in which each place says that gradients
// have overflowed, indexed by place.
const OverflowWords = 8

// Factors scale a layer's share of the solver's settings.
type Factors struct {
	Rate, BiasRate   float32
	Decay, BiasDecay float32
}

// Modes of Step.Dropout.
const (
	DropoutTrain    = 0 // zero with the layer's probability
	DropoutTest     = 1 // keep all, times 1 - probability
	DropoutIdentity = 2
)

// Digits fills what kernels find numbers by that are the same in all lanes: digits[i] is i
// (vectors.glsl).
func Digits(digits []uint32) {
	for i := range digits {
		digits[i] = uint32(i)
	}
}
