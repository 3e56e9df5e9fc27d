package launch

import (
	"runtime/debug"
	"testing"
)

// A program's version is the revision that it was built from, if that is known.
func TestVersion(t *testing.T) {
	revision := debug.BuildSetting{Key: "vcs.revision", Value: "0123456789abcdef0123456789abcdef01234567"}
	built, modified := debug.BuildSetting{Key: "vcs.time", Value: "2012-09-30T12:05:01Z"}, debug.BuildSetting{Key: "vcs.modified", Value: "true"}
	for want, settings := range map[string][]debug.BuildSetting{
		"0123456789ab of 2012-09-30":                 {revision, built, {Key: "vcs.modified", Value: "false"}},
		"0123456789ab of 2012-09-30, modified since": {revision, built, modified},
		"0123456789ab":               {revision},
		"unknown: built without one": {modified},
	} {
		if got := version(settings); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
