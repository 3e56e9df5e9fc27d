package launch

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A run that begins in the same second as one that is there has a directory of its own.
func TestNewRun(t *testing.T) {
	t.Chdir(t.TempDir())
	begins := time.Date(2012, 9, 30, 12, 5, 1, 0, time.Local)
	for _, want := range []string{"demo-20120930-120501", "demo-20120930-120501-2", "demo-20120930-120501-3"} {
		path := NewRun("demo", begins)
		if path != filepath.Join("runs", want) {
			t.Errorf("%s, want %s", path, want)
		}
		if err := os.MkdirAll(filepath.Join(path, "checkpoints"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}
