package viewer

import (
	"slices"
	"strings"
)

// Setting is a key of a recipe by its path, as alexnet's --set has it. Values are TOML.
type Setting struct {
	Path  string
	Value string
	Help  string // a sentence: what it is
	Was   string // without what the user has changed
	Fixed string // why it cannot be changed here; empty: it can
}

// Lister lists the settings of a recipe of which some are changed, each as --set has it:
// path=value. Its error is what is wrong with the changes; then it lists them as they
// are without. It is quick.
type Lister func(changed []string) ([]Setting, error)

// change is a setting that the user has changed, to a text that was typed.
type change struct{ path, text string }

// changes never change: each change makes others.
type changes []change

// with has another text for a path, behind all others.
func (c changes) with(path, text string) changes { return append(c.without(path), change{path, text}) }

func (c changes) without(path string) changes {
	return slices.DeleteFunc(slices.Clone(c), func(x change) bool { return x.path == path })
}

func (c changes) text(path string) (text string, ok bool) {
	for _, x := range c {
		if x.path == path {
			return x.text, true
		}
	}
	return "", false
}

// set are the changes as --set has them.
func (c changes) set() (out []string) {
	for _, x := range c {
		out = append(out, x.path+"="+x.text)
	}
	return out
}

// settings are a recipe's settings that are being changed.
type settings struct {
	list    Lister
	changed changes
	take    func(changes) // keeps them

	rows    []Setting
	problem string // with the changes as they are
}

func newSettings(list Lister, changed changes, take func(changes)) *settings {
	s := &settings{list: list, take: take}
	s.keep(changed)
	return s
}

// keep goes by other changes.
func (s *settings) keep(changed changes) {
	rows, err := s.list(changed.set())
	s.rows, s.changed, s.problem = rows, changed, ""
	if err != nil {
		s.problem = Sentence(err)
	}
}

// check says what is wrong with a text for a path.
func (s *settings) check(path, text string) string {
	if _, err := s.list(s.changed.with(path, text).set()); err != nil {
		return Sentence(err)
	}
	return ""
}

// apply changes a setting, or says what is wrong. What is as it was is not changed.
func (s *settings) apply(path, text string) (problem string) {
	if problem = s.check(path, text); problem != "" {
		return problem
	}
	s.keep(s.changed.with(path, text))
	if at := slices.IndexFunc(s.rows, func(r Setting) bool { return r.Path == path }); at >= 0 && s.rows[at].Value == s.rows[at].Was {
		s.keep(s.changed.without(path))
	}
	s.take(s.changed)
	return ""
}

// reset takes a change back.
func (s *settings) reset(path string) {
	s.keep(s.changed.without(path))
	s.take(s.changed)
}

// found are the settings whose path has all words of a filter.
func (s *settings) found(filter string) (out []Setting) {
	words := strings.Fields(strings.ToLower(filter))
	for _, r := range s.rows {
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(strings.ToLower(r.Path), w) }) {
			out = append(out, r)
		}
	}
	return out
}
