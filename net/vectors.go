package net

import "alexnet/shaders"

// What the kernels of vectors.glsl have in common.

// mapSubgroups is how many subgroups a workgroup of a map's kernels has.
const mapSubgroups = 8

// straightNumbers are the most images, rows, columns or vectors of channels that these
// kernels tell apart by two digits.
const straightNumbers = straightBase * straightBase

// straightDigits are what they find numbers by.
func straightDigits() (digits [straightBase]uint32) {
	shaders.Digits(digits[:])
	return digits
}
