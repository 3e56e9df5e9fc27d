package figure

import (
	"image"
	"image/color"
	"strings"
	"testing"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/draw/golden"
	"alexnet/viewer/theme"
)

// The right class is another colour's, wherever it stands; where it is not known the
// image's title stands below the image. A sheet of mistakes names files and what the images
// are taken for.
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
	sheet := Sheet{List: list, Name: func(class int) string { return classes[class] }}
	golden.Check(t, "sheet", sheet.Draw(draw.NewFonts(), theme.Light, 1))

	for i, file := range []string{"val/leopard/1.jpg", "a/path/that/is/longer/than/there/is/room/for/below/a/picture/val/mite/image_0002.jpg", "3.jpg", "val/motor scooter/4.jpg", "generated image 5 of seed 1"} {
		list[i].File = file
	}
	list[1].Label, list[2].Label, list[3].Guesses = 4, 3, append([]monitor.Guess{{Class: 1, Probability: 0.9}}, guesses...)[:5]
	sheet.Files, sheet.Heading = true, "The surest 5 of 12 mistakes"
	sheet.Note = "What the pictures are of is told here. " + strings.Repeat("It may be longer than a line is. ", 12)
	golden.Check(t, "sheet-mistakes", sheet.Draw(draw.NewFonts(), theme.Light, 1))
}

func TestFullColumns(t *testing.T) {
	for images, want := range map[int]int{1: 1, 3: 3, 4: 4, 5: 5, 6: 3, 7: 4, 8: 4, 9: 3, 10: 5, 16: 4, 17: 6, 40: 8} {
		if got := fullColumns(images); got != want {
			t.Errorf("%d columns of %d images, want %d", got, images, want)
		}
	}
}
