package print

import (
	"image"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
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

// framed is a page that holds nothing but a picture.
func framed(fonts *draw.Fonts, img *image.RGBA) *Page {
	p := newPage(float64(img.Rect.Dx())/scale, float64(img.Rect.Dy())/scale, fonts)
	p.add(picture{img: img})
	return p
}
