package train

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// document is a recipe's text as tables, with the place of every key, which errors name.
type document struct {
	name     string              // of the file
	top      *section            // the keys above all sections
	sections map[string]*section // by name, also those that no recipe has
	layers   []*section
}

// section is one table of a document.
type section struct {
	values table
	place  string            // where it begins, "demo.toml:14"; "": unknown
	places map[string]string // of its keys
}

func newSection(values table) *section { return &section{values: values, places: map[string]string{}} }

// set sets a key, which stands at a place.
func (s *section) set(key string, value any, place string) {
	s.values[key], s.places[key] = value, place
}

// placeOf is the place of a key, or of the section.
func (s *section) placeOf(key string) string {
	if place := s.places[key]; place != "" {
		return place
	}
	return s.place
}

// at adds the place of a key, or of the section, to an error.
func (d *document) at(s *section, key string, err error) error {
	place := s.placeOf(key)
	if place == "" {
		place = d.name
	}
	return fmt.Errorf("train: %s: %w", place, err)
}

// layer is the index of the layer of a name, -1 if there is none.
func (d *document) layer(name string) int {
	return slices.IndexFunc(d.layers, func(l *section) bool { return l.values["name"] == name })
}

// missing says that there is no layer of a name.
func (d *document) missing(name string) error {
	var names []string
	for _, l := range d.layers {
		if name, is := l.values["name"].(string); is {
			names = append(names, name)
		}
	}
	return fmt.Errorf("no layer %q%s; there are %s", name, guess(name, names), strings.Join(names, ", "))
}

// parse reads a recipe's text.
func parse(name, text string) (*document, error) {
	doc := table{}
	if _, err := toml.Decode(text, &doc); err != nil {
		var syntax toml.ParseError
		if errors.As(err, &syntax) {
			return nil, fmt.Errorf("train: %s:%d: %s", name, syntax.Position.Line, syntax.Message)
		}
		return nil, fmt.Errorf("train: %s: %w", name, err)
	}
	d := &document{name: name, top: newSection(table{}), sections: map[string]*section{}}
	layers, areLayers := doc["layer"].([]table)
	for _, l := range layers {
		d.layers = append(d.layers, newSection(l))
	}
	for key, value := range doc {
		if values, is := value.(table); is && key != "layer" {
			d.sections[key] = newSection(values)
		} else if key != "layer" {
			d.top.values[key] = value
		}
	}
	d.locate(text)
	if _, given := doc["layer"]; given && !areLayers {
		return nil, d.at(d.top, "layer", errors.New("layer: expected [[layer]] tables"))
	}
	return d, nil
}

// locate finds the lines of all headers and keys.
func (d *document) locate(text string) {
	now, layers := d.top, 0
	for i, line := range strings.Split(text, "\n") {
		place := fmt.Sprintf("%s:%d", d.name, i+1)
		code := strings.TrimSpace(strings.SplitN(line, "#", 2)[0])
		if header := strings.ReplaceAll(code, " ", ""); strings.HasPrefix(header, "[") {
			now = d.sections[strings.Trim(header, "[]")]
			if header == "[[layer]]" && layers < len(d.layers) {
				now = d.layers[layers]
				layers++
			}
			if now == nil {
				now = newSection(nil) // a header of no table of ours
			}
			now.place = place
		} else if key, _, is := strings.Cut(code, "="); is {
			key = strings.TrimSpace(key)
			if s := d.sections[key]; s != nil && now == d.top {
				s.place = place // written as { ... }
			}
			now.places[key] = place
		}
	}
}
