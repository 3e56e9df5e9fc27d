package viewer

import (
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"alexnet/viewer/draw"
	"alexnet/viewer/draw/golden"
)

// recipe lists the settings of a recipe of a test's own. Rates above 10 are wrong, and a
// batch is a number.
func listed(changed []string) ([]Setting, error) {
	rows := []Setting{{Path: "data.dir", Value: `"/photos"`, Fixed: "the form's folder"}, {Path: "data.batch", Value: "32"}, {Path: "solver.rate", Value: "0.01", Help: "Learning rate at the start, epsilon in the paper, which has 0.01 (section 5)."}, {Path: "solver.schedule", Value: `"plateau"`}}
	for _, layer := range []string{"conv1", "conv2", "conv3", "fc6", "fc7"} {
		for _, key := range []string{"bias", "bias_rate", "decay", "rate", "std", "type"} {
			rows = append(rows, Setting{Path: "layer." + layer + "." + key, Value: "1.0", Help: "Standard deviation of the first weights, which are drawn from N(0, std²); 0.01 in the paper (section 5), not " + layer + "'s " + key + "."})
		}
	}
	for i := range rows {
		rows[i].Was = rows[i].Value
	}
	was := slices.Clone(rows)
	for _, c := range changed {
		path, text, _ := strings.Cut(c, "=")
		v, err := strconv.ParseFloat(text, 64)
		at := slices.IndexFunc(rows, func(s Setting) bool { return s.Path == path })
		if at < 0 {
			return was, errors.New("train: unknown key " + path)
		}
		if err != nil || v > 10 && path == "solver.rate" {
			return was, errors.New("train: " + path + " = " + text + "; expected at most 10")
		}
		rows[at].Value = strconv.FormatFloat(v, 'f', -1, 64)
	}
	return rows, nil
}

func TestSettingsChange(t *testing.T) {
	var kept changes
	s := newSettings(listed, nil, func(c changes) { kept = c })
	if got := s.apply("solver.rate", "abc"); got != "solver.rate = abc; expected at most 10." || len(kept) > 0 {
		t.Errorf("a word: it says %q and keeps %v", got, kept)
	}
	for _, c := range []struct {
		path, text string
		want       []string
	}{
		{"solver.rate", "0.1", []string{"solver.rate=0.1"}},
		{"data.batch", "64", []string{"solver.rate=0.1", "data.batch=64"}},
		{"solver.rate", "0.2", []string{"data.batch=64", "solver.rate=0.2"}},
		{"solver.rate", "0.010", []string{"data.batch=64"}}, // as it was
	} {
		if problem := s.apply(c.path, c.text); problem != "" || !reflect.DeepEqual(kept.set(), c.want) {
			t.Errorf("%s=%s: it says %q and keeps %v, want %v", c.path, c.text, problem, kept.set(), c.want)
		}
	}
	s.reset("data.batch")
	if len(kept) > 0 || s.rows[1].Value != "32" {
		t.Errorf("reset it keeps %v, and the batch is %s", kept, s.rows[1].Value)
	}
	if s.keep(changes{{"layer.gone.std", "1"}}); s.problem != "Unknown key layer.gone.std." || len(s.rows) != 34 {
		t.Errorf("of what the recipe has not it says %q and lists %d", s.problem, len(s.rows))
	}
	for filter, want := range map[string]int{"": 34, "conv2": 6, "Conv rate": 6, "layer. std": 5, "momentum": 0} {
		if got := len(s.found(filter)); got != want {
			t.Errorf("%q finds %d, want %d", filter, got, want)
		}
	}
}

// sheet is a start page that shows the settings of the recipe of its form.
func sheet(t *testing.T, width, height int) (*App, *checker) {
	t.Helper()
	c := newChecker()
	a := onStartPage(t, c.options(), width, height)
	until(t, a, "what suits", quiet(a))
	return a, c
}

// erase empties the field that is typed into.
func erase(a *App) { press(a, "Backspace") }

