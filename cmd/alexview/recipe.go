package main

import (
	"errors"
	"slices"

	"alexnet/train"
	"alexnet/viewer"
)

// lister lists the settings of a recipe for the images of a folder, if one is named, and
// with keys that the start page's form changes.
func lister(dir, recipe string, keys []string) viewer.Lister {
	return func(changed []string) ([]viewer.Setting, error) {
		was, err := train.LoadConfigFor(dir, recipe, keys...)
		if err != nil {
			return nil, err
		}
		now, err := train.LoadConfigFor(dir, recipe, slices.Concat(keys, changed)...)
		if err != nil {
			now = was
			if inner := errors.Unwrap(err); inner != nil {
				err = inner // without the recipe and the setting, which are in sight
			}
		}
		before := map[string]string{}
		for _, s := range was.Settings() {
			before[s.Path] = s.Value
		}
		var out []viewer.Setting
		for _, s := range now.Settings() { // a layer of another type has others
			one := viewer.Setting{Path: s.Path, Value: s.Value, Help: s.Help, Was: before[s.Path]}
			if dir != "" && (s.Path == "data.dir" || s.Path == "data.set") {
				one.Fixed = "the form's folder"
			}
			out = append(out, one)
		}
		return out, err
	}
}
