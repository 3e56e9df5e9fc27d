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
	var b bytes.Buffer
	if err := f.SVG(&b, theme.Light, draw.Rect{W: 640, H: 300}); err != nil {
		t.Fatal(err)
	}
	lines, texts := 0, ""
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
			if token.Name.Local == "polyline" {
				lines++
			}
		case xml.CharData:
			texts += string(token)
		}
	}
	if lines != 7 { // raw and smoothed in two pieces each about the NaN, and three others
		t.Errorf("%d lines, want 7", lines)
	}
	for _, want := range []string{"Loss", "Rate", "epoch 0", "rate ÷ 10", "a < b & c 0.9000", "training 0.5662"} {
		if !strings.Contains(texts, want) {
			t.Errorf("%q is missing", want)
		}
	}
}
