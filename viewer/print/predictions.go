package print

import (
	"math"

	"alexnet/viewer/draw"
	"alexnet/viewer/figure"
	"alexnet/viewer/theme"
)

// Predictions is Figure 4: images, and below each the bars of what it is taken for; and
// to the right of them, if there are any, images with those most similar to them.
func Predictions(fonts *draw.Fonts, list []figure.Seen, similar []figure.Alike, name func(class int) string) *Page {
	th := *theme.Light
	th.Background, th.Surface, th.Text, th.Text2, th.Text3 = white, theme.Light.Raised, black, black, theme.Light.TrainRaw
	left, right := figure.Sheet{List: list, Name: name}, figure.Similar{List: similar, Name: name}
	if len(similar) == 0 {
		return framed(fonts, left.Draw(fonts, &th, scale))
	}
	left.Columns, right.Side = halves(fonts, left, right)
	page := framed(fonts, left.Draw(fonts, &th, scale))
	img := right.Draw(fonts, &th, scale)
	page.add(picture{x: page.w, img: img})
	page.w, page.h = page.w+float64(img.Rect.Dx())/scale, max(page.h, float64(img.Rect.Dy())/scale)
	return page
}

// Of a page of two halves.
const (
	similarLeast = 96  // the size of the right half's pictures
	similarMost  = 256 // and where it ends
	similarShape = 2.0 // how many times as wide as high the page is best, as the paper's figure is
	shapePrice   = 0.1 // what another shape costs, in empty parts of the page for each factor of e
)

// halves are the columns of the left half and the size of the right one's pictures that
// together leave the least of the page empty: both halves are as high as each other, unless
// pictures would be too small or too large.
func halves(fonts *draw.Fonts, left figure.Sheet, right figure.Similar) (columns int, side float64) {
	least := math.Inf(1)
	for n := len(left.List); n > 0; n-- {
		left.Columns = n
		_, high := left.Size(fonts, scale)
		right.Side = min(similarMost, max(similarLeast, right.SideFor(high)))
		empty, shape := room(fonts, left, right)
		if price := empty + shapePrice*math.Abs(math.Log(shape/similarShape)); price < least {
			least, columns, side = price, n, right.Side
		}
	}
	return columns, side
}

// room is which part of a page of two halves is empty, and how many times as wide as high the
// page is.
func room(fonts *draw.Fonts, left figure.Sheet, right figure.Similar) (empty, shape float64) {
	w, h := left.Size(fonts, scale)
	beside, high := right.Size()
	page := (w + beside) * max(h, high)
	rows := (len(left.List) + left.Columns - 1) / left.Columns
	filled := w*h*float64(len(left.List))/float64(left.Columns*rows) + beside*high
	return 1 - filled/page, (w + beside) / max(h, high)
}
