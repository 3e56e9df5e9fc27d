// Package assets carries the recipes that the program knows by name.
package assets

import "embed"

// Recipes holds NAME.toml for each recipe.
//
//go:embed *.toml
var Recipes embed.FS
