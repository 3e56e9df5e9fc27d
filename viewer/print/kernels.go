package print

import (
	"image"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/figure"
	"alexnet/viewer/theme"
)

// pageWidth is about as wide as the paper's text, in a page's lengths.
const pageWidth = 550

// Kernels is Figure 3: a first layer's kernels, the columns one above the other.
func Kernels(fonts *draw.Fonts, k *monitor.Kernels) *Page {
	zoom := 1
	for k.Picture(zoom+1).Bounds().Dx() <= pageWidth*scale {
		zoom++
	}
	return framed(fonts, k.Picture(zoom).(*image.RGBA))
}

// Predictions is Figure 4: images, and below each the bars of what it is taken for; and
// to the right of them, if there are any, images with those most similar to them.
func Predictions(fonts *draw.Fonts, list []figure.Seen, similar []figure.Alike, name func(class int) string) *Page {
	th := *theme.Light
	th.Background, th.Surface, th.Text, th.Text2, th.Text3 = white, theme.Light.Raised, black, black, theme.Light.TrainRaw
	sheet := figure.Sheet{List: list, Name: name}
	page := framed(fonts, sheet.Draw(fonts, &th, scale))
	if len(similar) == 0 {
		return page
	}
	right := figure.Similar(fonts, &th, scale, similar, name)
	page.add(picture{x: page.w, img: right})
	page.w, page.h = page.w+float64(right.Rect.Dx())/scale, max(page.h, float64(right.Rect.Dy())/scale)
	return page
}

// framed is a page that holds nothing but a picture.
func framed(fonts *draw.Fonts, img *image.RGBA) *Page {
	p := newPage(float64(img.Rect.Dx())/scale, float64(img.Rect.Dy())/scale, fonts)
	p.add(picture{img: img})
	return p
}
