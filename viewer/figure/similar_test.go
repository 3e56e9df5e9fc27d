package figure

import (
	"image"
	"image/color"
	"testing"

	"alexnet/viewer/draw"
	"alexnet/viewer/draw/golden"
	"alexnet/viewer/theme"
)

// Neighbours of the image's class are told from others; large pictures are halved.
func TestSimilarGolden(t *testing.T) {
	picture := func(n int) *image.RGBA {
		m := image.NewRGBA(image.Rect(0, 0, 512, 512))
		for i := range 512 * 512 {
			m.SetRGBA(i%512, i/512, color.RGBA{byte(i % 512 / 2), byte(i / 512 / 2), byte(n * 30), 255})
		}
		return m
	}
	classes := []string{"mite", "a class whose name is longer than a picture", "leopard"}
	var list []Alike
	for i, label := range []int{2, -1} {
		a := Alike{Seen: Seen{Picture: picture(i), Title: "photograph.jpg", Label: label}}
		for k, label := range []int{2, 1, 0, -1, 2, 2}[i:] {
			a.Near = append(a.Near, Neighbour{Picture: picture(2 + k), Title: "other.jpg", Label: label})
		}
		list = append(list, a)
	}
	similar := Similar{List: list, Name: func(class int) string { return classes[class] }}
	golden.Check(t, "similar", similar.Draw(draw.NewFonts(), theme.Light, 1))

	similar.Side = similar.SideFor(500)
	if _, h := similar.Size(); h != 500 {
		t.Errorf("%g high, want 500", h)
	}
	if got := similar.Draw(draw.NewFonts(), theme.Light, 3).Rect.Dy(); got != 1500 {
		t.Errorf("%d pixels high, want 1500", got)
	}
}
