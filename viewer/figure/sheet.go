package figure

import (
	"image"
	"math"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// Seen is an image with what a network takes it for.
type Seen struct {
	Picture *image.RGBA // all of a sheet are of one size
	Title   string      // below the picture where the label is not known
	File    string      // where it comes from
	Label   int         // -1: not known
	Guesses []monitor.Guess
}

// Sheet is images and below each what it is and the bars of the most probable classes, as
// in the paper's Figure 4.
type Sheet struct {
	List []Seen
	Name func(class int) string

	Columns int // of images; 0: about as many as rows, so that the last row is full if that can be

	Heading string // above the images; "": none
	Note    string // below the heading
	Files   bool   // below each image its file, too, and what it is wrongly taken for
}

// Sizes of a sheet.
const (
	sheetColumns = 4   // or so at least, of so many images
	sheetPicture = 256 // what small pictures are enlarged to, at most
	sheetNames   = 200 // the width of the names of classes, at most
	sheetBar     = 114 // the width of a bar, at least
	sheetGap     = 24
	sheetTitle   = 34
)

// sheetLayout is where a sheet's parts lie, in the design's pixels.
type sheetLayout struct {
	columns, zoom int
	names         float64 // the width of the names of classes
	above         float64 // the height of heading and note
	note          []string
	cell, page    draw.Rect
}

func (s *Sheet) layout(c *draw.Canvas) (l sheetLayout) {
	if l.columns = s.Columns; l.columns == 0 {
		l.columns = fullColumns(len(s.List))
	}
	rows := (len(s.List) + l.columns - 1) / l.columns
	size, bars := 0, 0
	for _, seen := range s.List {
		size, bars = max(size, seen.Picture.Rect.Dx()), max(bars, len(seen.Guesses))
		for _, g := range seen.Guesses {
			l.names = max(l.names, min(sheetNames, c.Width(s.Name(g.Class), draw.Style{Size: theme.Small, Bold: true})))
		}
	}
	l.zoom = max(1, sheetPicture/size)
	side := float64(size * l.zoom)
	l.cell = draw.Rect{W: max(l.names+barGap+sheetBar+barValues, side), H: side + s.captions() + float64(bars)*barPitch}
	l.page.W = sheetGap + float64(l.columns)*(l.cell.W+sheetGap)
	if s.Heading != "" {
		l.note = c.Wrap(s.Note, draw.Style{Size: theme.Small}, l.page.W-2*sheetGap)
		l.above = theme.SmallLine*float64(1+len(l.note)) + sheetGap
	}
	l.page.H = sheetGap + l.above + float64(rows)*(l.cell.H+sheetGap)
	return l
}

// fullColumns are columns for so many images: about the square root, of which those that leave
// the fewest places empty.
func fullColumns(images int) int {
	wish := max(sheetColumns, int(math.Ceil(math.Sqrt(float64(images)))))
	empty := func(columns int) int { return (images+columns-1)/columns*columns - images }
	best := wish
	for _, columns := range []int{wish + 1, wish - 1} {
		if empty(columns) < empty(best) {
			best = columns
		}
	}
	return min(best, images)
}

// Size is the sheet's with scale pixels for each of the design's, in the design's.
func (s *Sheet) Size(fonts *draw.Fonts, scale int) (w, h float64) {
	page := s.layout(&draw.Canvas{Scale: float64(scale), Fonts: fonts}).page
	return page.W, page.H
}

// captions is the height of what is written between a picture and its bars.
func (s *Sheet) captions() float64 {
	if s.Files {
		return sheetTitle + theme.SmallLine
	}
	return sheetTitle
}

// Draw draws the sheet with scale pixels for each of the design's.
func (s *Sheet) Draw(fonts *draw.Fonts, th *theme.Theme, scale int) *image.RGBA {
	l := s.layout(&draw.Canvas{Scale: float64(scale), Fonts: fonts})
	c := draw.New(l.page, float64(scale), fonts)
	c.Fill(l.page, th.Background)
	bold := draw.Style{Size: theme.Small, Bold: true}
	c.Text(sheetGap, sheetGap+13, c.Fit(s.Heading, bold, l.page.W-2*sheetGap), bold, th.Text)
	for i, line := range l.note {
		c.Text(sheetGap, sheetGap+13+theme.SmallLine*float64(i+1), line, draw.Style{Size: theme.Small}, th.Text2)
	}
	for i, seen := range s.List {
		r := l.cell
		r.X = sheetGap + float64(i%l.columns)*(r.W+sheetGap)
		r.Y = sheetGap + l.above + float64(i/l.columns)*(r.H+sheetGap)
		s.seen(c, th, r, l, seen)
	}
	return c.Image
}

func (s *Sheet) seen(c *draw.Canvas, th *theme.Theme, r draw.Rect, l sheetLayout, seen Seen) {
	side := float64(seen.Picture.Rect.Dx() * l.zoom)
	c.Picture(seen.Picture, c.Px(r.X+(r.W-side)/2), c.Px(r.Y), l.zoom*int(c.Scale))
	y := r.Y + side
	s.caption(c, th, draw.Rect{X: r.X, Y: y, W: r.W}, seen)
	y += s.captions()
	Prediction(c, th, draw.Rect{X: r.X, Y: y, W: r.W, H: r.Bottom() - y}, l.names, seen.Guesses, seen.Label, s.Name)
}

// caption writes what an image is: its class where that is known.
func (s *Sheet) caption(c *draw.Canvas, th *theme.Theme, r draw.Rect, seen Seen) {
	small, bold := draw.Style{Size: theme.Small}, draw.Style{Size: theme.Small, Bold: true}
	if s.Files {
		c.TextCenter(r.X+r.W/2, r.Y+21+theme.SmallLine, c.FitEnd(seen.File, small, r.W), small, th.Text2)
	}
	if seen.Label < 0 {
		c.TextCenter(r.X+r.W/2, r.Y+21, c.Fit(seen.Title, small, r.W), small, th.Text2)
		return
	}
	class, taken := s.Name(seen.Label), ""
	if s.Files && len(seen.Guesses) > 0 && seen.Guesses[0].Class != seen.Label {
		taken = ", taken for " + s.Name(seen.Guesses[0].Class)
	}
	// Of two names that have no room beside each other each has half of it at least.
	class = c.Fit(class, bold, max(r.W/2, r.W-c.Width(taken, small)))
	taken = c.Fit(taken, small, r.W-c.Width(class, bold))
	x := r.X + r.W/2 - (c.Width(class, bold)+c.Width(taken, small))/2
	c.Text(x+c.Text(x, r.Y+21, class, bold, th.Text), r.Y+21, taken, small, th.Text)
}
