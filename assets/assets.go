// Package assets carries the recipes that the program knows by name.
package assets

import (
	"embed"
	"strings"
)

// Recipes holds NAME.toml for each recipe.
//
//go:embed *.toml
var Recipes embed.FS

// Codes is the recipe of the auto-encoder that makes codes of features.
//
//go:embed codes/codes.toml
var Codes string

// Experiments holds experiments/NAME.toml for each of the paper's claims that the program
// tries.
//
//go:embed experiments/*.toml
var Experiments embed.FS

// Names lists the recipes that the program carries, without ".toml".
func Names() []string {
	var out []string
	files, _ := Recipes.ReadDir(".") // an embedded folder is always there
	for _, f := range files {
		out = append(out, strings.TrimSuffix(f.Name(), ".toml"))
	}
	return out
}
