package data

import (
	"image"
	"io"

	"golang.org/x/image/webp"
)

// decodeWebP decodes a WebP image. The planes of a lossy one are of VP8, which keeps luma
// from 16 to 235 and chroma from 16 to 240 (RFC 6386, section 9.2), but package webp hands
// them out as image.YCbCr, which Go takes for JPEG's full range (golang.org/issue/40173):
// contrast would be lost.
func decodeWebP(r io.Reader) (image.Image, error) {
	img, err := webp.Decode(r)
	if err != nil {
		return nil, err
	}
	switch img := img.(type) {
	case *image.YCbCr:
		return studioRange(img, nil, 0), nil
	case *image.NYCbCrA:
		return studioRange(&img.YCbCr, img.A, img.AStride), nil
	}
	return img, nil
}

// studioRange is an image of limited range by ITU-R BT.601:
//
//	R = 1.164 (Y-16)                   + 1.596 (Cr-128)
//	G = 1.164 (Y-16) - 0.392 (Cb-128) - 0.813 (Cr-128)
//	B = 1.164 (Y-16) + 2.017 (Cb-128)
//
// alpha is its opacity, by rows of stride bytes; nil: it is opaque.
func studioRange(img *image.YCbCr, alpha []uint8, stride int) *image.NRGBA {
	bounds := img.Bounds()
	out := image.NewNRGBA(bounds)
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		row := out.Pix[out.PixOffset(bounds.Min.X, y):]
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			chroma := img.COffset(x, y)
			// In units of 1/65536, as all factors are below.
			luma := 76309*(int(img.Y[img.YOffset(x, y)])-16) + 1<<15
			cb, cr := int(img.Cb[chroma])-128, int(img.Cr[chroma])-128
			row[0] = level(luma + 104597*cr)
			row[1] = level(luma - 25675*cb - 53279*cr)
			row[2] = level(luma + 132201*cb)
			row[3] = 255
			if alpha != nil {
				row[3] = alpha[(y-bounds.Min.Y)*stride+x-bounds.Min.X]
			}
			row = row[4:]
		}
	}
	return out
}

// level is a grey level of units of 1/65536.
func level(v int) uint8 { return uint8(min(max(v>>16, 0), 255)) }
