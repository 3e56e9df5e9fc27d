package viewer

import (
	"errors"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/draw/golden"
)

// checker answers orders as a test says.
type checker struct {
	orders chan Order
	begun  []Order
	source *fake
}

func newChecker() *checker {
	return &checker{orders: make(chan Order, 100), source: &fake{Board: monitor.NewBoard(sample())}}
}

// check fills in what is open; batches above 64 and the folder "none" are wrong.
func (c *checker) check(o Order) Checked {
	c.orders <- o
	out := Checked{
		Order: o, Recipes: []Recipe{{"alexnet", "alexnet, 2 columns (57.0 M parameters)"}, {"demo", "demo, 2 columns (0.25 M parameters)"}},
		Memory: "1.1 GB for each column: fits", Length: "18,000 steps", Settings: listed,
	}
	if o.Recipe == "" {
		out.Order.Recipe, out.Why = "alexnet", "The paper's, for 64,120 images are many."
	}
	if o.Batch == 0 {
		out.Order.Batch = 32
	}
	if o.Passes == 0 {
		out.Order.Passes = 90
	}
	if len(o.Devices) == 0 {
		out.Order.Devices = []string{"a", "b"}
	}
	if o.Folder != "" && o.Folder != "none" {
		out.Found = "64,120 images in 24 folders, one for each class"
	}
	switch {
	case o.Folder == "":
		out.Memory, out.Length = "", ""
	case o.Folder == "none":
		out.Problem, out.Field = "There is no folder none.", FolderField
	case o.Batch > 64:
		out.Memory = ""
		out.Problem, out.Field = "A batch of 64 fits: 128 needs 17.0 GB, and RX 7800 XT has 16.0 GB.", BatchField
	default:
		order := out.Order
		out.Begin = func() (Source, error) { c.begun = append(c.begun, order); return c.source, nil }
	}
	return out
}

func (c *checker) options() Options {
	return Options{Check: c.check, Demo: func([]string) (Source, error) { return c.source, nil }, DemoSettings: listed, Devices: func() ([]Device, error) {
		return []Device{
			{"a", "NVIDIA GeForce RTX 4070", "discrete GPU", "12.0 GB", "driver 550.54", ""},
			{"b", "AMD Radeon RX 7800 XT", "discrete GPU", "16.0 GB", "Mesa 25.0.7", ""},
			{"c", "llvmpipe", "CPU, 16 threads", "62.7 GB", "Mesa 22.3.6", "llvmpipe (lavapipe Mesa 22.3.6) computes wrong results: loops end after 65,535 of 80,000 iterations; install Mesa 23 or newer."},
		}, nil
	}}
}

func quiet(a *App) func() bool {
	return func() bool { return !a.start.form.checking && a.start.machines.tested }
}

func TestFormBegins(t *testing.T) {
	c := newChecker()
	a := onStartPage(t, c.options(), 1440, 900)
	until(t, a, "what suits", quiet(a))
	click(t, a, "startForm")
	if a.start.form.problem == "" || a.field == nil || a.field.id != FolderField {
		t.Fatalf("without a folder it says %q, and types into %+v", a.start.form.problem, a.field)
	}
	typed(a, "birds")
	press(a, "Tab", "Tab", "Tab", "Tab") // recipe, both columns, batch
	if a.field == nil || a.field.id != BatchField {
		t.Fatalf("the tabulator leads to %q", a.focus)
	}
	typed(a, "16")
	click(t, a, "startForm") // what was typed counts
	until(t, a, "a run", func() bool { return a.snap != nil })
	want := Order{Folder: "birds", Recipe: "alexnet", Devices: []string{"a", "b"}, Batch: 16, Passes: 90}
	if !reflect.DeepEqual(c.begun, []Order{want}) {
		t.Errorf("began %+v, want %+v", c.begun, want)
	}
}

// TestFormByKeys: behind a drop-down the tabulator goes on from there, and a number
// that it passes stays the program's.
func TestFormByKeys(t *testing.T) {
	c := newChecker()
	a := onStartPage(t, c.options(), 1440, 900)
	until(t, a, "what suits", quiet(a))
	click(t, a, FolderField)
	typed(a, "birds")
	press(a, "Tab", "Enter", "Down", "Down", "Enter")
	until(t, a, "the recipe", func() bool { return quiet(a)() && a.start.form.checked.Order.Recipe == "demo" })
	press(a, "Tab", "Space", "Esc", "Tab", "Tab")
	if a.field == nil || a.field.id != BatchField {
		t.Errorf("the tabulator leads to %q", a.focus)
	}
	press(a, "Tab")
	if batch := a.start.form.batch; batch != "" {
		t.Errorf("passing by, the batch became the user's: %q", batch)
	}
}

