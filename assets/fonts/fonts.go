// Package fonts carries IBM Plex Sans (version 5.1.3 of its npm package
// @ibm/plex; SIL Open Font License 1.1, see LICENSE.txt). Its digits are equally
// wide without font features, so that live numbers stand still.
package fonts

import _ "embed" // the two files below

// Regular is IBM Plex Sans Regular, a TrueType file.
//
//go:embed IBMPlexSans-Regular.ttf
var Regular []byte

// SemiBold is IBM Plex Sans SemiBold, a TrueType file.
//
//go:embed IBMPlexSans-SemiBold.ttf
var SemiBold []byte
