package plot

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

func TestSVG(t *testing.T) {
	f := sample(theme.Light, true)
	f.Panes[0].Series[3].Name = "a < b & c"
	f.Panes[0].Series[1].Name = "a run whose name is longer than the page"
	f.Panes[0].Series = append(f.Panes[0].Series, &Series{Name: "once", X: []float64{7}, Y: []float64{3}, Ink: theme.Light.Compared, Width: 1.5, Dashed: true})
	var b bytes.Buffer
	if err := f.SVG(&b, theme.Light, draw.NewFonts(), draw.Rect{W: 640, H: 300}); err != nil {
		t.Fatal(err)
	}
	lines, squares, texts := 0, 0, ""
	d := xml.NewDecoder(&b)
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			switch token.Name.Local {
			case "polyline":
				lines++
			case "rect":
				squares++
			}
		case xml.CharData:
			texts += string(token)
		}
	}
	if lines != 7 { // raw and smoothed in two pieces each about the NaN, and three others
		t.Errorf("%d lines, want 7", lines)
	}
	if squares != 10 { // the ground, what clips two panes, four validations, two checkpoints that have room, a single value
		t.Errorf("%d rectangles, want 10", squares)
	}
	for _, want := range []string{"Loss", "Rate", "epoch 0", "Events", "rate ÷ 10", "checkpoint", "a < b & c 0.9000", "a ru…the page 0.5662", "once 3.000"} {
		if !strings.Contains(texts, want) {
			t.Errorf("%q is missing in %q", want, texts)
		}
	}
}
