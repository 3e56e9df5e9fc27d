package viewer

import (
	"image"
	"image/color"
	"slices"
)

// paletted gives a picture 256 colours: 5 x 5 x 5 that are never far from any, and
// those that it has most of, in 32 steps of red, green and blue. Nothing is
// dithered: a weight stays one even square.
func paletted(img *image.RGBA) *image.Paletted {
	const colours = 1 << 15
	key := func(p []uint8) int { return int(p[0]>>3)<<10 | int(p[1]>>3)<<5 | int(p[2]>>3) }
	counts := make([]int, colours)
	for i := 0; i < len(img.Pix); i += 4 {
		counts[key(img.Pix[i:])]++
	}
	var used []int
	for k, n := range counts {
		if n > 0 {
			used = append(used, k)
		}
	}
	slices.SortStableFunc(used, func(a, b int) int { return counts[b] - counts[a] })
	level := func(v int) uint8 { return uint8((v & 31) * 255 / 31) }
	var colors color.Palette
	for i := range 125 {
		colors = append(colors, color.RGBA{uint8(i / 25 * 255 / 4), uint8(i / 5 % 5 * 255 / 4), uint8(i % 5 * 255 / 4), 255})
	}
	for _, k := range used[:min(256-len(colors), len(used))] {
		colors = append(colors, color.RGBA{level(k >> 10), level(k >> 5), level(k), 255})
	}
	index := make([]uint8, colours)
	for _, k := range used {
		index[k] = uint8(colors.Index(color.RGBA{level(k >> 10), level(k >> 5), level(k), 255}))
	}
	out := image.NewPaletted(img.Rect, colors)
	for i := range out.Pix {
		out.Pix[i] = index[key(img.Pix[4*i:])]
	}
	return out
}
