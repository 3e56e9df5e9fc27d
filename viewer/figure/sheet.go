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
	Label   int         // -1: not known
	Guesses []monitor.Guess
}

// Sizes of a sheet.
const (
	sheetColumns = 4   // at least, of so many images
	sheetPicture = 256 // what small pictures are enlarged to, at most
	sheetNames   = 200 // the width of the names of classes, at most
	sheetBar     = 114 // the width of a bar, at least
	sheetGap     = 24
	sheetTitle   = 34
)

// Sheet draws images and below each what it is and the bars of the most probable
// classes, as the paper's Figure 4 does, with scale pixels for each of the design's.
func Sheet(fonts *draw.Fonts, th *theme.Theme, scale int, list []Seen, name func(class int) string) *image.RGBA {
	columns := min(len(list), max(sheetColumns, int(math.Ceil(math.Sqrt(float64(len(list)))))))
	rows := (len(list) + columns - 1) / columns
	size, bars, names := 0, 0, 0.0
	measure := draw.Canvas{Scale: float64(scale), Fonts: fonts}
	for _, s := range list {
		size, bars = max(size, s.Picture.Rect.Dx()), max(bars, len(s.Guesses))
		for _, g := range s.Guesses {
			names = max(names, min(sheetNames, measure.Width(name(g.Class), draw.Style{Size: theme.Small, Bold: true})))
		}
	}
	zoom := max(1, sheetPicture/size)
	cell := draw.Rect{W: max(names+barGap+sheetBar+barValues, float64(size*zoom)), H: float64(size*zoom) + sheetTitle + float64(bars)*barPitch}
	page := draw.Rect{W: sheetGap + float64(columns)*(cell.W+sheetGap), H: sheetGap + float64(rows)*(cell.H+sheetGap)}
	c := draw.New(page, float64(scale), fonts)
	c.Fill(page, th.Background)
	for i, s := range list {
		cell.X = sheetGap + float64(i%columns)*(cell.W+sheetGap)
		cell.Y = sheetGap + float64(i/columns)*(cell.H+sheetGap)
		seen(c, th, cell, names, s, zoom, name)
	}
	return c.Image
}

func seen(c *draw.Canvas, th *theme.Theme, r draw.Rect, names float64, s Seen, zoom int, name func(class int) string) {
	side := s.Picture.Rect.Dx() * zoom
	c.Picture(s.Picture, c.Px(r.X+(r.W-float64(side))/2), c.Px(r.Y), zoom*int(c.Scale))
	y := r.Y + float64(side)
	title, style, ink := s.Title, draw.Style{Size: theme.Small}, th.Text2
	if s.Label >= 0 {
		title, style.Bold, ink = name(s.Label), true, th.Text
	}
	c.TextCenter(r.X+r.W/2, y+21, c.Fit(title, style, r.W), style, ink)
	y += sheetTitle
	Prediction(c, th, draw.Rect{X: r.X, Y: y, W: r.W, H: r.Bottom() - y}, names, s.Guesses, s.Label, name)
}
