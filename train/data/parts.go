package data

import (
	"fmt"
	"strings"
)

// partNames are the parts that folders are of by their names, in small letters.
var partNames = map[string]string{
	"train": "train", "training": "train",
	"val": "val", "valid": "val", "validation": "val",
	"test": "test", "testing": "test",
}

// FindParts finds the folders in dir, or the tars, that are parts of the images and not classes,
// by the names train, val and test of their parts; nil if all are classes. Beside others,
// train is a class (vehicles on rails) unless val or test is there, too.
func FindParts(dir string, names []string) (map[string]string, error) {
	parts, err := partsAmong(dir, names)
	if parts["train"] == "" || len(parts) == 1 && len(names) > 1 && err == nil {
		return nil, nil
	}
	return parts, err
}

// partsAmong are the names that are called after parts. Those that are not just train, val
// or test count only where all are names of parts, since a class may be called Training.
func partsAmong(dir string, names []string) (map[string]string, error) {
	classes := false
	for _, name := range names {
		classes = classes || partNames[strings.ToLower(name)] == ""
	}
	parts, err := map[string]string{}, error(nil)
	for _, name := range names {
		part := partNames[strings.ToLower(name)]
		switch before := parts[part]; {
		case classes && name != part:
		case before != "":
			err = fmt.Errorf("data: %s holds both %s and %s, which are names of one part, %s: put the images of both into one of them", dir, before, name, part)
		default:
			parts[part] = name
		}
	}
	return parts, err
}