func TestFormChoices(t *testing.T) {
	c := newChecker()
	a := onStartPage(t, c.options(), 1440, 900)
	until(t, a, "what suits", quiet(a))
	click(t, a, DevicesField+"1")
	press(a, "Down", "Enter")
	until(t, a, "the device", func() bool { return quiet(a)() && a.start.form.checked.Order.Devices[1] == "a" })
	if _, _, is := a.find(DevicesField + "1=llvmpipe"); is {
		t.Error("a device that computes wrong results can be chosen")
	}
	click(t, a, RecipeField)
	press(a, "Down", "Down", "Enter")
	until(t, a, "the recipe", func() bool { return quiet(a)() && a.start.form.checked.Order.Recipe == "demo" })
	if got := a.start.form.checked.Order.Devices; !reflect.DeepEqual(got, []string{"a", "b"}) {
		t.Errorf("the devices of another recipe are %v", got)
	}
}

// TestDroppedFolder: a folder that is no run is one to train on.
func TestDroppedFolder(t *testing.T) {
	c := newChecker()
	o := c.options()
	o.Open = func(string) (Source, error) { return c.source, nil }
	o.Find = func(paths []string) (Found, error) {
		switch paths[0] {
		case "run":
			return Found{Run: "run"}, nil
		case "birds": // its images are in folders of their own
			return Found{Folder: "birds"}, errTest
		}
		return Found{Name: paths[0], Pictures: []Picture{{Path: paths[0]}}}, nil
	}
	a := onStartPage(t, o, 1440, 900)
	drop(t, a, "wren.png")
	if !strings.Contains(a.toast.text, "Open a run first") || a.start.form.folder != "" {
		t.Errorf("of an image it says %q, and trains on %q", a.toast.text, a.start.form.folder)
	}
	drop(t, a, "birds")
	until(t, a, "what is in it", func() bool { return a.start.form.checked.Found != "" })
	drop(t, a, "run")
	if a.snap == nil {
		t.Error("a run that is dropped is not shown")
	}
	drop(t, a, "birds")
	if a.toast.text != errTest.Error() {
		t.Errorf("of a folder that is no run it says %q", a.toast.text)
	}
}

// TestOpenField: what was typed is still there for the button.
func TestOpenField(t *testing.T) {
	opened := ""
	a := onStartPage(t, Options{Open: func(path string) (Source, error) { opened = path; return nil, errTest }}, 1440, 900)
	click(t, a, "open")
	typed(a, "my-run")
	click(t, a, "openButton")
	answered(t, a)
	if opened != "my-run" {
		t.Errorf("opened %q", opened)
	}
}

func TestStartGoldens(t *testing.T) {
	for _, size := range [][2]int{{1440, 900}, {1024, 640}} {
		c := newChecker()
		o := c.options()
		s := sample()
		run := Recent{Path: "runs/one", Name: "imagenet-two-column", Data: "ImageNet, 1,000 classes", Note: "stopped 1 Mar", State: monitor.Stopped, Resumable: true,
			Error: 0.221, ErrorName: "top-5", Epoch: 38.2, Epochs: 90, Kernels: s.Kernels[3].Kernels}
		for _, q := range s.Points {
			run.Steps, run.Losses = append(run.Steps, float64(q.Step)), append(run.Losses, q.Loss)
		}
		o.Recent = func() ([]Recent, error) { return []Recent{run, run, run, run, run, run}, nil }
		o.Resume = func(string) (Resumption, error) { return Resumption{}, errTest }
		a := onStartPage(t, o, size[0], size[1])
		until(t, a, "all lists", func() bool { return quiet(a)() && a.start.loaded })
		a.start.form.folder, a.start.form.batch = "~/pictures/birds", "128"
		if size[0] == 1024 {
			a.start.form.change("alexnet", changes{{"solver.rate", "0.02"}})
			a.start.changed = changes{{"solver.rate", "0.02"}, {"dropout", "false"}}
		}
		a.start.form.check(a)
		until(t, a, "an answer", quiet(a))
		golden.Check(t, "start-"+strconv.Itoa(size[0])+"x"+strconv.Itoa(size[1]), a.Picture())
	}
}

