// Package net turns a table of layers into recorded sequences of kernels on
// one or more devices, and runs them: forward, backward, update.
package net
