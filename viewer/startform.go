package viewer

import (
	"fmt"
	"image/color"
	"slices"
	"strconv"
	"strings"

	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// form is "Train on my folder". What the user has not filled in is what the program
// thinks right: each change has it look at the whole order again.
type form struct {
	folder, batch, passes string // as they were typed
	recipe                string
	devices               []string           // by column
	changed               map[string]changes // settings, by recipe

	checked  Checked
	problem  string // in words of the form's own: what was typed is no number
	field    string // that has the problem
	round    int    // of the newest check
	checking bool
	begin    bool // once it is checked
}

// order is what is asked for, and which of the fields is wrong where what was typed into
// it is no number; that is left to the program then.
func (f *form) order() (o Order, field, problem string) {
	o = Order{Folder: strings.TrimSpace(f.folder), Recipe: f.recipe, Devices: slices.Clone(f.devices), Set: f.changes().set()}
	for _, number := range []struct {
		field, name, text string
		most              int
		into              func(n int)
	}{
		{BatchField, "Batch", f.batch, 65536, func(n int) { o.Batch = n }},
		{PassesField, "Passes", f.passes, 100000, func(n int) { o.Passes = float64(n) }},
	} {
		text := strings.TrimSpace(number.text)
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		switch {
		case err == nil && n >= 1 && n <= number.most:
			number.into(n)
		case problem == "":
			field, problem = number.field, fmt.Sprintf("%s must be a whole number from 1 to %s.", number.name, theme.Count(number.most))
		}
	}
	return o, field, problem
}

// changes are those of the settings of the recipe that is chosen.
func (f *form) changes() changes {
	if f.recipe == "" {
		return f.changed[f.checked.Order.Recipe]
	}
	return f.changed[f.recipe]
}

// openSettings shows all settings of the recipe that is chosen.
func (f *form) openSettings(a *App) {
	list, recipe := f.checked.Settings, f.checked.Order.Recipe
	if list == nil {
		return
	}
	a.openSettings(recipe, newSettings(list, f.changed[recipe], func(c changes) {
		f.change(recipe, c)
		f.check(a)
	}))
}

// change keeps changed settings. Those that are fields of the form as well are the
// form's no longer: what was changed last counts.
func (f *form) change(recipe string, c changes) {
	if _, is := c.text(BatchField); is {
		f.batch = ""
	}
	if _, is := c.text(PassesField); is {
		f.passes = ""
	}
	if f.changed == nil {
		f.changed = map[string]changes{}
	}
	f.changed[recipe] = c
}

// check looks at the order, on a goroutine; only the newest answer counts. Begun is none but
// the order that start was pressed for.
func (f *form) check(a *App) {
	if a.options.Check == nil {
		return
	}
	a.redraw(pagePart)
	f.round++
	o, field, problem := f.order()
	f.field, f.problem, f.checking, f.begin = field, problem, true, false
	check, wake, round := a.options.Check, a.options.Wake, f.round
	go func() {
		found := check(o)
		a.post(func() {
			if round != f.round {
				return
			}
			if problem != "" && found.Field != FolderField { // which is the first
				found.Field, found.Problem = field, problem
			}
			f.take(a, found)
		})
		wake()
	}()
}

// take takes in what was found, and begins if that was asked for and nothing is typed or
// asked meanwhile: who goes on editing means another order.
func (f *form) take(a *App, found Checked) {
	begin := f.begin
	f.checked, f.checking, f.begin = found, false, false
	f.field, f.problem = found.Field, found.Problem
	a.answered(f.field)
	a.redraw(pagePart)
	editing := a.cover != nil || a.field != nil && a.retyped(a.field.id)
	if begin && found.Begin != nil && a.snap == nil && !editing {
		a.begin(found.Begin)
	}
}

// trainOn names the folder.
func (f *form) trainOn(a *App, folder string) {
	a.goOn()
	f.folder = folder
	f.check(a)
}

// start begins to train, behind a look at how things are now.
func (f *form) start(a *App) {
	if strings.TrimSpace(f.folder) == "" {
		f.field, f.problem = FolderField, "Name a folder that holds a folder of images for each class, or a pack."
		a.edit(f.folderEntry(a))
		return
	}
	f.check(a)
	f.begin = f.problem == ""
}

// entry is a field that what is typed goes into. What is left as the program filled it
// in goes on to be the program's.
func (f *form) entry(a *App, id, value string, into *string) entry {
	keep := func(text string) {
		if text != value && text != *into {
			*into = text
			for recipe, c := range f.changed {
				f.changed[recipe] = c.without(id)
			}
			f.check(a)
		}
	}
	return entry{id: id, value: value, wrong: f.problem != "" && f.field == id, keep: keep,
		apply: func(text string) string { keep(text); return "" }, asks: func() bool { return f.checking || f.problem != "" && f.field == id }}
}

func (f *form) folderEntry(a *App) entry {
	e := f.entry(a, FolderField, f.folder, &f.folder)
	e.left, e.path, e.hint = true, folderPath, "of images, or a pack"
	return e
}

// draw draws the form from r's upper edge down and returns its height.
func (f *form) draw(p *painter, r draw.Rect, z sizes) float64 {
	a := p.app
	r.H = f.height(p, z)
	p.Fill(r, p.th.Surface)
	p.Frame(r, 1, p.th.Line)
	p.Text(r.X+theme.Margin, r.Y+min(34, z.head-12), "Train on my folder", strong, p.th.Text)
	if a.options.Check == nil {
		p.paragraph(r.X+theme.Margin, r.Y+z.head, r.W-2*theme.Margin, "This window cannot train.", small, p.th.Text2)
		return r.H
	}
	row := draw.Rect{X: r.X + theme.Margin, Y: r.Y + z.head, W: r.W - 2*theme.Margin, H: theme.Control}
	row = f.folderRow(p, row, z)
	row = f.recipeRow(p, row, z)
	row = f.deviceRows(p, row, z)
	row = f.numberRow(p, row, z, "Batch", f.entry(a, BatchField, shown(f.batch, float64(f.checked.Order.Batch)), &f.batch), f.checked.Memory)
	length := "passes"
	switch {
	case f.checked.Length != "" && f.checked.Order.Passes == 0 && f.passes == "":
		length = f.checked.Length // the recipe counts steps, by a setting
	case f.checked.Length != "":
		length += ", " + f.checked.Length
	}
	row = f.numberRow(p, row, z, "Stop after", f.entry(a, PassesField, shown(f.passes, f.checked.Order.Passes), &f.passes), length)
	label := "Start training"
	if f.begin {
		label = "Looking …"
	}
	start := draw.Rect{X: row.X + labels, Y: row.Y, W: 132, H: z.foot}
	p.button(start, "startForm", label, look{primary: true, disabled: f.begin}, func() { f.start(a) })
	more := draw.Rect{X: start.Right() + 8, Y: row.Y, W: row.Right() - start.Right() - 8, H: z.foot}
	p.button(more, "formSettings", settingsLabel(f.changes()), look{key: "A", disabled: f.checked.Settings == nil}, func() { f.openSettings(a) })
	if f.problem != "" && !slices.Contains([]string{FolderField, BatchField, PassesField}, f.field) {
		p.note(draw.Rect{X: row.X, Y: start.Bottom() + 4, W: row.W}, z.below, f.problem, p.th.Error)
	}
	return r.H
}

// wrong is what is wrong with a field that has room for it.
func (f *form) wrong(a *App, field string) string {
	if f.field == field && !a.retyped(field) {
		return f.problem
	}
	return ""
}

// retyped says whether another text is being typed into a field than it had: what was
// found out about that one says nothing about this.
func (a *App) retyped(id string) bool {
	return a.field != nil && a.field.id == id && string(a.field.text) != a.field.value
}

// note draws a text of the form in so many lines from r's upper edge down. Of one that is
// longer the paths are shortened at first; it is told as a whole where it is pointed at.
func (p *painter) note(r draw.Rect, most int, text string, ink color.RGBA) {
	lines := p.Wrap(text, small, r.W)
	if len(lines) > most {
		lines = p.first(most, p.Wrap(p.shortened(text, most, r.W), small, r.W), r.W)
		p.hint(draw.Rect{X: r.X, Y: r.Y, W: r.W, H: heightOf(most)}, text, text)
	}
	p.lines(r.X, r.Y+14, lines, ink)
}

// shortened takes folders out of the middle of a text's paths until it needs no more
// than so many lines: what is wrong with one stands behind it.
func (p *painter) shortened(text string, most int, width float64) string {
	const gap = "/…/"
	words := strings.Fields(text)
	for i, word := range words {
		parts := strings.Split(word, "/")
		for n := len(parts) - 1; n > 2 && len(p.Wrap(strings.Join(words, " "), small, width)) > most; n-- {
			words[i] = strings.Join(parts[:n/2], "/") + gap + strings.Join(parts[len(parts)-(n-n/2):], "/")
		}
	}
	return strings.Join(words, " ")
}

// labels is the room for the names of the rows.
const labels = 96

// shown is what was typed, or else what is left to the program.
func shown(typed string, otherwise float64) string {
	if strings.TrimSpace(typed) == "" && otherwise > 0 {
		return strconv.FormatFloat(otherwise, 'f', -1, 64)
	}
	return typed
}

// folderHint says what can be named.
const folderHint = "With a folder of images for each class. Or a pack, as alexnet prepare makes one of it."

// Lines below fields.
const (
	foundLines = 3 // the folder's: what is found in it or wrong with it
	whyLines   = 1 // the recipe's: why it was filled in
)

// height is how high the form is. It has room for what is wrong: nothing moves when that
// is said.
func (f *form) height(p *painter, z sizes) float64 {
	if p.app.options.Check == nil {
		return z.demo
	}
	return z.head + z.pitch*float64(4+f.columns()) + heightOf(foundLines+whyLines) + z.foot + heightOf(z.below) + theme.Unit
}

// columns are those of the recipe; as long as it is not known, the paper's: what is
// below should not move.
func (f *form) columns() int {
	if n := len(f.checked.Order.Devices); n > 0 {
		return n
	}
	return 2
}

func (f *form) label(p *painter, row draw.Rect, text string) draw.Rect {
	p.Text(row.X, row.Y+18.5, text, small, p.th.Text2)
	return draw.Rect{X: row.X + labels, Y: row.Y, W: row.W - labels, H: row.H}
}

func (f *form) folderRow(p *painter, row draw.Rect, z sizes) draw.Rect {
	p.fieldBox(f.label(p, row, "Folder"), f.folderEntry(p.app))
	text, ink := f.checked.Found, p.th.Text2
	switch {
	case p.app.retyped(FolderField):
		text = ""
	case f.folder == "":
		text = folderHint
	}
	if wrong := f.wrong(p.app, FolderField); wrong != "" {
		text, ink = wrong, p.th.Error
	}
	if f.checking && f.folder != f.checked.Order.Folder {
		text, ink = "Looking into the folder.", p.th.Text2
	}
	if matches := p.app.matches(FolderField); matches != "" {
		text, ink = matches, p.th.Text2
	}
	p.note(draw.Rect{X: row.X + labels, Y: row.Bottom() + 2, W: row.W - labels}, foundLines, text, ink)
	row.Y += heightOf(foundLines) + z.pitch
	return row
}

func (f *form) recipeRow(p *painter, row draw.Rect, z sizes) draw.Rect {
	box := f.label(p, row, "Recipe")
	var texts []string
	chosen, recipes := -1, f.checked.Recipes // a later answer may have others
	for i, r := range recipes {
		texts = append(texts, r.Text)
		if r.Name == f.checked.Order.Recipe {
			chosen = i
		}
	}
	p.pick(box.X, box.Y, box.W, RecipeField, texts, chosen, func(i int) {
		f.recipe = recipes[i].Name
		f.devices = nil // it may have other columns
		f.check(p.app)
	})
	p.note(draw.Rect{X: box.X, Y: row.Bottom() + 2, W: box.W}, whyLines, f.checked.Why, p.th.Text2)
	row.Y += heightOf(whyLines) + z.pitch
	return row
}

// deviceRows choose a device for each column.
func (f *form) deviceRows(p *painter, row draw.Rect, z sizes) draw.Rect {
	var names, ids []string
	for _, d := range p.app.start.machines.devices {
		if d.Problem == "" && len(f.checked.Order.Devices) > 0 {
			names, ids = append(names, d.Name), append(ids, d.ID)
		}
	}
	for i := range f.columns() {
		box := f.label(p, row, "Column "+strconv.Itoa(i+1))
		p.Fill(draw.Rect{X: box.X, Y: box.Y + 8, W: 12, H: 12}, p.th.Column(i))
		box.X, box.W = box.X+20, box.W-20
		chosen := -1
		if i < len(f.checked.Order.Devices) {
			chosen = slices.Index(ids, f.checked.Order.Devices[i])
		}
		p.pick(box.X, box.Y, box.W, DevicesField+strconv.Itoa(i), names, chosen, func(k int) {
			if devices := slices.Clone(f.checked.Order.Devices); i < len(devices) {
				devices[i] = ids[k]
				f.devices = devices
				f.check(p.app)
			}
		})
		row.Y += z.pitch
	}
	return row
}

func (f *form) numberRow(p *painter, row draw.Rect, z sizes, label string, e entry, note string) draw.Rect {
	box := f.label(p, row, label)
	box.W = 72
	p.fieldBox(box, e)
	room := draw.Rect{X: box.Right() + 12, Y: row.Y + 4.5, W: row.Right() - box.Right() - 12}
	if wrong := f.wrong(p.app, e.id); wrong != "" {
		if len(p.Wrap(wrong, small, room.W)) > 1 {
			room.Y -= heightOf(1) / 2
		}
		p.note(room, 2, wrong, p.th.Error)
	} else {
		p.Text(room.X, row.Y+18.5, p.Fit(note, small, room.W), small, p.th.Text2)
	}
	row.Y += z.pitch
	return row
}
