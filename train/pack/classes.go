package pack

import (
	"bufio"
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// givenClass is a class of a file that names all, in label order.
type givenClass struct {
	name, words string
	// line is all of its line: the name, where a class of the sources is called that.
	line string
}

// readClasses reads classes, one a line, behind each what it is, if that is known: ILSVRC's
// synsets.txt or synset_words.txt. The name ends at a tab, or else at the first space,
// unless several lines begin alike.
func readClasses(file string) ([]givenClass, error) {
	text, err := readText(file)
	if err != nil {
		return nil, fmt.Errorf("pack: --classes: %w", err)
	}
	var classes []givenClass
	begin := map[string]int{} // how many lines begin with a name
	in := bufio.NewScanner(bytes.NewReader(text))
	for in.Scan() {
		line := strings.TrimSpace(in.Text())
		if !utf8.ValidString(line) {
			return nil, fmt.Errorf("pack: --classes %s: %q is not text in UTF-8: save the file as that", file, line)
		}
		name, words, tab := strings.Cut(line, "\t")
		if tab {
			name = strings.TrimSpace(name)
			line = name
		} else {
			name, words, _ = strings.Cut(line, " ")
		}
		if name != "" {
			begin[name]++
			classes = append(classes, givenClass{name: name, words: strings.TrimSpace(words), line: line})
		}
	}
	if err := in.Err(); err != nil {
		return nil, fmt.Errorf("pack: --classes %s: %w", file, err)
	}
	if len(classes) == 0 {
		return nil, fmt.Errorf("pack: %s names no class", file)
	}
	seen := map[string]bool{}
	for i, c := range classes {
		if begin[c.name] > 1 && c.line != c.name {
			classes[i] = givenClass{name: c.line, line: c.line}
		}
		if seen[c.line] {
			return nil, fmt.Errorf("pack: %s names the class %s twice", file, c.line)
		}
		seen[c.line] = true
	}
	return classes, nil
}

// give makes classes, of which a file tells, the only ones.
func (l *lister) give(classes []givenClass, file string) {
	l.given, l.known = classes, file
	for i, c := range classes {
		l.classes = append(l.classes, c.name)
		l.number[c.name], l.number[c.line] = i, i
	}
}

// settle gives those of the classes of a file their names of which the sources listed so far
// tell whether they are all of their lines.
func (l *lister) settle() error {
	for i := range l.given {
		c := &l.given[i]
		switch short, long := l.seen[c.name], l.seen[c.line]; {
		case c.name == c.line:
		case short && long:
			return fmt.Errorf("pack: there are classes %s and %s, and a line %[2]s in %[3]s: put a tab there behind the name of the class", c.name, c.line, l.known)
		case long:
			delete(l.number, c.name)
			*c = givenClass{name: c.line, line: c.line}
			l.classes[i] = c.name
		case short:
			delete(l.number, c.line)
			c.line = c.name
		}
	}
	return nil
}

// words are what the classes of a file are; nil if it tells of none.
func (l *lister) words() []string {
	words := make([]string, len(l.given))
	for i, c := range l.given {
		words[i] = c.words
	}
	if strings.Join(words, "") == "" {
		return nil
	}
	return words
}

// order are the classes in label order.
func (l *lister) order() []string {
	order := slices.Clone(l.classes)
	if l.given == nil {
		slices.Sort(order)
	}
	return order
}
