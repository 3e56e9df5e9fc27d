// Package source reads GLSL files with their includes, for the generator and
// for the test that the committed SPIR-V belongs to the committed sources.
package source

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
)

var include = regexp.MustCompile(`(?m)^#include "([^"]+)"\n?`)

// Expand returns the text of a file with every #include replaced by its text.
func Expand(dir fs.FS, file string) (string, error) {
	text, err := fs.ReadFile(dir, file)
	if err != nil {
		return "", err
	}
	var failed error
	out := include.ReplaceAllStringFunc(string(text), func(line string) string {
		inner, err := Expand(dir, include.FindStringSubmatch(line)[1])
		if err != nil && failed == nil {
			failed = fmt.Errorf("%s: %w", file, err)
		}
		return inner
	})
	return out, failed
}

// Declares returns the file among file and what it includes whose own text
// contains a word; "" if none does.
func Declares(dir fs.FS, file, word string) (string, error) {
	text, err := fs.ReadFile(dir, file)
	if err != nil {
		return "", err
	}
	if strings.Contains(string(text), word) {
		return file, nil
	}
	for _, m := range include.FindAllStringSubmatch(string(text), -1) {
		if inner, err := Declares(dir, m[1], word); inner != "" || err != nil {
			return inner, err
		}
	}
	return "", nil
}

// Hash is the fingerprint of an expanded source.
func Hash(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text)))[:16] }
