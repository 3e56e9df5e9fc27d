package theme

import (
	"image/color"
	"math"
	"testing"
)

// luminance is the relative luminance of WCAG 2.1.
func luminance(c color.RGBA) float64 {
	linear := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.03928 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B)
}

func contrast(a, b color.RGBA) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestContrast(t *testing.T) {
	if c := contrast(color.RGBA{0, 0, 0, 255}, color.RGBA{255, 255, 255, 255}); math.Abs(c-21) > 1e-9 {
		t.Fatalf("black on white has contrast %g, want 21", c)
	}
	for _, th := range []*Theme{Dark, Light} {
		for _, c := range []struct {
			name     string
			ink, bed color.RGBA
			least    float64
		}{
			{"text on background", th.Text, th.Background, 4.5},
			{"text on surface", th.Text, th.Surface, 4.5},
			{"text on raised", th.Text, th.Raised, 4.5},
			{"background on text (primary buttons)", th.Background, th.Text, 4.5},
			{"text2 on background", th.Text2, th.Background, 4.5},
			{"text2 on surface", th.Text2, th.Surface, 4.5},
			{"text2 on raised", th.Text2, th.Raised, 4.5},
			{"text3 on background", th.Text3, th.Background, 4.5},
			{"text3 on surface", th.Text3, th.Surface, 4.5},
			{"error on background", th.Error, th.Background, 4.5},
			{"error on surface", th.Error, th.Surface, 4.5},
			{"warning on background", th.Warning, th.Background, 4.5},
			{"text on a warning's row", th.Text, th.WarningRow, 4.5},
			{"text on an error's row", th.Text, th.ErrorRow, 4.5},
			{"column 1 as text", th.Column(0), th.Background, 4.5},
			{"column 2 as text", th.Column(1), th.Background, 4.5},
			{"training line", th.Train, th.Background, 3},
			{"validation line", th.Validation, th.Background, 3},
			{"compared line", th.Compared, th.Background, 3},
		} {
			if got := contrast(c.ink, c.bed); got < c.least {
				t.Errorf("%s: %s has contrast %.2f, want at least %.1f", th.Name, c.name, got, c.least)
			}
		}
	}
}

func TestOther(t *testing.T) {
	if Dark.Other() != Light || Light.Other() != Dark {
		t.Error("the switch does not lead to the other theme")
	}
}
