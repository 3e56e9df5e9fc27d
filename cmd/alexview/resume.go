package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"alexnet/cmd/internal/launch"
	"alexnet/train"
	"alexnet/train/monitor"
	"alexnet/viewer"
)

// resumable looks whether the run in a folder can go on, as alexnet train --resume
// lets it, and says what one should know of that. One that was dying when it ended goes
// on from before.
func (s *sessions) resumable(path string) (viewer.Resumption, error) {
	path = home(path)
	found, err := train.FindResumable(path)
	if err != nil {
		return viewer.Resumption{}, err
	}
	from := launch.Flags{Run: path, Resume: true}
	r := viewer.Resumption{Name: filepath.Base(path), Step: found.Step}
	var warnings []string
	if h := found.Elsewhere; h != nil {
		warnings = append(warnings, h.MayTrain())
	}
	if ill := found.Ill; ill != nil {
		warnings = append(warnings, illWords(found))
		if ill.Rate > 0 {
			from.Set = []string{"solver.rate=" + monitor.Rate(ill.Rate)}
		}
		if ill.Step > 0 && ill.Step < found.Step {
			from.From, r.Step = ill.Step, ill.Step
			r.Newest, r.BeginNewest = found.Step, func() (viewer.Source, error) { return s.goOn(launch.Flags{Run: path, Resume: true}) }
		}
	}
	switch {
	case found.Over && from.From == 0:
		r.More = found.More()
	case found.Over: // as it is, it does nothing
		r.Newest, r.BeginNewest = 0, nil
	}
	if len(found.Skipped) > 0 {
		warnings = append(warnings, fmt.Sprintf("The newest checkpoint is damaged: the run goes on from that of step %s, and what its log tells of later steps is cut off.", monitor.Count(r.Step)))
	}
	r.Warning = strings.Join(warnings, " ")
	r.Begin = func(more int) (viewer.Source, error) {
		flags := from
		if more > 0 {
			flags.Set = append(found.Further(more), flags.Set...)
		}
		return s.goOn(flags)
	}
	return r, nil
}

// goOn resumes a run.
func (s *sessions) goOn(flags launch.Flags) (viewer.Source, error) {
	config, err := flags.Config("")
	if err != nil {
		return nil, err
	}
	s.kept.remember(flags.Run)
	return s.begin(flags, config, nil), nil
}

// illWords say what was wrong with a run, and from which checkpoint it goes on.
func illWords(found *train.Resumable) string {
	ill := found.Ill
	if ill.Step == 0 {
		return ill.What + fmt.Sprintf(" There is no checkpoint from before: it goes on from the newest, of step %s. A run that begins anew with a lower rate may be the better one.", monitor.Count(found.Step))
	}
	which, then := "the newest", ""
	if ill.Step < found.Step {
		which, then = "the newest from before", " What came behind it is cut off."
	}
	with := "with the settings of then"
	if ill.Rate > 0 {
		with = "with a lower rate, " + monitor.Rate(ill.Rate)
	}
	return fmt.Sprintf("%s It goes on from the checkpoint of step %s, %s, %s.%s", ill.What, monitor.Count(ill.Step), which, with, then)
}
