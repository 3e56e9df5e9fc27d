package train

import "strings"

// Setting is a key of a recipe by the path that override takes, and its value in TOML.
type Setting struct{ Path, Value string }

// Settings lists a recipe's settings in the order of its text (Text). The names of
// layers are left out: they are the paths of the other settings.
func (c *Config) Settings() []Setting {
	var out []Setting
	for i, block := range strings.Split(c.Text(), "\n[") {
		lines, prefix := strings.Split(block, "\n"), ""
		if i > 0 {
			prefix, lines = strings.Trim(lines[0], "[]")+".", lines[1:]
		}
		layer := prefix == "layer."
		for _, line := range lines {
			if name, is := strings.CutPrefix(line, "name = "); is && layer {
				prefix += strings.Trim(name, `"`) + "."
			}
		}
		for _, line := range lines {
			if key, value, is := strings.Cut(line, " = "); is && (key != "name" || !layer) {
				out = append(out, Setting{prefix + key, value})
			}
		}
	}
	return out
}
