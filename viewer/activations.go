package viewer

import (
	"image"
	"image/color"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/figure"
	"alexnet/viewer/theme"
)

// activationsPage are a layer's maps for an image, and what the network makes of
// it.
type activationsPage struct {
	layer       int     // of the run's
	image       int     // of the validation set
	album       *album  // looked at instead; nil: none
	column, one int     // the map chosen
	bare        bool    // the image is shown without it
	names       float64 // width of the names of classes: it only grows, or a film's bars would jump
	atlas       []figure.Atlas
}

// watch tells the run what to compute.
func (k *activationsPage) watch(a *App, w *monitor.Watch) {
	if k.layer < len(a.snap.Run.Layers) {
		w.Layer = a.snap.Run.Layers[k.layer]
	}
	w.Image = k.image
	if l := k.album; l != nil {
		w.Image, w.File, w.Frame, w.Playing = -1, l.picture().Path, l.picture().Frame, l.playing
	}
}

// turn chooses another image.
func (k *activationsPage) turn(a *App, by int) {
	if a.wanted() != nil {
		a.say("Snapshots keep the maps of one image (snapshots.image in the recipe).", false)
		return
	}
	if k.album != nil {
		k.album.step(by)
		a.redraw(pagePart)
	} else {
		k.image = max(0, k.image+by)
	}
	a.watch()
}

func (k *activationsPage) turnLayer(a *App, by int) {
	if n := len(a.snap.Run.Layers); n > 0 {
		k.layer = min(n-1, max(0, k.layer+by))
		a.watch()
		a.redraw(pagePart)
	}
}

func (k *activationsPage) draw(p *painter, r draw.Rect) {
	s, why := p.app.then(activationsTab)
	m := s.Maps
	if m == nil {
		p.unloaded(r, activationsTab, why)
		return
	}
	if !p.app.frame.wall {
		k.tools(p, r, m)
	}
	if m.Problem != "" || len(m.Columns) == 0 || m.H == 0 || m.W == 0 {
		p.empty(r, m.Problem)
		return
	}
	photo, maps := activationsLayout(r)
	k.photo(p, photo, m)
	k.maps(p, maps, m)
}

// activationsLayout divides the page below its tools.
func activationsLayout(r draw.Rect) (photo, maps draw.Rect) {
	photo = draw.Rect{X: r.X + theme.Margin, Y: r.Y + 56, H: r.H - 56 - theme.Margin}
	photo.W = min(photoMost, max(photoLeast, photo.H-photoBelow))
	maps = draw.Rect{X: photo.Right() + theme.Group, Y: r.Y + 52, H: r.H - 52 - theme.Margin}
	maps.W = r.Right() - theme.Margin - maps.X
	return photo, maps
}

func (k *activationsPage) tools(p *painter, r draw.Rect, m *monitor.Maps) {
	a, y := p.app, r.Y+12
	x := p.label(k.source(p, r.X+theme.Margin, y, m.Title)+theme.Group, y, "Layer")
	layers := a.snap.Run.Layers
	if a.frame.compact && len(layers) > 0 {
		p.pick(x, y, 110, "layerOf", layers, min(k.layer, len(layers)-1), func(i int) { k.layer = i; a.watch(); a.redraw(pagePart) })
		return
	}
	x = p.choices(x, y, "layer ", layers, k.layer, func(i int) { k.layer = i; a.watch(); a.redraw(pagePart) })
	right := r.Right() - theme.Margin
	if p.loadButton(draw.Rect{X: right - loadWidth, Y: y, W: loadWidth, H: theme.Control}, look{key: "Enter"}) {
		right -= loadWidth + theme.Group
	}
	if room := right - x - theme.Group; room > 60 {
		p.TextRight(right, y+18.5, p.Fit(k.note(a), small, room), small, p.th.Text2)
	}
}

// note says what is to be said beside the tools.
func (k *activationsPage) note(a *App) string {
	switch {
	case a.loadable() && a.snap.Copy.Text != "":
		return a.snap.Copy.Text
	case a.wanted() != nil && a.memory.past != nil:
		return "as they were at step " + theme.Count(a.memory.past.Step)
	case a.wanted() != nil:
		return ""
	case k.album != nil && len(k.album.Pictures) > 1:
		return k.album.note(a.shared())
	}
	return a.copyNote()
}

