package figure

import (
	"image"

	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// Sizes of rows of pictures.
const (
	rowsGap  = 8
	rowsHead = 30
)

// Rows draws rows of pictures of one size, with heads above their columns.
func Rows(fonts *draw.Fonts, th *theme.Theme, heads []string, rows [][]*image.RGBA) *image.RGBA {
	side := float64(rows[0][0].Rect.Dx())
	page := draw.Rect{W: sheetGap*2 + float64(len(heads))*(side+rowsGap) - rowsGap, H: rowsHead + sheetGap + float64(len(rows))*(side+rowsGap)}
	c := draw.New(page, 1, fonts)
	c.Fill(page, th.Background)
	style := draw.Style{Size: theme.Small}
	for i, head := range heads {
		x := sheetGap + float64(i)*(side+rowsGap)
		c.TextCenter(x+side/2, rowsHead-8, c.Fit(head, style, side), style, th.Text2)
		for j, row := range rows {
			c.Picture(row[i], c.Px(x), c.Px(rowsHead+float64(j)*(side+rowsGap)), 1)
		}
	}
	return c.Image
}
