package train

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/BurntSushi/toml"
)

// override sets a key of a recipe by its path: "solver.rate=0.001",
// "dropout=false", "layer.conv1.std=0.03". The value is TOML; a bare word is a
// text.
func (d *document) override(assignment string) error {
	path, text, ok := strings.Cut(assignment, "=")
	if !ok {
		return fmt.Errorf("train: --set %s: expected key=value", assignment)
	}
	value, err := parseValue(strings.TrimSpace(text))
	if err != nil {
		return fmt.Errorf("train: --set %s: %w", assignment, err)
	}
	parts := strings.Split(strings.TrimSpace(path), ".")
	if parts[0] == "layer" {
		return d.overrideLayer(assignment, parts, value)
	}
	known := keys()
	field, ok := known[strings.Join(parts, ".")]
	if !ok {
		return fmt.Errorf("train: --set %s: unknown key %q%s", assignment, path, guess(strings.Join(parts, "."), sorted(known)))
	}
	if err := assign(field, value); err != nil {
		return fmt.Errorf("train: --set %s: %w", assignment, err)
	}
	to := d.top
	if len(parts) == 2 {
		if d.sections[parts[0]] == nil {
			d.sections[parts[0]] = newSection(table{})
		}
		to = d.sections[parts[0]]
	}
	to.set(parts[len(parts)-1], value, "--set "+assignment)
	return nil
}

func (d *document) overrideLayer(assignment string, parts []string, value any) error {
	if len(parts) != 3 {
		return fmt.Errorf("train: --set %s: expected layer.NAME.KEY=value", assignment)
	}
	at := d.layer(parts[1])
	if at < 0 {
		return fmt.Errorf("train: --set %s: %w", assignment, d.missing(parts[1]))
	}
	d.layers[at].set(parts[2], value, "--set "+assignment) // unknown keys are found when the layer is decoded
	return nil
}

// keys lists every path outside the layers with a field of its type.
func keys() map[string]reflect.Value {
	s := defaults()
	out := fieldsOf(&s.head)
	for name, v := range s.parts() {
		for k, field := range fieldsOf(v) {
			out[name+"."+k] = field
		}
	}
	return out
}

func parseValue(text string) (any, error) {
	var doc table
	if _, err := toml.Decode("v = "+text, &doc); err == nil {
		return doc["v"], nil
	}
	if strings.ContainsAny(text, "\"'[]{}\n") {
		return nil, fmt.Errorf("the value %s is not TOML", text)
	}
	return text, nil
}

// guess suggests the known word that is nearest to a mistyped one.
func guess(word string, known []string) string {
	best, least := "", 3
	for _, k := range known {
		if d := distance(word, k); d < least {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", best)
}

// distance is Levenshtein's.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := last
			if a[i] != b[j] {
				change++
			}
			last = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func fieldsOf(v any) map[string]reflect.Value {
	out := map[string]reflect.Value{}
	collect(reflect.ValueOf(v).Elem(), out)
	return out
}