// source draws what chooses the image, and returns its right end. Snapshots keep one
// image's maps: looking back there is nothing to choose.
func (k *activationsPage) source(p *painter, x, y float64, title string) float64 {
	a := p.app
	if a.wanted() != nil {
		x = p.label(x, y, "Image")
		return x + p.Text(x, y+18.5, title, small, p.th.Text)
	}
	options, chosen := []string{"Validation"}, 0
	acts := []func(){func() { k.choosePicture(a, nil) }}
	if k.album == nil {
		options[0] = title
	} else {
		l := k.album
		options, chosen = append(options, l.Name), 1
		acts = append(acts, func() { k.choosePicture(a, l) })
	}
	if a.options.Find != nil {
		options = append(options, "Open …")
		acts = append(acts, a.openPath)
	}
	x = p.label(x, y, "Image")
	x = p.pick(x, y, 180, "image", options, chosen, func(i int) { acts[i]() }) + 12
	p.button(draw.Rect{X: x, Y: y, W: 34, H: theme.Control}, "before", "", look{icon: draw.Left, withIcon: true}, func() { k.turn(a, -1) })
	p.button(draw.Rect{X: x + 42, Y: y, W: 34, H: theme.Control}, "next", "", look{icon: draw.Right, withIcon: true}, func() { k.turn(a, 1) })
	x += 76
	if l := k.album; l != nil && len(l.Pictures) > 1 {
		icon, label := draw.Play, "Play"
		if l.playing {
			icon, label = draw.Pause, "Stop"
		}
		p.button(draw.Rect{X: x + 8, Y: y, W: 72, H: theme.Control}, "film", label, look{icon: icon, withIcon: true}, func() { k.playOrStop(a) })
		x += 80
	}
	return x
}

// choosePicture looks at an album, or at the validation images.
func (k *activationsPage) choosePicture(a *App, l *album) {
	k.album = l
	a.watch()
	a.redraw(pagePart)
}

// maps draws the columns' maps, all by one scale.
func (k *activationsPage) maps(p *painter, r draw.Rect, m *monitor.Maps) {
	most := 0.0
	for _, c := range m.Columns {
		most = max(most, figure.Strongest(c))
	}
	boxes := mapBoxes(r, len(m.Columns))
	k.atlas = k.atlas[:0]
	for i, values := range m.Columns {
		k.columnTitle(p, boxes[i], i, figure.AboveZero(values))
		ramp := figure.Ramp(p.th.Column(i))
		at := fitColumn(p.Canvas, boxes[i], m.H, m.W, len(values)/(m.H*m.W))
		at.Draw(p.Canvas, values, most, &ramp)
		if i == k.column {
			at.Ring(p.Canvas, k.one)
		}
		k.atlas = append(k.atlas, at)
	}
	k.legend(p, r, m, most)
	a := p.app
	p.hit(hit{rect: r, id: "maps", act: func() { k.choose(a) }, move: func(at draw.Point, in bool) {
		a.hover = nil
		if in {
			a.hover = func(p *painter) { k.readout(p, m) }
		}
		a.parts[pagePart].covered = true
	}})
}

// Of a column's maps: how far below its top they lie, the gaps between columns, and the
// legend's height.
const (
	mapsBelow           = 36
	mapsLegend          = 40
	mapsGapX, mapsGapY  = theme.Group, 8
	mapsLeast, mapsWide = 60, 320 // below which columns lie two side by side; width with room for whole sentences
)

// mapBoxes divides the room for maps among columns: one below the other, or two side by
// side where that leaves too little of it.
func mapBoxes(r draw.Rect, columns int) (out []draw.Rect) {
	r.H -= mapsLegend
	across, rows := 1, columns
	if r.H/float64(rows)-mapsBelow-mapsGapY < mapsLeast {
		across, rows = 2, (columns+1)/2
	}
	w, h := (r.W-mapsGapX*float64(across-1))/float64(across), r.H/float64(rows)
	for i := range columns {
		out = append(out, draw.Rect{X: r.X + float64(i%across)*(w+mapsGapX), Y: r.Y + float64(i/across)*h, W: w, H: h - mapsGapY})
	}
	return out
}

// fitColumn places a column's maps below its title.
func fitColumn(c *draw.Canvas, box draw.Rect, h, w, n int) figure.Atlas {
	at := c.Pixels(draw.Rect{X: box.X, Y: box.Y + mapsBelow, W: box.W, H: box.H - mapsBelow})
	return figure.FitMaps(h, w, n, at.Min.X, at.Min.Y, at.Dx(), at.Dy())
}

