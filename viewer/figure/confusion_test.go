package figure

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"alexnet/viewer/draw"
	"alexnet/viewer/draw/golden"
	"alexnet/viewer/theme"
)

// confused are counts of images: of most classes most are right.
func confused(classes, images int) [][]int {
	random := rand.New(rand.NewPCG(1, uint64(classes)))
	out := make([][]int, classes)
	for row := range out {
		out[row] = make([]int, classes)
		for range images {
			switch column := random.IntN(classes); {
			case random.IntN(10) < 6:
				out[row][row]++
			case random.IntN(2) == 0:
				out[row][(row+1)%classes]++
			default:
				out[row][column]++
			}
		}
	}
	return out
}

func className(class int) string {
	if class%7 == 3 {
		return fmt.Sprintf("class %d, whose name is longer than others", class)
	}
	return fmt.Sprintf("class %d", class)
}

func TestConfusionGoldens(t *testing.T) {
	for _, classes := range []int{2, 10, 100} {
		counts := confused(classes, 50)
		counts[1] = make([]int, classes) // there is no image of it
		golden.Check(t, fmt.Sprintf("confusion-%d", classes), Confusion(draw.NewFonts(), theme.Light, counts, className))
	}
}

// A table of a thousand classes has a cell for each, in colours that tell right from
// wrong and much from little.
func TestConfusionOfManyClasses(t *testing.T) {
	counts := confused(1000, 50)
	m := Confusion(draw.NewFonts(), theme.Light, counts, className)
	side := m.Rect.Dx()
	if side != m.Rect.Dy() || side < 3000 || side > 3400 {
		t.Fatalf("%v", m.Rect)
	}
	at := func(row, column int) (r, g, b uint8) {
		c := m.RGBAAt(side-confusionEdge-3*(1000-column)+1, side-confusionEdge-3*(1000-row)+1)
		return c.R, c.G, c.B
	}
	for row, columns := range counts {
		for column, n := range columns {
			r, g, b := at(row, column)
			switch {
			case n > 0 && row == column && g <= r, n > 0 && row != column && r <= g:
				t.Fatalf("%d images of class %d as %d are %d, %d, %d", n, row, column, r, g, b)
			case n == 0 && (r < 200 || g < 200 || b < 200):
				t.Fatalf("no image of class %d as %d is %d, %d, %d", row, column, r, g, b)
			}
		}
	}
}
