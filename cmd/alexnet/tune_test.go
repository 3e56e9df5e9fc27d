package main

import (
	"os"
	"path/filepath"
	"testing"

	"alexnet/engine/enginetest"
)

// A cache that cannot be written is told of, and the program goes on.
func TestTuneWithoutACache(t *testing.T) {
	enginetest.ForgetChoices(t)
	enginetest.Open(t)
	c := program(t, append([]string{"tune", "demo", "--devices", "1"}, small...)...)
	c.Env = append(c.Env, "XDG_CACHE_HOME="+os.DevNull)
	out, errs := finished(t, 0, c)
	has(t, out, " choices in ")
	has(t, errs, "warning: kernels' choices cannot be remembered: "+filepath.Join(os.DevNull, "alexnet", "tuning"), "not a directory", "set XDG_CACHE_HOME")
}