// columnTitle names a column and its device over its maps.
func (k *activationsPage) columnTitle(p *painter, r draw.Rect, column int, above float64) {
	p.Fill(draw.Rect{X: r.X, Y: r.Y + 4, W: 4, H: 22}, p.th.Column(column))
	x := r.X + 14
	x += p.Text(x, r.Y+21, "Column "+theme.Count(column+1), strong, p.th.Text) + 14
	share := wholePercent(above) + " of values above zero"
	if r.W < mapsWide {
		share = wholePercent(above) + " above zero"
	}
	p.TextRight(r.Right(), r.Y+21, share, small, p.th.Text2)
	if devices := p.app.snap.Run.Devices; column < len(devices) {
		p.Text(x, r.Y+21, p.Fit(devices[column], small, r.Right()-p.Width(share, small)-14-x), small, p.th.Text2)
	}
}

// legend says below the maps what is to be seen.
func (k *activationsPage) legend(p *painter, r draw.Rect, m *monitor.Maps, most float64) {
	y := r.Bottom() - 12
	left := r.X + p.Text(r.X, y, "black is 0, white "+theme.Digits(most), small, p.th.Text2) + theme.Group
	count := theme.Count(len(m.Columns[0]) / (m.H * m.W))
	if m.H*m.W == 1 {
		count += " units"
	} else {
		count += " maps of " + theme.Count(m.H) + " × " + theme.Count(m.W)
	}
	if len(m.Columns) > 1 {
		count += " a column"
	}
	right := r.Right() - p.Width(count, small) - theme.Group
	p.TextRight(r.Right(), y, count, small, p.th.Text2)
	const hint = "drop an image or a folder on the window"
	if p.app.options.Find != nil && k.album == nil && p.Width(hint, small) <= right-left {
		p.TextCenter((left+right)/2, y, hint, small, p.th.Text3)
	}
}

func (k *activationsPage) under(a *App) (column, one, y, x int, ok bool) {
	at := image.Pt(int(a.pointer.X*a.scale), int(a.pointer.Y*a.scale))
	for column, atlas := range k.atlas {
		if one, y, x, ok := atlas.At(at); ok {
			return column, one, y, x, true
		}
	}
	return 0, 0, 0, 0, false
}

func (k *activationsPage) choose(a *App) {
	if column, one, _, _, ok := k.under(a); ok {
		k.column, k.one = column, one
		a.redraw(pagePart)
	}
}

// readout says the value under the pointer.
func (k *activationsPage) readout(p *painter, m *monitor.Maps) {
	column, one, y, x, ok := k.under(p.app)
	if !ok {
		return
	}
	v, y, x := k.atlas[column].Peak(m.Columns[column][one*m.H*m.W:][:m.H*m.W], y, x)
	text := k.nameOf(p.app, m, column, one)
	if m.H*m.W > 1 {
		text += ", row " + theme.Count(y+1) + ", column " + theme.Count(x+1)
	}
	p.tip(p.app.pointer, text+": "+theme.Digits(float64(v)), p.th.Text)
}

// nameOf names one of a column's maps; a single unit is none, and in the last layer it is
// a class's.
func (k *activationsPage) nameOf(a *App, m *monitor.Maps, column, one int) string {
	if m.H*m.W > 1 {
		return "Map " + theme.Count(one+1)
	}
	name := "Unit " + theme.Count(one+1)
	if layers := a.snap.Run.Layers; len(layers) > 0 && m.Layer == layers[len(layers)-1] {
		for _, before := range m.Columns[:column] {
			one += len(before)
		}
		name += ", " + a.class(one)
	}
	return name
}

// class is a class's name.
func (a *App) class(class int) string {
	if classes := a.snap.Run.Classes; class >= 0 && class < len(classes) && classes[class] != "" {
		return classes[class]
	}
	return "class " + theme.Count(class)
}

// tip writes a line beside the pointer.
func (p *painter) tip(at draw.Point, text string, ink color.RGBA) {
	w := p.Width(text, small) + 24
	page := p.app.frame.rect[pagePart]
	r := draw.Rect{X: at.X + 14, Y: min(at.Y+14, page.Bottom()-30), W: w, H: 28}
	if r.Right() > page.Right() {
		r.X = at.X - 14 - w
	}
	p.Fill(r, p.th.Surface)
	p.Frame(r, 1, p.th.Text3)
	p.Text(r.X+12, r.Y+18.5, text, small, ink)
}
