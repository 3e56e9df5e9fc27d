package figure

import (
	"image"
	"image/color"
	"math"
	"strconv"

	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// Sizes of a confusion table.
const (
	confusionSide  = 3000 // of the cells together, about, where there are many
	confusionCell  = 40   // of a cell, at most: room for its count
	confusionLeast = 3
	confusionNames = 180 // the width of the names of classes, at most
	confusionPitch = 18  // from one name to the next, at least
	confusionEdge  = 24
)

// Confusion draws how often images of a class (row) are taken for each class (column):
// the share of the row as the strength of a colour, right ones in validation's, wrong
// ones in that of errors, and the counts where there is room. Of many classes it names
// some, at even distances.
func Confusion(fonts *draw.Fonts, th *theme.Theme, counts [][]int, name func(class int) string) *image.RGBA {
	n := len(counts)
	t := table{cell: min(confusionCell, max(confusionLeast, confusionSide/(3*n)))}
	if t.cell < confusionPitch { // without counts and names of all
		t.cell = max(confusionLeast, min(confusionPitch, confusionSide/n))
	}
	t.step = (confusionPitch + t.cell - 1) / t.cell
	measure, style := draw.Canvas{Scale: 1, Fonts: fonts}, draw.Style{Size: theme.Small}
	names := max(measure.Width(confusionRows, style), measure.Width(confusionColumns, style)) // in the corner
	for class := 0; class < n; class += t.step {
		names = max(names, min(confusionNames, measure.Width(name(class), style)))
	}
	t.at = int(math.Ceil(names)) + confusionEdge + barGap
	side := float64(t.at + n*t.cell + confusionEdge)
	t.Canvas = draw.New(draw.Rect{W: side, H: side}, 1, fonts)
	t.Fill(draw.Rect{W: side, H: side}, th.Background)
	t.names(th, n, names, name)
	t.cells(th, counts)
	return t.Image
}

const confusionRows, confusionColumns = "rows: true class", "columns: taken for"

// table is a confusion table on its canvas.
type table struct {
	*draw.Canvas
	at   int // where the cells begin, to the right and down
	cell int
	step int // from one class that is named to the next
}

// names writes the names of classes beside rows and, turned, above columns.
func (t *table) names(th *theme.Theme, n int, width float64, name func(class int) string) {
	style, at, end := draw.Style{Size: theme.Small}, float64(t.at), n*t.cell
	right := at - barGap
	t.TextRight(right, right-theme.SmallLine, confusionColumns, style, th.Text2)
	t.TextRight(right, right, confusionRows, style, th.Text2)
	t.FillPixels(image.Rect(t.at, t.at, t.at+end, t.at+end), th.Surface)
	for class := 0; class < n; class += t.step {
		text, from := t.Fit(name(class), style, width), t.at+class*t.cell
		middle := from + t.cell/2
		t.TextRight(right, float64(middle)+4.5, text, style, th.Text)
		t.turned(middle-confusionPitch/2, t.at-barGap, text, style, th.Text, th.Background)
		t.FillPixels(image.Rect(t.at, from, t.at+end, from+1), th.Grid)
		t.FillPixels(image.Rect(from, t.at, from+1, t.at+end), th.Grid)
	}
}

// turned writes text from a place upwards, in a strip as wide as a line.
func (t *table) turned(left, bottom int, text string, style draw.Style, ink, ground color.RGBA) {
	line := draw.Rect{W: math.Ceil(t.Width(text, style)), H: confusionPitch}
	c := draw.New(line, 1, t.Fonts)
	c.Fill(line, ground)
	c.Text(0, 13.5, text, style, ink)
	for x := range c.Image.Rect.Dx() {
		for y := range c.Image.Rect.Dy() {
			t.Image.SetRGBA(left+y, bottom-1-x, c.Image.RGBAAt(x, y))
		}
	}
}

func (t *table) cells(th *theme.Theme, counts [][]int) {
	style := draw.Style{Size: theme.Small}
	for row, columns := range counts {
		all := 0
		for _, n := range columns {
			all += n
		}
		for column, n := range columns {
			if n == 0 {
				continue
			}
			ink := th.Error
			if row == column {
				ink = th.Validation
			}
			x, y := t.at+column*t.cell, t.at+row*t.cell
			r := image.Rect(x, y, x+t.cell, y+t.cell)
			if t.cell > 2*confusionLeast {
				r.Min.X, r.Min.Y = x+1, y+1 // the grid stays
			}
			share := float64(n) / float64(all)
			t.FillPixels(r, theme.Mix(th.Surface, ink, 0.15+0.85*math.Sqrt(share))) // one of many is seen, too
			count := strconv.Itoa(n)
			if t.Width(count, style)+2 <= float64(t.cell) && t.cell >= confusionPitch {
				text := th.Text
				if share > 0.5 {
					text = th.Surface
				}
				t.TextCenter(float64(x)+float64(t.cell)/2, float64(y)+float64(t.cell)/2+4.5, count, style, text)
			}
		}
	}
}
