package main

import (
	"fmt"
	"path/filepath"

	"alexnet/cmd/internal/launch"
	"alexnet/train"
	"alexnet/train/monitor"
	"alexnet/viewer"
)

// resumable looks whether the run in a folder can go on, as alexnet train --resume
// lets it, and says what one should know of that.
func (s *sessions) resumable(path string) (viewer.Resumption, error) {
	path = home(path)
	found, err := train.FindResumable(path)
	if err != nil {
		return viewer.Resumption{}, err
	}
	r := viewer.Resumption{Name: filepath.Base(path), Step: found.Step}
	if found.Over {
		r.More = found.More()
	}
	if len(found.Skipped) > 0 {
		r.Warning = fmt.Sprintf("The newest checkpoint is damaged: the run goes on from that of step %s, and what its log tells of later steps is cut off.", monitor.Count(found.Step))
	}
	r.Begin = func(more int) (viewer.Source, error) {
		flags := launch.Flags{Run: path, Resume: true}
		if more > 0 {
			flags.Set = found.Further(more)
		}
		config, err := flags.Config("")
		if err != nil {
			return nil, err
		}
		s.kept.remember(path)
		return s.begin(flags, config), nil
	}
	return r, nil
}
