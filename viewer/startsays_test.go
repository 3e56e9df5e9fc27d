package viewer

import (
	"image"
	"strings"
	"sync/atomic"
	"testing"

	"alexnet/viewer/draw"
)

func TestFormRefuses(t *testing.T) {
	for _, x := range []struct{ name, folder, batch, field, want string }{
		{"a folder", "none", "", FolderField, "There is no folder none."},
		{"a word", "birds", "many", BatchField, "Batch must be a whole number from 1 to 65,536."},
		{"nothing", "birds", "0", BatchField, "Batch must be a whole number from 1 to 65,536."},
		{"both", "none", "many", FolderField, "There is no folder none."},
		{"too much", "birds", "128", BatchField, "A batch of 64 fits: 128 needs 17.0 GB, and RX 7800 XT has 16.0 GB."},
	} {
		c := newChecker()
		a := onStartPage(t, c.options(), 1024, 640)
		until(t, a, "what suits", quiet(a))
		f := &a.start.form
		f.folder, f.batch = x.folder, x.batch
		click(t, a, "startForm")
		until(t, a, "an answer", quiet(a))
		if f.problem != x.want || f.field != x.field || a.snap != nil || len(c.begun) > 0 {
			t.Errorf("%s: it says %q of %s; began %v", x.name, f.problem, f.field, c.begun)
		}
		if found := f.checked.Found != ""; found != (x.folder == "birds") {
			t.Errorf("%s: found in the folder: %q", x.name, f.checked.Found)
		}
		before := a.Picture()
		f.problem = ""
		a.redraw(pagePart)
		if same(before, a.Picture()) {
			t.Errorf("%s: what is wrong is not shown", x.name)
		}
	}
}

// TestFormSaysByTheField: what is wrong stands below the folder and right of a number.
func TestFormSaysByTheField(t *testing.T) {
	for _, size := range [][2]int{{1024, 640}, {1440, 900}} {
		for _, x := range []struct{ folder, batch, passes, field string }{
			{"none", "", "", FolderField}, {"birds", "many", "", BatchField}, {"birds", "", "0", PassesField}, {"birds", "128", "", BatchField},
		} {
			a := onStartPage(t, newChecker().options(), size[0], size[1])
			until(t, a, "what suits", quiet(a))
			f := &a.start.form
			f.folder, f.batch, f.passes = x.folder, x.batch, x.passes
			f.check(a)
			until(t, a, "an answer", quiet(a))
			wrong := a.Picture()
			f.problem = "" // the field is red still
			a.redraw(pagePart)
			clear := a.Picture()
			field, _, _ := a.find(x.field)
			red := reddened(clear, wrong, field.rect)
			at := draw.Rect{X: field.rect.X, Y: field.rect.Bottom(), W: field.rect.W, H: heightOf(foundLines) + 4}
			if x.field != FolderField {
				folder, _, _ := a.find(FolderField)
				at = draw.Rect{X: field.rect.Right(), Y: field.rect.Y - 6, W: folder.rect.Right() - field.rect.Right(), H: field.rect.H + 12}
			}
			if red.Empty() || float64(red.Min.X) < at.X || float64(red.Max.X) > at.Right() || float64(red.Min.Y) < at.Y || float64(red.Max.Y) > at.Bottom() {
				t.Errorf("%v: what is wrong with %s (%s, %s, %s) is at %v, not within %v", size, x.field, x.folder, x.batch, x.passes, red, at)
			}
		}
	}
}

// TestFormSaysAll: what is wrong with a folder is told to its end, of a long path by
// leaving out the middle of that.
func TestFormSaysAll(t *testing.T) {
	const wrong = "The class folder internal holds no image (.bmp .gif .jpeg .jpg .png .ppm .webp); add some or remove the folder."
	for _, size := range [][2]int{{1024, 640}, {1440, 900}} {
		a := onStartPage(t, newChecker().options(), size[0], size[1])
		until(t, a, "what suits", quiet(a))
		a.start.form.field, a.start.form.problem = FolderField, wrong
		a.redraw(pagePart)
		a.Draw()
		if _, _, cut := a.find("hint " + wrong); cut {
			t.Errorf("%v: what is wrong is cut off", size)
		}
		p := &painter{Canvas: draw.New(draw.Rect{W: 300, H: 300}, 1, a.fonts), app: a, th: a.th}
		const width = 282
		got := p.shortened("The folder /home/"+strings.Repeat("photographs/", 20)+"birds/owls holds no image; add some or remove the folder.", foundLines, width)
		if n := len(p.Wrap(got, small, width)); n > foundLines || !strings.HasPrefix(got, "The folder /home/") || !strings.HasSuffix(got, "/owls holds no image; add some or remove the folder.") {
			t.Errorf("in %d lines: %s", n, got)
		}
	}
}

// TestFormKeepsTheField: who has typed a wrong folder and Enter types on in its field, and
// gives no commands; what is right is left.
func TestFormKeepsTheField(t *testing.T) {
	c := newChecker()
	a := onStartPage(t, c.options(), 1440, 900)
	until(t, a, "what suits", quiet(a))
	click(t, a, FolderField)
	typed(a, "non")
	press(a, "Enter")
	typed(a, "e") // before the answer, which is to "non"
	press(a, "Enter")
	until(t, a, "an answer", quiet(a))
	if a.field == nil || a.field.id != FolderField || a.start.form.problem == "" {
		t.Fatalf("with %q wrong the field is %v", a.start.form.problem, a.field)
	}
	typed(a, "dos")
	if a.snap != nil || string(a.field.text) != "nonedos" {
		t.Fatalf("it reads %q", string(a.field.text))
	}
	press(a, "Enter")
	until(t, a, "an answer", func() bool { return quiet(a)() && a.start.form.problem == "" })
	if a.field != nil {
		t.Errorf("with all right the field %s has the focus", a.field.id)
	}
}