// TestFormStaysInPlace: while one types and errors come and go, nothing that is clicked
// moves, and what is clicked beside all fields takes none from the typist.
func TestFormStaysInPlace(t *testing.T) {
	for _, size := range [][2]int{{1024, 640}, {1280, 860}, {1440, 900}} {
		c := newChecker()
		o := c.options()
		long := "RX 7800 XT has 16.0 GB and a batch of 64 of this recipe's two columns needs 17.0 GB for weights, activations and what is between: a batch of 32 fits, or take a recipe with smaller layers. "
		o.Check = func(o Order) Checked {
			out := c.check(o)
			if o.Batch == 64 {
				out.Problem, out.Field = long+long, BatchField
			}
			return out
		}
		a := onStartPage(t, o, size[0], size[1])
		until(t, a, "what suits", quiet(a))
		places := func() (out []draw.Rect) {
			for _, id := range []string{"demo", FolderField, RecipeField, BatchField, PassesField, "startForm", "formSettings", "open", "openButton"} {
				h, _, ok := a.find(id)
				if !ok {
					t.Fatalf("%v: there is no %s", size, id)
				}
				out = append(out, h.rect)
			}
			return out
		}
		before := places()
		for _, batch := range []string{"64", "many", "16"} {
			click(t, a, BatchField)
			erase(a)
			typed(a, batch)
			press(a, "Enter")
			until(t, a, "an answer", quiet(a))
			if got := places(); !reflect.DeepEqual(got, before) {
				t.Errorf("%v: with the batch %s the form is at %v, before at %v", size, batch, got, before)
			}
		}
		click(t, a, FolderField)
		typed(a, "b")
		for _, at := range []float64{-5, 1e4} { // in the form beside its fields, and beside all
			a.Handle(Moved{before[1].X + 5, before[1].Y + at})
			a.Handle(Pressed{true})
			a.Handle(Pressed{false})
		}
		typed(a, "a")
		if a.cover != nil || a.field == nil || string(a.field.text) != "ba" {
			t.Errorf("%v: behind a click beside the fields a shows %T and is typed into %+v", size, a.cover, a.field)
		}
	}
}

// TestOpenFails: why a run cannot be opened is within its card, and nowhere else.
func TestOpenFails(t *testing.T) {
	for _, size := range [][2]int{{1024, 640}, {1440, 900}} {
		o := newChecker().options()
		o.Open = func(path string) (Source, error) {
			return nil, errors.New("follow: there is no folder " + path + "; give the folder of a run, in which there is a file config.toml and one of what was measured")
		}
		a := onStartPage(t, o, size[0], size[1])
		until(t, a, "what suits", quiet(a))
		clear := a.Picture()
		for _, open := range []func(){func() { press(a, "Enter") }, func() { click(t, a, "openButton") }} {
			click(t, a, "open")
			erase(a)
			typed(a, "nothing")
			open()
			answered(t, a)
			if a.field == nil || a.field.problem == "" || a.toast.text != "" {
				t.Fatalf("%v: in the field it says %+v, in the toast %q", size, a.field, a.toast.text)
			}
			field, _, _ := a.find("open")
			button, _, _ := a.find("openButton")
			picture := a.Picture()
			red := reddened(clear, picture, field.rect.Inset(-1))
			if red.Dy() < 20 || red.Min.X < int(field.rect.X) || red.Max.X > int(button.rect.Right()) {
				t.Errorf("%v: what is wrong is at %v, below the field %v and the button %v", size, red, field.rect, button.rect)
			}
			if below := picture.RGBAAt(red.Max.X, red.Max.Y+2); below != a.th.Surface {
				t.Errorf("%v: what is wrong reaches out of its card", size)
			}
			press(a, "Esc")
		}
	}
}

// TestClickThroughAMove: what the button went down on is clicked, though it moves when
// the field before it is left.
func TestClickThroughAMove(t *testing.T) {
	a, source, _ := with(t, sample(), 1440, 900, 1)
	click(t, a, "Momentum")
	typed(a, "11")
	press(a, "Enter")
	before, _, _ := a.find("validate")
	click(t, a, "validate")
	if after, _, _ := a.find("validate"); after.rect == before.rect {
		t.Fatal("it does not move")
	}
	if got := sent(t, source); got.Verb != monitor.Validate {
		t.Errorf("it sent %+v", got)
	}
}
