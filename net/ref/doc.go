// Package ref is the reference that the kernels and the whole network are
// compared with: the layers of Krizhevsky, Sutskever and Hinton, "ImageNet
// Classification with Deep Convolutional Neural Networks" (2012), in float64 on
// the CPU, forward beside backward, each written down as its formula.
//
// It is the second link of a chain of trust. Values worked out by hand and
// central finite differences check this package; this package checks every
// kernel on every device and each candidate of the tuner; checked kernels make
// up the network, whose every activation and gradient is compared with Net's.
// So it stays plain: it knows no device, no padding of channels and no layout
// but PyTorch's, and imports nothing of the project.
//
// Tensors hold the channels of all columns side by side. Where a layer sees its
// own column only, a function takes the number of groups; Deal says which
// channels and which units belong to each.
//
// A shape that does not fit is a mistake of the caller and panics.
package ref
