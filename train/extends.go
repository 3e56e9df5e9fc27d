package train

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"alexnet/assets"
)

// A recipe may extend another and then holds what it does otherwise:
//
//	extends = "alexnet"          # a recipe of the program, or a file beside this one
//	remove = ["norm1", "norm2"]  # layers
//	[solver]
//	rate = 0.001                 # other keys stay
//	[[layer]]
//	name = "relu1"               # a layer that is there: the keys given change
//	type = "tanh"                # and those that the new type does not have go
//	[[layer]]
//	name = "conv6"               # a new one says where it goes; one that is there moves
//	after = "pool5"
//	type = "conv"

// Keys of recipes that extend others.
const (
	extendsKey = "extends"
	removeKey  = "remove"
	afterKey   = "after"
)

// readDocument reads a recipe's text and those that it extends. above are the paths of
// the recipes that lead to it, itself last.
func readDocument(name, text string, above ...string) (*document, error) {
	d, err := parse(name, text)
	if err != nil {
		return nil, err
	}
	value, extends := d.top.values[extendsKey]
	if !extends {
		if _, removes := d.top.values[removeKey]; removes {
			return nil, d.at(d.top, removeKey, errors.New("remove: a recipe without extends has no layers to remove"))
		}
		return d, nil
	}
	fail := func(err error) (*document, error) {
		return nil, d.at(d.top, extendsKey, fmt.Errorf("extends: %w", err))
	}
	base, is := value.(string)
	if !is {
		return fail(fmt.Errorf("expected the name of a recipe, not %v", value))
	}
	if len(above) == 0 {
		above = []string{filepath.Clean(name)}
	}
	path := basePath(name, base)
	if above = append(above, path); slices.Contains(above[:len(above)-1], path) {
		return fail(fmt.Errorf("recipes extend each other in a circle: %s", strings.Join(above, ", ")))
	}
	inner, err := readRecipe(path)
	if os.IsNotExist(err) {
		err = noRecipe(path)
	}
	if err != nil {
		return fail(err)
	}
	b, err := readDocument(path, string(inner), above...)
	if err != nil {
		return nil, err
	}
	return b, b.extend(d)
}

// basePath is the path of what the recipe at a path extends: a file beside it, or a
// bare name for one that the program carries.
func basePath(from, extends string) string {
	path := extends
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(from), extends)
	}
	if slices.Contains(assets.Names(), extends) {
		return extends
	}
	bare := strings.TrimSuffix(extends, ".toml")
	if _, err := os.Stat(path); err != nil && slices.Contains(assets.Names(), bare) {
		return bare
	}
	return path
}

// extend makes a document that of the recipe d, which extends it.
func (b *document) extend(d *document) error {
	b.name = d.name
	for key, value := range d.top.values {
		if key != extendsKey && key != removeKey {
			b.top.set(key, value, d.top.places[key])
		}
	}
	for name, s := range d.sections {
		if b.sections[name] == nil {
			b.sections[name] = s
			continue
		}
		for key, value := range s.values {
			b.sections[name].set(key, value, s.placeOf(key))
		}
	}
	if value, removes := d.top.values[removeKey]; removes {
		if err := b.remove(value); err != nil {
			return d.at(d.top, removeKey, fmt.Errorf("remove: %w", err))
		}
	}
	for _, l := range d.layers {
		if key, err := b.changeLayer(l); err != nil {
			return d.at(l, key, fmt.Errorf("%s: %w", key, err))
		}
	}
	return nil
}

// remove removes layers.
func (b *document) remove(value any) error {
	names, is := value.([]any)
	if !is {
		return fmt.Errorf("expected a list of layers' names, not %v", value)
	}
	for _, n := range names {
		name, is := n.(string)
		if !is {
			return fmt.Errorf("expected a list of layers' names, not %v in it", n)
		}
		i := b.layer(name)
		if i < 0 {
			return b.missing(name)
		}
		b.layers = slices.Delete(b.layers, i, i+1)
	}
	return nil
}

// changeLayer changes a layer as one of the extending recipe says, or adds it. An error
// is that of a key.
func (b *document) changeLayer(change *section) (key string, err error) {
	name, _ := change.values["name"].(string)
	if name == "" {
		return "name", errors.New("expected the name of a layer to change or to add")
	}
	after, moves := change.values[afterKey]
	delete(change.values, afterKey)
	layer, at := change, b.layer(name)
	if at < 0 && !moves {
		return "name", fmt.Errorf("%w; a new one says where it goes: after = \"...\"", b.missing(name))
	}
	if at >= 0 {
		layer = b.layers[at]
		layer.change(change)
	}
	if !moves {
		return "", nil
	}
	if at >= 0 {
		b.layers = slices.Delete(b.layers, at, at+1)
	}
	behind, _ := after.(string)
	if at = b.layer(behind); at < 0 {
		return afterKey, b.missing(behind)
	}
	b.layers = slices.Insert(b.layers, at+1, layer)
	return "", nil
}

// change sets a layer's keys as another recipe has them. Of another type it keeps the
// keys that this has, too.
func (s *section) change(by *section) {
	kind, _ := by.values["type"].(string)
	if to, known := layerTypes[kind]; known && s.values["type"] != kind {
		fields := fieldsOf(to.make())
		for key := range s.values {
			if _, has := fields[key]; !has {
				delete(s.values, key)
			}
		}
	}
	for key, value := range by.values {
		s.set(key, value, by.placeOf(key))
	}
}

// Extended is the recipe with lines on top as a recipe that extends it has them, and with
// a name of its own. Errors name the lines by it.
func (c *Config) Extended(name, lines string) (*Config, error) {
	b, err := parse(c.Name, c.text)
	if err != nil {
		return nil, err
	}
	d, err := parse(name, lines)
	if err != nil {
		return nil, err
	}
	if err := b.extend(d); err != nil {
		return nil, err
	}
	b.top.set("name", name, "")
	return b.config()
}

// Lineage is the path of a recipe and those of the recipes that it extends, nearest first;
// recipes of the program by their names.
func Lineage(path string) ([]string, error) {
	var out []string
	for !slices.Contains(out, path) {
		out = append(out, path)
		text, err := readRecipe(path)
		if os.IsNotExist(err) {
			return nil, fmt.Errorf("train: %w", noRecipe(path))
		}
		if err != nil {
			return nil, fmt.Errorf("train: recipe: %w", err)
		}
		d, err := parse(path, string(text))
		if err != nil {
			return nil, err
		}
		if base, is := d.top.values[extendsKey].(string); is {
			path = basePath(path, base)
		}
	}
	return out, nil
}
