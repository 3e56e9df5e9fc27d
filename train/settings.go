package train

import (
	"reflect"
	"strings"

	"alexnet/net"
)

// Setting is a key of a recipe by the path that override takes, its value in TOML, and a
// sentence that says what it is.
type Setting struct{ Path, Value, Help string }

// Settings lists a recipe's settings in the order of its text (Text). The names of
// layers are left out: they are the paths of the other settings.
func (c *Config) Settings() []Setting {
	var out []Setting
	c.walk(func(_ string, s Setting) {
		if s.Path != "" {
			out = append(out, s)
		}
	})
	return out
}

// Explained is the recipe's text (Text) with what each key is in a comment, where it first
// stands.
func (c *Config) Explained() string {
	var b strings.Builder
	told := map[string]bool{}
	c.walk(func(line string, s Setting) {
		b.WriteString(line)
		if s.Path != "" && !told[s.Help] {
			told[s.Help] = true
			b.WriteString(" # " + s.Help)
		}
		b.WriteString("\n")
	})
	return strings.TrimSuffix(b.String(), "\n")
}

// walk goes through the lines of a recipe's text, with the setting of each that is one.
func (c *Config) walk(visit func(line string, s Setting)) {
	s := defaults()
	parts := s.parts()
	prefix, help, layers := "", helpOf(s.head), c.Net.Layers
	for _, line := range strings.Split(c.Text(), "\n") {
		if name, is := strings.CutPrefix(line, "[["); is && len(layers) > 0 {
			prefix = strings.TrimSuffix(name, "]]") + "." + layers[0].LayerName() + "."
			help, layers = helpOf(layers[0]), layers[1:]
			delete(help, "name")
		} else if name, is := strings.CutPrefix(line, "["); is {
			name = strings.TrimSuffix(name, "]")
			prefix, help = name+".", helpOf(parts[name])
		}
		key, value, _ := strings.Cut(line, " = ")
		if text, is := help[key]; is {
			visit(line, Setting{prefix + key, value, text})
		} else {
			visit(line, Setting{})
		}
	}
}

// helpOf are the sentences of the keys of a section, or of a layer, whose type is one
// more.
func helpOf(v any) map[string]string {
	out := map[string]string{}
	collectHelp(reflect.Indirect(reflect.ValueOf(v)).Type(), out)
	if l, is := v.(net.Layer); is {
		out["type"] = l.Kind() + ": " + layerTypes[l.Kind()].help + "."
	}
	return out
}

func collectHelp(t reflect.Type, into map[string]string) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			collectHelp(f.Type, into)
		} else if key := f.Tag.Get("toml"); key != "" && key != "-" {
			into[key] = f.Tag.Get("help")
		}
	}
}
