// Package print draws the paper's figures to be printed: black on white, on pages of
// shapes and text that are written as PNG or as SVG.
package print

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"io"
	"strings"

	"alexnet/viewer/draw"
)

// A page's lengths are hundredths of an inch, of which each is scale pixels of a PNG.
const (
	perInch = 100
	scale   = 3
)

var (
	white = color.RGBA{255, 255, 255, 255}
	black = color.RGBA{A: 255}
	grey  = color.RGBA{0x66, 0x66, 0x66, 255}
)

var (
	small = draw.Style{Size: 12} // 8.6 points
	bold  = draw.Style{Size: 12, Bold: true}
)

// Page is a figure. What is put on it later lies above what is there.
type Page struct {
	w, h   float64
	fonts  *draw.Fonts
	shapes []shape
}

// shape is anything on a page.
type shape interface {
	draw(c *draw.Canvas)
	svg(w io.Writer) error
}

func newPage(w, h float64, fonts *draw.Fonts) *Page { return &Page{w: w, h: h, fonts: fonts} }

func (p *Page) add(s shape) { p.shapes = append(p.shapes, s) }

// width is how wide a text is.
func (p *Page) width(s string, style draw.Style) float64 {
	c := draw.Canvas{Scale: scale, Fonts: p.fonts}
	return c.Width(s, style)
}

// Picture is the page at 300 dpi.
func (p *Page) Picture() *image.RGBA {
	c := draw.New(draw.Rect{W: p.w, H: p.h}, scale, p.fonts)
	c.Fill(draw.Rect{W: p.w, H: p.h}, white)
	for _, s := range p.shapes {
		s.draw(c)
	}
	return c.Image
}

