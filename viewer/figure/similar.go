package figure

import (
	"image"
	"image/color"

	xdraw "golang.org/x/image/draw"

	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// Alike is an image with those that are most similar to it, the nearest first.
type Alike struct {
	Seen             // without guesses
	Near []Neighbour // of one size with it
}

// Neighbour is an image that is similar to another.
type Neighbour struct {
	Picture *image.RGBA
	Title   string // where the label is not known
	Label   int    // -1: not known
}

// Similar is images and beside each those that are most similar to it, as in the paper's
// Figure 4, right. Neighbours of the image's class have its name in validation's colour.
type Similar struct {
	List []Alike
	Name func(class int) string
	Side float64 // of a picture, in the design's pixels; 0: near alikePicture
}

// Sizes of a sheet of similar images.
const (
	alikePicture = 128 // what pictures are brought near to by whole factors
	alikeGap     = 8
	alikeApart   = 24 // between an image and its neighbours
	alikeTitle   = 26
)

// side is the size that pictures are drawn with.
func (s *Similar) side() float64 {
	if s.Side > 0 {
		return s.Side
	}
	side := s.List[0].Picture.Rect.Dx()
	for side >= 2*alikePicture {
		side /= 2
	}
	return float64(side * max(1, alikePicture/side))
}

// SideFor is the size of pictures by which the sheet has a height.
func (s *Similar) SideFor(height float64) float64 {
	return (height-2*sheetGap)/float64(len(s.List)) - alikeTitle
}

// Size is the sheet's, in the design's pixels.
func (s *Similar) Size() (w, h float64) {
	most := 0
	for _, a := range s.List {
		most = max(most, len(a.Near))
	}
	return 2*sheetGap + (s.side()+alikeGap)*float64(most+1) - alikeGap + alikeApart, 2*sheetGap + float64(len(s.List))*(s.side()+alikeTitle)
}

// Draw draws the sheet with scale pixels for each of the design's.
func (s *Similar) Draw(fonts *draw.Fonts, th *theme.Theme, scale int) *image.RGBA {
	w, h := s.Size()
	page := draw.Rect{W: w, H: h}
	c := draw.New(page, float64(scale), fonts)
	c.Fill(page, th.Background)
	side := s.side()
	for i, a := range s.List {
		r := draw.Rect{X: sheetGap, Y: sheetGap + float64(i)*(side+alikeTitle), W: side, H: side}
		title(c, r, a.Title, a.Label, a.Label >= 0, th.Text, th, s.Name)
		fitted(c, r, a.Picture)
		r.X += alikeApart
		for _, n := range a.Near {
			r.X += side + alikeGap
			ink, same := th.Text2, n.Label >= 0 && n.Label == a.Label
			if same {
				ink = th.Validation
			}
			title(c, r, n.Title, n.Label, same, ink, th, s.Name)
			fitted(c, r, n.Picture)
		}
	}
	return c.Image
}

// title writes what an image is below it.
func title(c *draw.Canvas, r draw.Rect, text string, label int, bold bool, ink color.RGBA, th *theme.Theme, name func(class int) string) {
	if label >= 0 {
		text = name(label)
	} else {
		ink = th.Text2
	}
	style := draw.Style{Size: theme.Small, Bold: bold && label >= 0}
	c.TextCenter(r.X+r.W/2, r.Bottom()+16, c.Fit(text, style, r.W), style, ink)
}

// fitted draws a picture in a square. What is enlarged much keeps its pixels, as on a Sheet.
func fitted(c *draw.Canvas, r draw.Rect, p *image.RGBA) {
	side, left, top := c.Px(r.W), c.Px(r.X), c.Px(r.Y)
	var scaler xdraw.Scaler = xdraw.CatmullRom
	if side%p.Rect.Dx() == 0 || side >= 3*p.Rect.Dx() {
		scaler = xdraw.NearestNeighbor
	}
	scaler.Scale(c.Image, image.Rect(left, top, left+side, top+side), p, p.Rect, xdraw.Src, nil)
}
