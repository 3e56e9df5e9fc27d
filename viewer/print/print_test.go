package print

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"image"
	"image/png"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/draw/golden"
	"alexnet/viewer/figure"
)

var fonts = draw.NewFonts()

// relu and tanh reach 25 % between their second and third values: relu falls by 40 % in
// two epochs from 50 %, so that 25 % is 1.25 epochs behind epoch 2; tanh falls by 20 %
// in two epochs from 30 %: half an epoch.
var (
	relu = Curve{Name: "relu", X: []float64{0, 2, 4, 6}, Error: []float64{0.9, 0.5, 0.1, 0.3}}
	tanh = Curve{Name: "tanh & <more>", X: []float64{1, 2, 4}, Error: []float64{0.95, 0.3, 0.1}}
)

func TestCrossing(t *testing.T) {
	for _, c := range []struct {
		curve Curve
		at    float64
		want  float64 // NaN: never
	}{
		{relu, 0.25, 3.25}, {tanh, 0.25, 2.5}, {relu, 0.5, 2}, {relu, 0.95, 0}, {relu, 0.05, math.NaN()}, {Curve{}, 0.25, math.NaN()},
	} {
		got, ok := c.curve.Crossing(c.at)
		if ok == math.IsNaN(c.want) || ok && math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s reaches %g at %g, %v; want %g", c.curve.Name, c.at, got, ok, c.want)
		}
	}
}

func pages() map[string]*Page {
	var ends []Curve // of runs with one validation each: points
	for i, name := range []string{"relu", "tanh", "sigmoid", "abstanh", "none"} {
		ends = append(ends, Curve{Name: name, X: []float64{1}, Error: []float64{0.5 + 0.08*float64(i)}})
	}
	late := Curve{Name: "late", X: []float64{5}, Error: []float64{0.8}}
	two := &monitor.Network{
		Input: monitor.Block{Layer: "image", H: 56, W: 56, Channels: []int{3}},
		Blocks: []monitor.Block{
			{Layer: "conv1", H: 16, W: 16, Channels: []int{48, 48}},
			{Layer: "conv2", H: 7, W: 7, Channels: []int{24, 24}, Sent: []int64{1, 1}},
			{Layer: "fc3", Dense: true, H: 1, W: 1, Channels: []int{1024, 1024}},
		},
	}
	one := &monitor.Network{Input: two.Input, Blocks: []monitor.Block{{Layer: "fc1", Dense: true, H: 1, W: 1, Channels: []int{64}}}}
	k := &monitor.Kernels{Size: 3, Columns: []int{17, 16}, Values: make([]float32, 33*27)}
	for i := range k.Values {
		k.Values[i] = float32(math.Sin(float64(i) * float64(i/27+1) / 40))
	}
	seen := figure.Seen{Picture: image.NewRGBA(image.Rect(0, 0, 16, 16)), Label: 1, Guesses: []monitor.Guess{{Class: 1, Probability: 0.75}, {Probability: 0.25}}}
	for i := range seen.Picture.Pix {
		if seen.Picture.Pix[i] = byte(i); i%4 == 3 {
			seen.Picture.Pix[i] = 255
		}
	}
	alike := figure.Alike{Seen: seen, Near: []figure.Neighbour{{Picture: seen.Picture, Label: 1}, {Picture: seen.Picture}}}
	name := func(class int) string { return []string{"mite", "leopard"}[class] }
	return map[string]*Page{
		"errors":      (&Errors{Title: "Training error rate (%)", Curves: []Curve{relu, tanh, late}, At: 0.25, Note: "The mean of 2 seeds, as far as the shortest run goes, which is too long for a line of the page; and more."}).Page(fonts),
		"ends":        (&Errors{Title: "Validation error rate (%)", Curves: ends}).Page(fonts),
		"network":     Network(fonts, two),
		"network-one": Network(fonts, one),
		"kernels":     Kernels(fonts, k),
		"predictions": Predictions(fonts, []figure.Seen{seen, seen}, nil, name),
		"similar":     Predictions(fonts, []figure.Seen{seen, seen}, []figure.Alike{alike, alike, alike}, name),
	}
}

// The ticks of runs that are much shorter than an epoch are told apart, and so are the epochs
// at which they reach an error; all labels are whole.
func TestShortRuns(t *testing.T) {
	for longest, want := range map[float64][]string{
		30:      {"0", "5", "10", "15", "20", "25", "30", "Epochs"},
		0.019:   {"0", "0.005", "0.01", "0.015", "0.02", "Epochs"},
		0.0041:  {"0", "0.001", "0.002", "0.003", "0.004", "0.005", "Epochs"},
		0.00024: {"0", "0.00005", "0.0001", "0.00015", "0.0002", "0.00025", "Epochs"}, // a few steps on ILSVRC
	} {
		e := Errors{Curves: []Curve{{Name: "a", X: []float64{0, longest}, Error: []float64{0.9, 0.5}}}}
		p := e.Page(fonts)
		var labels []string
		for _, s := range p.shapes {
			if s, is := s.(text); is && s.align == centre {
				labels = append(labels, s.s)
				if s.x+p.width(s.s, s.style)/2 > p.w {
					t.Errorf("%s goes beyond the page", s.s)
				}
			}
		}
		if !slices.Equal(labels, want) {
			t.Errorf("of %g epochs %q, want %q", longest, labels, want)
		}
	}
	for longest, want := range map[float64]string{0.02: "0.0033", 0.3: "0.003", 1: "0.00", 90: "0.00"} {
		e := Errors{Curves: []Curve{{X: []float64{longest}}}}
		if got := e.Epoch(0.00331); got != want {
			t.Errorf("%s of %g epochs, want %s", got, longest, want)
		}
	}
}