// TestSettingsSheet changes settings of the form's recipe as a person would, and trains
// with them.
func TestSettingsSheet(t *testing.T) {
	a, c := sheet(t, 1440, 900)
	a.start.form.folder = "birds"
	press(a, "A")
	b, is := a.cover.(*settingsSheet)
	if !is || a.field == nil || a.field.id != "filter" {
		t.Fatalf("A shows %T and types into %+v", a.cover, a.field)
	}
	typed(a, "solver")
	if got := len(b.found(b.filter)); got != 2 {
		t.Errorf("the filter leaves %d", got)
	}
	if press(a, "Enter"); a.field == nil || a.field.id != "filter" {
		t.Errorf("behind Enter it types into %+v", a.field)
	}
	press(a, "Ctrl+A")
	erase(a)
	typed(a, "conv2")
	if got := len(b.found(b.filter)); a.field == nil || got != 6 {
		t.Errorf("behind Enter the filter %q leaves %d", b.filter, got)
	}
	click(t, a, "settingsSheet") // beside all fields
	typed(a, "rate")
	if b.filter != "rate" {
		t.Errorf("with no field typed into, letters make the filter %q", b.filter)
	}
	press(a, "Down")
	erase(a)
	typed(a, "7x")
	if a.field.id != "set solver.rate" || a.field.problem == "" {
		t.Errorf("typing a word into %s it says %q", a.field.id, a.field.problem)
	}
	wrong := a.Picture()
	press(a, "Backspace")
	if a.field.problem != "" || same(wrong, a.Picture()) {
		t.Errorf("of 7 it says %q", a.field.problem)
	}
	press(a, "Enter", "Esc")
	until(t, a, "an answer", quiet(a))
	click(t, a, "startForm")
	until(t, a, "a run", func() bool { return a.snap != nil })
	if got := c.begun[0].Set; !reflect.DeepEqual(got, []string{"solver.rate=7"}) {
		t.Errorf("it trains with %v", got)
	}
}

// What was typed wrong is not kept when the field is left, and what is changed can be
// reset by the mouse.
func TestSettingsReset(t *testing.T) {
	a, _ := sheet(t, 1440, 900)
	click(t, a, "formSettings")
	for _, path := range []string{"solver.rate", "data.batch"} {
		click(t, a, fieldOf(path))
		erase(a)
		typed(a, "64")
	}
	click(t, a, "done")
	until(t, a, "an answer", quiet(a))
	if got := a.start.form.changes().set(); !reflect.DeepEqual(got, []string{"data.batch=64"}) || a.cover != nil {
		t.Errorf("kept %v under %T", got, a.cover)
	}
	if !strings.HasPrefix(a.toast.text, "solver.rate stays as it was.") {
		t.Errorf("of the wrong one it says %q", a.toast.text)
	}
	click(t, a, BatchField) // what was changed last counts
	typed(a, "16")
	press(a, "Enter")
	until(t, a, "an answer", quiet(a))
	if got := a.start.form.changes(); len(got) > 0 {
		t.Errorf("behind the form's own field there is still %v", got)
	}
	press(a, "A")
	click(t, a, fieldOf("layer.conv1.std"))
	typed(a, "2")
	press(a, "Enter")
	click(t, a, "reset layer.conv1.std")
	if got := a.start.form.changes(); len(got) > 0 {
		t.Errorf("reset it keeps %v", got)
	}
}