// TestFormForgetsWhatWasWrong: it is not said of another path that is being typed, and is
// again where that is left.
func TestFormForgetsWhatWasWrong(t *testing.T) {
	a := onStartPage(t, newChecker().options(), 1440, 900)
	until(t, a, "what suits", quiet(a))
	f := &a.start.form
	f.folder = "none"
	f.check(a)
	until(t, a, "an answer", quiet(a))
	click(t, a, FolderField)
	if f.wrong(a, FolderField) == "" {
		t.Error("before anything is typed nothing is said to be wrong")
	}
	typed(a, "b")
	if wrong := f.wrong(a, FolderField); wrong != "" {
		t.Errorf("of another text it says %q", wrong)
	}
	press(a, "Esc")
	if f.wrong(a, FolderField) == "" {
		t.Error("of the text before nothing is said to be wrong")
	}
}

// TestFormSaysWhy: why a recipe was filled in stands between it and the columns, and what
// is chosen needs no reason.
func TestFormSaysWhy(t *testing.T) {
	for _, size := range [][2]int{{1024, 640}, {1440, 900}} {
		a := onStartPage(t, newChecker().options(), size[0], size[1])
		until(t, a, "what suits", quiet(a))
		f := &a.start.form
		said := a.Picture()
		f.checked.Why = ""
		a.redraw(pagePart)
		now := a.Picture()
		var drawn image.Rectangle
		for y := range now.Rect.Dy() {
			for x := range now.Rect.Dx() {
				if now.RGBAAt(x, y) != said.RGBAAt(x, y) {
					drawn = drawn.Union(image.Rect(x, y, x+1, y+1))
				}
			}
		}
		recipe, _, _ := a.find(RecipeField)
		column, _, _ := a.find(DevicesField + "0")
		room := image.Rect(int(recipe.rect.X), int(recipe.rect.Bottom()), int(recipe.rect.Right()), int(column.rect.Y))
		if drawn.Empty() || !drawn.In(room) {
			t.Errorf("%v: the reason is at %v, not within %v", size, drawn, room)
		}
		click(t, a, RecipeField)
		press(a, "Down", "Enter")
		until(t, a, "the recipe", quiet(a))
		if f.checked.Order.Recipe != "alexnet" || f.checked.Why != "" {
			t.Errorf("%v: of %s, which is chosen, it says %q", size, f.checked.Order.Recipe, f.checked.Why)
		}
	}
}

// TestFormNewestCounts: an answer that comes late is to a question that nobody asks
// any more.
func TestFormNewestCounts(t *testing.T) {
	c := newChecker()
	o := c.options()
	slow := make(chan struct{})
	o.Check = func(o Order) Checked {
		if o.Folder == "slow" {
			<-slow
		}
		return c.check(o)
	}
	a := onStartPage(t, o, 1440, 900)
	until(t, a, "what suits", quiet(a))
	for _, folder := range []string{"slow", "birds"} {
		click(t, a, FolderField)
		typed(a, folder)
		press(a, "Enter")
	}
	until(t, a, "the newest answer", func() bool { return a.start.form.checked.Order.Folder == "birds" })
	close(slow)
	for (<-c.orders).Folder != "slow" {
	}
	for range 20 {
		a.Update()
	}
	if got := a.start.form.checked.Order.Folder; got != "birds" {
		t.Errorf("the answer to %q is shown", got)
	}
}

// TestFormCorrected: who goes on editing behind Start has not asked for what comes of it.
func TestFormCorrected(t *testing.T) {
	for name, edit := range map[string]func(a *App){
		"another folder": func(a *App) {
			click(t, a, FolderField)
			typed(a, "birds2")
			press(a, "Enter")
		},
		"a folder that is typed still": func(a *App) {
			click(t, a, FolderField)
			typed(a, "birds2")
		},
		"a setting": func(a *App) {
			press(a, "A")
			typed(a, "rate")
			press(a, "Down")
			typed(a, "0.5")
			press(a, "Tab", "Esc")
		},
		"settings that are looked through": func(a *App) { press(a, "A") },
		"another run, and back": func(a *App) {
			a.openRun("runs/other")
			answered(t, a)
			press(a, "O")
		},
		"nothing": func(*App) {},
	} {
		c := newChecker()
		o := c.options()
		var slow atomic.Bool
		release := make(chan struct{})
		o.Check = func(o Order) Checked {
			if slow.Load() {
				<-release
			}
			return c.check(o)
		}
		o.Open = func(string) (Source, error) { return called("other"), nil }
		a := onStartPage(t, o, 1440, 900)
		a.start.form.folder = "birds"
		a.start.form.check(a)
		until(t, a, "what suits", quiet(a))
		slow.Store(true)
		click(t, a, "startForm")
		if !a.start.form.begin {
			t.Fatalf("%s: start does not look", name)
		}
		edit(a)
		close(release)
		until(t, a, "an answer", quiet(a))
		if want := name == "nothing"; len(c.begun) > 0 != want {
			t.Errorf("%s: begun %+v", name, c.begun)
		}
	}
}