// Figure 4 with similar images fills its page, however many images there are: of eight, as in
// the paper, all of it.
func TestHalvesFillThePage(t *testing.T) {
	picture := image.NewRGBA(image.Rect(0, 0, 64, 64))
	name := func(int) string { return "leopard" }
	for images := 1; images <= 16; images++ {
		seen := figure.Seen{Picture: picture, Guesses: make([]monitor.Guess, 5)}
		left, right := figure.Sheet{List: make([]figure.Seen, images), Name: name}, figure.Similar{List: make([]figure.Alike, min(5, images)), Name: name}
		for i := range left.List {
			left.List[i] = seen
		}
		for i := range right.List {
			right.List[i] = figure.Alike{Seen: seen, Near: make([]figure.Neighbour, 6)}
		}
		left.Columns, right.Side = halves(fonts, left, right)
		empty, shape := room(fonts, left, right)
		if most := 0.1; images > 1 && empty > most || images == 8 && empty > 0.001 {
			t.Errorf("of %d images in %d columns %.0f %% of the page are empty", images, left.Columns, 100*empty)
		}
		if shape > 5 || shape < 1.2 || right.Side < similarLeast || right.Side > similarMost {
			t.Errorf("of %d images the page is %.1f times as wide as high, pictures are %g", images, shape, right.Side)
		}
	}
}

func TestGoldens(t *testing.T) {
	for name, p := range pages() {
		golden.Check(t, name, p.Picture())
	}
}

// What stands on a page is in its SVG, in which its pictures can be read.
func TestSVG(t *testing.T) {
	all := pages()
	for name, want := range map[string]struct {
		texts []string
		kind  string // of so many elements
		count int
	}{
		// polygons: two crossings, and a curve of one value
		"errors":      {[]string{"Epochs", "Training error rate (%)", "relu: 25 % at epoch 3.25", "tanh & <more>: 25 % at epoch 2.50", "late: above 25 %", "page; and more."}, "polygon", 4},
		"network":     {[]string{"image", "56 × 56", "× 3", "conv1", "16 × 16", "× 48", "1,024", "column 1", "column 2"}, "polyline", 2 + 4 + 2},
		"network-one": {[]string{"fc1", "64"}, "polyline", 1},
		"kernels":     {nil, "image", 1},
		"predictions": {nil, "image", 1},
	} {
		var b bytes.Buffer
		if err := all[name].SVG(&b); err != nil {
			t.Fatal(err)
		}
		texts, count := "", 0
		for d := xml.NewDecoder(&b); ; {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s is not well-formed: %v", name, err)
			}
			switch token := token.(type) {
			case xml.StartElement:
				if token.Name.Local == want.kind {
					count++
				}
				if token.Name.Local == "image" {
					embedded(t, all[name], token)
				}
			case xml.CharData:
				texts += string(token) + "|"
			}
		}
		if count != want.count {
			t.Errorf("%s: %d elements %s, want %d", name, count, want.kind, want.count)
		}
		for _, s := range want.texts {
			if !strings.Contains(texts, "|"+s+"|") {
				t.Errorf("%s: %q is not in %q", name, s, texts)
			}
		}
	}
}

// embedded compares the picture in an SVG with the page that it fills.
func embedded(t *testing.T, p *Page, e xml.StartElement) {
	t.Helper()
	for _, a := range e.Attr {
		if text, is := strings.CutPrefix(a.Value, "data:image/png;base64,"); is {
			got, err := png.Decode(base64.NewDecoder(base64.StdEncoding, strings.NewReader(text)))
			if err != nil {
				t.Fatal(err)
			}
			if n, at := golden.Differ(p.Picture(), got); n > 0 {
				t.Errorf("%d pixels differ, the first at %v", n, at)
			}
			return
		}
	}
	t.Error("an image without data")
}

// A PNG says that it is printed at 300 dpi, and can be read.
func TestPNG(t *testing.T) {
	var b bytes.Buffer
	p := pages()["network-one"]
	if err := p.PNG(&b); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(b.Bytes()[:60], []byte("\x00\x00\x00\x09pHYs\x00\x00\x2e\x23\x00\x00\x2e\x23\x01")) { // 11,811 a metre
		t.Errorf("%q", b.Bytes()[:60])
	}
	got, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := golden.Differ(p.Picture(), got); n > 0 {
		t.Errorf("%d pixels differ", n)
	}
}
