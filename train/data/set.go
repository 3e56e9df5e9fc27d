// Package data reads image sets: folders of photographs, CIFAR-10's binary
// files and a set that it draws itself; and it prepares batches ahead of the
// devices that train on them.
package data

import (
	"crypto/sha256"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Set is an ordered set of labelled square images. Sets are immutable and safe
// for concurrent use.
type Set interface {
	// Len is the number of images.
	Len() int
	// Size is the height and width of every image in pixels.
	Size() int
	// Classes are the class names in label order.
	Classes() []string
	// Label is the class of image i.
	Label(i int) int
	// Name is where image i comes from, for messages.
	Name(i int) string
	// Pixels writes image i to dst as (y, x, colour) bytes, Size*Size*3 of them.
	// The error of an image that cannot be read is a *BadImageError.
	Pixels(i int, dst []byte) error
}

// BadImageError is an image that cannot be decoded.
type BadImageError struct {
	Path string
	Err  error
}

func (e *BadImageError) Error() string { return fmt.Sprintf("data: %s: %v", e.Path, e.Err) }

// Unwrap returns the decoder's error.
func (e *BadImageError) Unwrap() error { return e.Err }

// CheckClass fails on a name of a class that would not be the same in JSON, as packs and
// checkpoints keep it, or in a list of lines.
func CheckClass(name string) error {
	if utf8.ValidString(name) && !strings.ContainsAny(name, "\r\n") {
		return nil
	}
	return fmt.Errorf("a class whose name %q is not one line of text in UTF-8: rename it", name)
}

// Fingerprint identifies a set by its size, names and labels: a resumed run
// compares it with that of its checkpoint.
func Fingerprint(s Set) string { return fingerprint(s, func(int) string { return "" }) }

// Contents is Fingerprint of the images themselves, as far as the set tells without reading
// them: it has a method Stamp, which is another text once image i is another. What is kept
// of images compares it with what they are now.
func Contents(s Set) string {
	if stamped, is := s.(interface{ Stamp(i int) string }); is {
		return fingerprint(s, stamped.Stamp)
	}
	return Fingerprint(s)
}

func fingerprint(s Set, stamp func(i int) string) string {
	h := sha256.New()
	fmt.Fprintln(h, s.Size(), s.Classes())
	for i := range s.Len() {
		fmt.Fprintln(h, s.Name(i), s.Label(i))
		io.WriteString(h, stamp(i))
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:16])
}

// Spread is n images of a set, evenly spread over it, or the set if it has no more:
// folders come class by class.
func Spread(s Set, n int) Set {
	if n >= s.Len() {
		return s
	}
	return spread{s, n}
}

type spread struct {
	Set
	n int
}

func (s spread) at(i int) int { return i * s.Set.Len() / s.n }

func (s spread) Len() int                       { return s.n }
func (s spread) Label(i int) int                { return s.Set.Label(s.at(i)) }
func (s spread) Name(i int) string              { return s.Set.Name(s.at(i)) }
func (s spread) Pixels(i int, dst []byte) error { return s.Set.Pixels(s.at(i), dst) }
