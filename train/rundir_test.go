package train

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func tinySets(t *testing.T, c *Config) *Sets {
	t.Helper()
	s, err := OpenSets(c, "")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRunDirectoryIsRefusedASecondTime(t *testing.T) {
	c := tinyConfig(t)
	path := filepath.Join(t.TempDir(), "run")
	d, err := CreateRun(path, c, tinySets(t, c), "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = ResumeRun(path)
	wants(t, err, path, "being trained by process")
	d.Close()
	_, err = CreateRun(path, c, tinySets(t, c), "")
	wants(t, err, path, "--resume")
	if d, err = ResumeRun(path); err != nil {
		t.Fatal(err)
	}
	d.Close()
	if read(t, path, "recipe.toml") != c.Text() || strings.Count(read(t, path, "classes.txt"), "\n") != 20 {
		t.Error("recipe.toml or classes.txt is not the run's")
	}
}

// A folder of other files is not taken for a run.
func TestForeignFolderIsRefused(t *testing.T) {
	path := t.TempDir()
	mine := filepath.Join(path, "classes.txt")
	if err := os.WriteFile(mine, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	c := tinyConfig(t)
	_, err := CreateRun(path, c, tinySets(t, c), "")
	wants(t, err, path, "classes.txt", "another --run")
	if read(t, mine) != "mine" {
		t.Error("its files were touched")
	}
}

func TestLogIsCutAtResume(t *testing.T) {
	c := tinyConfig(t)
	path := filepath.Join(t.TempDir(), "run")
	d, err := CreateRun(path, c, tinySets(t, c), "")
	if err != nil {
		t.Fatal(err)
	}
	for step := 1; step <= 5; step++ {
		if err := d.LogTrain(Progress{Step: step, Loss: 1}); err != nil {
			t.Fatal(err)
		}
	}
	d.log.WriteString(`{"kind":"train","step":2,"lo`) // a crash
	d.Close()
	if d, err = ResumeRun(path); err != nil {
		t.Fatal(err)
	}
	if err := d.Cut(3, 0); err != nil {
		t.Fatal(err)
	}
	if err := d.LogValidation(Validation{Step: 3, Top1Error: 0.5}); err != nil {
		t.Fatal(err)
	}
	d.Close()
	lines := strings.Split(strings.TrimSpace(read(t, path, "log.jsonl")), "\n")
	if len(lines) != 4 || !strings.Contains(lines[2], `"step":3`) || !strings.Contains(lines[3], `"kind":"val","step":3,"loss":0,"top1_error":0.5`) {
		t.Errorf("%q", lines)
	}
}

// A run that could not begin leaves nothing that refuses the next try.
func TestAbandonedRunLeavesNothing(t *testing.T) {
	c := tinyConfig(t)
	path := filepath.Join(t.TempDir(), "run")
	d, err := CreateRun(path, c, tinySets(t, c), "")
	if err != nil {
		t.Fatal(err)
	}
	d.abandon()
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", path, err)
	}
}