// The list scrolls to the field that the keys lead to, and by the wheel and its bar.
func TestSettingsScroll(t *testing.T) {
	a, _ := sheet(t, 1024, 640)
	press(a, "A")
	b := a.cover.(*settingsSheet)
	for range 33 {
		press(a, "Down")
	}
	if a.field.id != fieldOf("layer.fc7.type") || b.top == 0 {
		t.Errorf("33 times down leads to %s, scrolled by %g", a.field.id, b.top)
	}
	press(a, "Tab") // the list's last, then the button
	if a.focus != "done" {
		t.Errorf("the tabulator leads to %q", a.focus)
	}
	most := b.top
	press(a, "Home")
	if b.top != 0 {
		t.Errorf("at the beginning it is scrolled by %g", b.top)
	}
	h, _, _ := a.find(fieldOf("solver.rate"))
	a.Handle(Moved{h.rect.X + 5, h.rect.Y + 5})
	a.Handle(Wheeled{-1})
	if a.Draw(); b.top == 0 {
		t.Error("the wheel does not scroll over a field")
	}
	bar, _, _ := a.find("settingsBar")
	a.Handle(Moved{bar.rect.X + 4, bar.rect.Bottom() - 2})
	a.Handle(Pressed{true})
	if a.Draw(); b.top < most-20 {
		t.Errorf("the bar's end leads to %g of %g", b.top, most)
	}
	a.Handle(Pressed{false})
	if a.cover == nil {
		t.Error("the bar closes the sheet")
	}
}

// TestSettingsTold: below the list stands what the setting is that is pointed at, or else
// typed into.
func TestSettingsTold(t *testing.T) {
	a, _ := sheet(t, 1024, 640)
	press(a, "A")
	b := a.cover.(*settingsSheet)
	if got := b.told(a); got != "" {
		t.Errorf("in the filter it tells %q", got)
	}
	click(t, a, fieldOf("solver.rate"))
	over, _, _ := a.find(rowOf("layer.conv1.bias"))
	for _, c := range []struct {
		at   draw.Point
		want string
	}{{draw.Point{X: over.rect.X + 5, Y: over.rect.Y + 5}, "layer.conv1.bias: "}, {draw.Point{X: 1, Y: 1}, "solver.rate: "}} {
		before := a.Picture()
		if a.Handle(Moved{c.at.X, c.at.Y}); !strings.HasPrefix(b.told(a), c.want) || same(before, a.Picture()) {
			t.Errorf("at %v it tells %q", c.at, b.told(a))
		}
	}
}

// The demo has settings, too.
func TestDemoSettings(t *testing.T) {
	a, _ := sheet(t, 1024, 640)
	var got []string
	a.options.Demo = func(changed []string) (Source, error) { got = changed; return nil, errTest }
	click(t, a, "demoSettings")
	click(t, a, fieldOf("solver.rate"))
	typed(a, "3")
	press(a, "Enter", "Esc")
	if a.cover != nil || len(a.start.form.changes()) > 0 {
		t.Fatalf("it shows %T; the form's are %v", a.cover, a.start.form.changes())
	}
	if press(a, "D"); !reflect.DeepEqual(got, []string{"solver.rate=3"}) {
		t.Errorf("the demo trains with %v", got)
	}
}

func TestSettingsGoldens(t *testing.T) {
	for _, size := range [][2]int{{1440, 900}, {1024, 640}} {
		a, _ := sheet(t, size[0], size[1])
		if size[0] == 1024 {
			press(a, "F8")
		}
		press(a, "A")
		click(t, a, fieldOf("layer.conv1.std"))
		typed(a, "2")
		press(a, "Enter")
		click(t, a, fieldOf("solver.rate"))
		typed(a, "x")
		if over, _, _ := a.find(rowOf("layer.conv1.decay")); size[0] == 1440 {
			a.Handle(Moved{over.rect.X + 5, over.rect.Y + 5})
		}
		golden.Check(t, "settings-"+strconv.Itoa(size[0])+"x"+strconv.Itoa(size[1]), a.Picture())
	}
}

// TestFilterFindsNone: where no setting has what is typed the arrows lead nowhere.
func TestFilterFindsNone(t *testing.T) {
	c := newChecker()
	a := onStartPage(t, c.options(), 1440, 900)
	until(t, a, "what suits", quiet(a))
	press(a, "A")
	typed(a, "no such setting")
	press(a, "Down", "Down", "Up")
	if a.field == nil || a.field.id != "filter" || string(a.field.text) != "no such setting" {
		t.Errorf("the field is %+v", a.field)
	}
}
