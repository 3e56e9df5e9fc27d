package figure

import (
	"image"
	"image/color"
	"testing"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/draw/golden"
	"alexnet/viewer/theme"
)

// The right class is another colour's, wherever it stands; where it is not known the
// image's title stands below the image.
func TestSheetGolden(t *testing.T) {
	picture := func(n int) *image.RGBA {
		m := image.NewRGBA(image.Rect(0, 0, 16, 16))
		for i := range 16 * 16 {
			m.SetRGBA(i%16, i/16, color.RGBA{byte(i%16*16 + n), byte(i / 16 * 16), byte(n * 50), 255})
		}
		return m
	}
	classes := []string{"mite", "container ship", "motor scooter", "leopard", "a class whose name is much longer than any bar"}
	guesses := []monitor.Guess{{Class: 3, Probability: 0.8}, {Class: 0, Probability: 0.1}, {Class: 4, Probability: 0.06}, {Class: 1, Probability: 0.04}, {Class: 2}}
	var list []Seen
	for i, label := range []int{3, 0, -1, 2, 3} {
		list = append(list, Seen{Picture: picture(i), Title: "photograph.jpg", Label: label, Guesses: guesses})
	}
	golden.Check(t, "sheet", Sheet(draw.NewFonts(), theme.Light, 1, list, func(class int) string { return classes[class] }))
}
