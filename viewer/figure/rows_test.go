package figure

import (
	"image"
	"image/color"
	"testing"

	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// Pictures lie in rows below the heads of their columns, each as it is.
func TestRows(t *testing.T) {
	var rows [][]*image.RGBA
	ink := func(row, column int) color.RGBA { return color.RGBA{uint8(50 * row), uint8(50 * column), 200, 255} }
	for row := range 2 {
		var pictures []*image.RGBA
		for column := range 3 {
			img := image.NewRGBA(image.Rect(0, 0, 40, 40))
			for i := range 40 * 40 {
				img.SetRGBA(i%40, i/40, ink(row, column))
			}
			pictures = append(pictures, img)
		}
		rows = append(rows, pictures)
	}
	got := Rows(draw.NewFonts(), theme.Light, []string{"centre", "epoch 1", "epoch 2"}, rows)
	if size := got.Rect.Size(); size != image.Pt(2*sheetGap+3*40+2*rowsGap, rowsHead+sheetGap+2*(40+rowsGap)) {
		t.Errorf("the page has %v pixels", size)
	}
	for row := range 2 {
		for column := range 3 {
			x, y := sheetGap+column*(40+rowsGap), rowsHead+row*(40+rowsGap)
			for _, at := range []image.Point{{x, y}, {x + 39, y + 39}} {
				if c := got.RGBAAt(at.X, at.Y); c != ink(row, column) {
					t.Errorf("%v is %v, want %v", at, c, ink(row, column))
				}
			}
			if c := got.RGBAAt(x+40, y+40); c == ink(row, column) {
				t.Errorf("picture %d of row %d is too large", column, row)
			}
		}
	}
	inked := false
	for x := range got.Rect.Dx() {
		inked = inked || got.RGBAAt(x, rowsHead-10) != got.RGBAAt(0, 0)
	}
	if !inked {
		t.Error("there are no heads")
	}
}
