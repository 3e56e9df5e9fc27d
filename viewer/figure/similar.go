package figure

import (
	"image"
	"image/color"

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

// Sizes of a sheet of similar images.
const (
	alikePicture = 128 // what pictures are brought near to by whole factors
	alikeGap     = 8
	alikeApart   = 24 // between an image and its neighbours
	alikeTitle   = 26
)

// Similar draws images and beside each those that are most similar to it, as the paper's
// Figure 4, right, does, with scale pixels for each of the design's. Neighbours of the
// image's class have its name in validation's colour.
func Similar(fonts *draw.Fonts, th *theme.Theme, scale int, list []Alike, name func(class int) string) *image.RGBA {
	most := 0
	for _, a := range list {
		most = max(most, len(a.Near))
	}
	side, zoom := alikeSide(list[0].Picture.Rect.Dx())
	pitch := float64(side*zoom) + alikeGap
	page := draw.Rect{W: 2*sheetGap + pitch*float64(most+1) - alikeGap + alikeApart, H: 2*sheetGap + float64(len(list))*(float64(side*zoom)+alikeTitle)}
	c := draw.New(page, float64(scale), fonts)
	c.Fill(page, th.Background)
	for i, a := range list {
		r := draw.Rect{X: sheetGap, Y: sheetGap + float64(i)*(float64(side*zoom)+alikeTitle), W: float64(side * zoom), H: float64(side * zoom)}
		title(c, r, a.Title, a.Label, a.Label >= 0, th.Text, th, name)
		c.Picture(shrunk(a.Picture, side), c.Px(r.X), c.Px(r.Y), zoom*scale)
		r.X += alikeApart
		for _, n := range a.Near {
			r.X += pitch
			ink, same := th.Text2, n.Label >= 0 && n.Label == a.Label
			if same {
				ink = th.Validation
			}
			title(c, r, n.Title, n.Label, same, ink, th, name)
			c.Picture(shrunk(n.Picture, side), c.Px(r.X), c.Px(r.Y), zoom*scale)
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

// alikeSide is the size that pictures of a size are shrunk to, and by what they are
// enlarged then.
func alikeSide(size int) (side, zoom int) {
	for side = size; side >= 2*alikePicture; side /= 2 {
	}
	return side, max(1, alikePicture/side)
}

// shrunk is a picture of a size halved until it has another one.
func shrunk(p *image.RGBA, side int) *image.RGBA {
	for p.Rect.Dx() > side {
		half := image.NewRGBA(image.Rect(0, 0, p.Rect.Dx()/2, p.Rect.Dy()/2))
		for y := range half.Rect.Dy() {
			for x := range half.Rect.Dx() {
				a, b := p.PixOffset(p.Rect.Min.X+2*x, p.Rect.Min.Y+2*y), p.PixOffset(p.Rect.Min.X+2*x, p.Rect.Min.Y+2*y+1)
				for k := range 4 {
					sum := int(p.Pix[a+k]) + int(p.Pix[a+4+k]) + int(p.Pix[b+k]) + int(p.Pix[b+4+k])
					half.Pix[half.PixOffset(x, y)+k] = uint8((sum + 2) / 4)
				}
			}
		}
		p = half
	}
	return p
}
