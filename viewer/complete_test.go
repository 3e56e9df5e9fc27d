package viewer

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestComplete types paths as into a shell.
func TestComplete(t *testing.T) {
	defer func(usual time.Duration) { patience = usual }(patience)
	patience = time.Minute // the paths are there, whatever else the machine does
	there := []string{"pets/", "pets/cat/", "pets/dog/", "petrol.txt", "birds/", "birds/wren.png", "überall/", "übermorgen/"}
	for _, c := range []struct {
		name  string
		typed string
		tabs  int
		want  string
		lists string // behind the last
		moves bool   // on to the next place
	}{
		{"the only folder", "b", 1, "birds/", "", false},
		{"a file is none", "pet", 1, "pets/", "", false},
		{"what is in it", "pe", 2, "pets/", "cat/, dog/", false},
		{"and then the next place", "pe", 3, "pets/", "", true},
		{"a whole name", "birds", 1, "birds", "", true},
		{"nothing of that name", "fish", 1, "fish", "", true},
		{"what they have in common", "ü", 1, "über", "überall/, übermorgen/", false},
		{"nothing", "", 1, "", "", true},
	} {
		o := newChecker().options()
		o.Paths = func(typed string) (out []string) {
			for _, p := range there {
				if rest, is := strings.CutPrefix(p, typed); is && !strings.Contains(strings.TrimSuffix(rest, "/"), "/") && rest != "" {
					out = append(out, p)
				}
			}
			return out
		}
		a := onStartPage(t, o, 1024, 640)
		until(t, a, "what suits", quiet(a))
		click(t, a, FolderField)
		typed(a, c.typed)
		for range c.tabs {
			press(a, "Tab")
		}
		moved := a.field == nil || a.field.id != FolderField
		got := a.start.form.folder
		if !moved {
			got = string(a.field.text)
		}
		if got != c.want || moved != c.moves || a.matches(FolderField) != c.lists {
			t.Errorf("%s: %q, moved on %t, lists %q", c.name, got, moved, a.matches(FolderField))
		}
		if c.lists != "" {
			typed(a, "x")
			if a.matches(FolderField) != "" {
				t.Errorf("%s: it still lists when more is typed", c.name)
			}
		}
	}
}

// TestCompleteLate: of a folder that answers late what comes is taken, unless something
// else has been typed by then.
func TestCompleteLate(t *testing.T) {
	for _, more := range []string{"", "x"} {
		o, answer, woken := newChecker().options(), make(chan bool), make(chan bool, 100)
		o.Paths = func(typed string) []string {
			<-answer
			return []string{"birds/"}
		}
		o.Wake = func() { woken <- true }
		a := onStartPage(t, o, 1024, 640)
		until(t, a, "what suits", quiet(a))
		click(t, a, FolderField)
		typed(a, "b")
		press(a, "Tab")
		typed(a, more)
		for len(woken) > 0 {
			<-woken
		}
		close(answer)
		select {
		case <-woken:
		case <-time.After(10 * time.Second):
			t.Fatal("no answer")
		}
		a.Update()
		want := map[string]string{"": "birds/", "x": "bx"}[more]
		if a.field == nil || string(a.field.text) != want {
			t.Errorf("typing %q meanwhile leaves %+v, want %q", more, a.field, want)
		}
	}
}

func TestCommon(t *testing.T) {
	for _, c := range []struct {
		texts []string
		want  string
	}{{nil, ""}, {[]string{"a/"}, "a/"}, {[]string{"über", "übel", "ü"}, "ü"}, {[]string{"über", "übel"}, "übe"}, {[]string{"a", "b"}, ""}} {
		if got := common(slices.Clone(c.texts)); got != c.want {
			t.Errorf("%q have %q in common, want %q", c.texts, got, c.want)
		}
	}
}

// TestCompleteMany: of a folder that holds any number of names few are laid out.
func TestCompleteMany(t *testing.T) {
	defer func(usual time.Duration) { patience = usual }(patience)
	patience = time.Minute
	for _, count := range []int{40, 41, 10_040} {
		o := newChecker().options()
		o.Paths = func(string) (out []string) {
			for i := range count {
				out = append(out, fmt.Sprintf("images/n%05d/", i))
			}
			return out
		}
		a := onStartPage(t, o, 1440, 900)
		until(t, a, "what suits", quiet(a))
		click(t, a, FolderField)
		typed(a, "images/n")
		press(a, "Tab")
		last := map[int]string{40: ", n00039/", 41: ", n00039/ and 1 more", 10_040: ", n00039/ and 10,000 more"}[count]
		if got := a.matches(FolderField); strings.Count(got, "/") != 40 || !strings.HasSuffix(got, last) {
			t.Errorf("of %d it lists %q", count, got)
		}
	}
}
