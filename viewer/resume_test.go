package viewer

import (
	"strings"
	"testing"

	"alexnet/train/monitor"
	"alexnet/viewer/draw/golden"
)

// resumer lets runs go on as a test says.
type resumer struct {
	found Resumption
	fails error
	asked []string // for which folders
	begun []int    // for how many steps more
}

func (r *resumer) resume(path string) (Resumption, error) {
	r.asked = append(r.asked, path)
	found := r.found
	found.Begin = func(more int) (Source, error) {
		r.begun = append(r.begun, more)
		return called("resumed"), nil
	}
	return found, r.fails
}

// ended is an app that shows a run that is over, and can go on.
func ended(t *testing.T, r *resumer) *App {
	t.Helper()
	s := full()
	s.WatchOnly, s.State, s.Resumable, s.Copy = "This run can only be watched.", monitor.Finished, true, &monitor.Copy{Step: -1}
	a := New(Options{Resume: r.resume, Recent: func() ([]Recent, error) {
		return []Recent{{Path: "runs/a"}, {Path: "runs/b", Resumable: true}}, nil
	}}, &fake{Board: monitor.NewBoard(s)})
	a.Draw()
	return a
}

// TestGoOn goes on with a run that was stopped, from its own page and from its row.
func TestGoOn(t *testing.T) {
	r := &resumer{found: Resumption{Name: "b", Step: 100}}
	a := ended(t, r)
	click(t, a, "resume")
	until(t, a, "the run goes on", func() bool { return len(r.begun) == 1 })
	if a.snap.Run.Name != "resumed" || len(a.own) != 1 || a.unsteered() || r.asked[0] != "runs/imagenet-two-column" {
		t.Errorf("it shows %s, of %v", a.snap.Run.Name, r.asked)
	}
	if _, _, is := a.find("resume"); is {
		t.Error("what trains can go on")
	}
	a.own = nil
	press(a, "O")
	until(t, a, "the list", func() bool { return a.start.loaded })
	if _, _, is := a.find("resumeruns/a"); is {
		t.Error("a run without a checkpoint can go on")
	}
	click(t, a, "resumeruns/b")
	until(t, a, "it goes on", func() bool { return len(r.begun) == 2 })
	a.own = nil
	press(a, "O")
	until(t, a, "the list", func() bool { return a.start.loaded })
	press(a, "Down", "G")
	if len(r.asked) != 2 {
		t.Error("G goes on with a run that cannot")
	}
	press(a, "Down", "G")
	until(t, a, "it goes on by the keys", func() bool { return len(r.begun) == 3 })
	if got := strings.Join(r.asked, " "); got != "runs/imagenet-two-column runs/b runs/b" {
		t.Errorf("asked for %s", got)
	}
}

// TestResumeMore: a run that has come to its end is asked for more steps.
func TestResumeMore(t *testing.T) {
	r := &resumer{found: Resumption{Name: "demo", Step: 1500, More: 500}}
	a := ended(t, r)
	press(a, "G")
	until(t, a, "the question", func() bool { return a.cover != nil })
	golden.Check(t, "resume-1440x900", a.Picture())
	typed(a, "0")
	press(a, "Enter")
	refused := func(what string) {
		t.Helper()
		if a.cover == nil || a.field == nil || !strings.HasPrefix(a.field.problem, "Steps must be a whole number") || len(r.begun) > 0 {
			t.Fatalf("%s: %T, typing into %+v, begun %v", what, a.cover, a.field, r.begun)
		}
	}
	refused("0 steps by Enter")
	click(t, a, "goOn")
	refused("0 steps by the button")
	page := a.page
	click(t, a, "resumeBox") // the field is left
	press(a, "4")
	if a.page != page || a.field == nil || string(a.field.text) != "4" {
		t.Errorf("4 went to page %d, and to the field %+v", a.page, a.field)
	}
	press(a, "Esc") // from the field, which is all that there is
	if a.cover != nil || a.field != nil || len(r.begun) > 0 {
		t.Fatal("it cannot be left")
	}
	press(a, "G")
	until(t, a, "the question", func() bool { return a.cover != nil })
	typed(a, "250")
	press(a, "Enter")
	if len(r.begun) != 1 || r.begun[0] != 250 || a.snap.Run.Name != "resumed" {
		t.Errorf("begun %v, and it shows %s", r.begun, a.snap.Run.Name)
	}
}

// TestResumeFromBefore: a run that died goes on from before, or from its newest
// checkpoint all the same.
func TestResumeFromBefore(t *testing.T) {
	for _, newest := range []bool{false, true} {
		begun := 0
		r := &resumer{found: Resumption{
			Name: "demo", Step: 750, Newest: 1000, BeginNewest: func() (Source, error) { begun++; return called("resumed"), nil },
			Warning: "The loss has risen to 4.7e8, its least was 0.412. It goes on from the checkpoint of step 750, the newest from before, with a lower rate, 0.0003. What came behind it is cut off.",
		}}
		a := ended(t, r)
		press(a, "G")
		until(t, a, "the question", func() bool { return a.cover != nil })
		if newest {
			click(t, a, "goOnNewest")
		} else {
			golden.Check(t, "resume-before-1440x900", a.Picture())
			click(t, a, "goOn")
		}
		if a.cover != nil || (begun == 1) != newest || (len(r.begun) == 1) == newest {
			t.Errorf("newest %t: begun there %d times, from before %v", newest, begun, r.begun)
		}
	}
}

// TestResumeWarns: what one should know is said before, and what stands against it
// instead.
func TestResumeWarns(t *testing.T) {
	r := &resumer{found: Resumption{Name: "demo", Step: 90, Warning: "The newest checkpoint is damaged."}}
	a := ended(t, r)
	press(a, "G")
	until(t, a, "the warning", func() bool { return a.cover != nil })
	if len(r.begun) > 0 {
		t.Error("begun behind its back")
	}
	press(a, "G")
	if len(r.begun) != 1 || r.begun[0] != 0 {
		t.Errorf("begun %v", r.begun)
	}
	r = &resumer{fails: errTest}
	a = ended(t, r)
	press(a, "G")
	until(t, a, "why not", func() bool { return a.toast.error })
	if a.cover != nil || a.toast.text != Sentence(errTest) || len(r.begun) > 0 {
		t.Errorf("it says %q", a.toast.text)
	}
}