// PNG writes the page at 300 dpi.
func (p *Page) PNG(to io.Writer) error {
	var b bytes.Buffer
	if err := png.Encode(&b, p.Picture()); err != nil {
		return err
	}
	const header = 8 + 25 // the signature and the first chunk
	for _, part := range [][]byte{b.Bytes()[:header], resolution(perInch * scale), b.Bytes()[header:]} {
		if _, err := to.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// resolution is the chunk of a PNG that tells how large it is printed.
func resolution(dpi float64) []byte {
	perMetre := uint32(dpi/0.0254 + 0.5)
	chunk := binary.BigEndian.AppendUint32(nil, 9)
	chunk = append(chunk, "pHYs"...)
	chunk = binary.BigEndian.AppendUint32(chunk, perMetre)
	chunk = binary.BigEndian.AppendUint32(chunk, perMetre)
	chunk = append(chunk, 1)
	return binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
}

// SVG writes the page as shapes and text that can be edited. It names the font and
// does not carry it.
func (p *Page) SVG(to io.Writer) error {
	w := bufio.NewWriter(to)
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" width="%gin" height="%gin" viewBox="0 0 %g %g" font-family="IBM Plex Sans, sans-serif">`+"\n",
		p.w/perInch, p.h/perInch, p.w, p.h)
	fmt.Fprintf(w, `<rect width="%g" height="%g" fill="%s"/>`+"\n", p.w, p.h, hex(white))
	for _, s := range p.shapes {
		if err := s.svg(w); err != nil {
			return err
		}
	}
	fmt.Fprintln(w, "</svg>")
	return w.Flush()
}

func hex(c color.RGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// line is a line from point to point.
type line struct {
	points    []draw.Point
	width     float64
	dash, gap float64 // dash 0: solid
	ink       color.RGBA
}

func (l line) draw(c *draw.Canvas) {
	if l.dash > 0 {
		c.DashedLine(l.points, l.width, l.dash, l.gap, l.ink)
		return
	}
	c.Polyline(l.points, l.width, l.ink)
}

func (l line) svg(w io.Writer) error {
	dashes := ""
	if l.dash > 0 {
		dashes = fmt.Sprintf(` stroke-dasharray="%g %g"`, l.dash, l.gap)
	}
	_, err := fmt.Fprintf(w, `<polyline fill="none" stroke="%s" stroke-width="%g"%s points="%s"/>`+"\n", hex(l.ink), l.width, dashes, points(l.points))
	return err
}

func points(list []draw.Point) string {
	var out []string
	for _, p := range list {
		out = append(out, fmt.Sprintf("%.2f,%.2f", p.X, p.Y))
	}
	return strings.Join(out, " ")
}

// area is a polygon with an outline.
type area struct {
	points    []draw.Point
	fill, ink color.RGBA
	width     float64 // of the outline; 0: none
}

func (a area) draw(c *draw.Canvas) {
	c.Polygon(a.points, a.fill)
	if a.width > 0 {
		c.Polyline(append(a.points[:len(a.points):len(a.points)], a.points[:2]...), a.width, a.ink)
	}
}

func (a area) svg(w io.Writer) error {
	outline := ""
	if a.width > 0 {
		outline = fmt.Sprintf(` stroke="%s" stroke-width="%g" stroke-linejoin="round"`, hex(a.ink), a.width)
	}
	_, err := fmt.Fprintf(w, `<polygon fill="%s"%s points="%s"/>`+"\n", hex(a.fill), outline, points(a.points))
	return err
}

// align is which part of a text lies at its place.
type align int

const (
	left align = iota
	centre
	right
	upwards // turned to run up, its centre at its place
)

// text is a line of text; y is its baseline.
type text struct {
	x, y  float64
	s     string
	style draw.Style
	ink   color.RGBA
	align align
}

func (t text) draw(c *draw.Canvas) {
	switch t.align {
	case centre:
		c.TextCenter(t.x, t.y, t.s, t.style, t.ink)
	case right:
		c.TextRight(t.x, t.y, t.s, t.style, t.ink)
	case upwards:
		t.drawUpwards(c)
	default:
		c.Text(t.x, t.y, t.s, t.style, t.ink)
	}
}

// drawUpwards draws the line on a page of its own and turns that.
func (t text) drawUpwards(c *draw.Canvas) {
	w, ascent, descent := c.Width(t.s, t.style), t.style.Size, t.style.Size/2
	own := draw.New(draw.Rect{W: w, H: ascent + descent}, c.Scale, c.Fonts)
	own.FillPixels(own.Image.Rect, white)
	own.Text(0, ascent, t.s, t.style, t.ink)
	size := own.Image.Rect
	at := image.Pt(c.Px(t.x-ascent), c.Px(t.y+w/2))
	for y := range size.Dy() {
		for x := range size.Dx() {
			c.Image.SetRGBA(at.X+y, at.Y-1-x, own.Image.RGBAAt(x, y))
		}
	}
}

func (t text) svg(w io.Writer) error {
	anchor := map[align]string{left: "start", centre: "middle", right: "end", upwards: "middle"}[t.align]
	more := ""
	if t.style.Bold {
		more = ` font-weight="600"`
	}
	if t.align == upwards {
		more += fmt.Sprintf(` transform="rotate(-90 %.1f %.1f)"`, t.x, t.y)
	}
	s := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(t.s)
	_, err := fmt.Fprintf(w, `<text x="%.1f" y="%.1f" font-size="%g" text-anchor="%s" fill="%s"%s>%s</text>`+"\n", t.x, t.y, t.style.Size, anchor, hex(t.ink), more, s)
	return err
}

// picture is a picture of the page's own pixels.
type picture struct {
	x, y float64
	img  *image.RGBA
}

func (p picture) draw(c *draw.Canvas) { c.Picture(p.img, c.Px(p.x), c.Px(p.y), 1) }

func (p picture) svg(w io.Writer) error {
	var b bytes.Buffer
	if err := png.Encode(&b, p.img); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, `<image x="%g" y="%g" width="%g" height="%g" href="data:image/png;base64,%s"/>`+"\n",
		p.x, p.y, float64(p.img.Rect.Dx())/scale, float64(p.img.Rect.Dy())/scale, base64.StdEncoding.EncodeToString(b.Bytes()))
	return err
}
