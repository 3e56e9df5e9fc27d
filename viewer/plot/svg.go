package plot

import (
	"bufio"
	"fmt"
	"image/color"
	"io"
	"strings"

	"alexnet/viewer/draw"
	"alexnet/viewer/theme"
)

// svgEdge is left free on both sides: where the font named is not installed the one in its
// place may be wider.
const svgEdge = 24

// SVG writes the figure as lines and text that can be edited. It names the font, by whose
// widths (fonts) it places text, and does not carry it.
func (f *Figure) SVG(to io.Writer, th *theme.Theme, fonts *draw.Fonts, r draw.Rect) error {
	w := svgWriter{bufio.NewWriter(to), th, &draw.Canvas{Scale: 1, Fonts: fonts}}
	page := draw.Rect{X: r.X - svgEdge, Y: r.Y, W: r.W + 2*svgEdge, H: r.H}
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" width="%g" height="%g" viewBox="%g %g %g %g" font-family="IBM Plex Sans, sans-serif" font-size="13">`+"\n",
		page.W, page.H, page.X, page.Y, page.W, page.H)
	w.rect(page, th.Background, "")
	if plots := f.Plots(r); len(plots) > 0 && f.X.Ok() {
		w.marks(f, r, plots)
		for i := range f.Panes {
			w.pane(&f.Panes[i], f.X, plots[i], i)
		}
		last := plots[len(plots)-1]
		for i, v := range f.Ticks {
			label := f.Label(v)
			if i == 0 && f.Word != "" {
				label = f.Word + " " + label
			}
			w.text(f.place(last, v), last.Bottom()+18, "middle", th.Text2, false, label)
		}
	}
	fmt.Fprintln(w, "</svg>")
	return w.Flush()
}

// svgWriter writes elements; the first error comes with Flush.
type svgWriter struct {
	*bufio.Writer
	th *theme.Theme
	c  *draw.Canvas // measures
}

// marks writes the lane of marks and the lines of flags.
func (w svgWriter) marks(f *Figure, r draw.Rect, plots []draw.Rect) {
	first, last := plots[0], plots[len(plots)-1]
	if f.Lane && len(f.Marks) > 0 {
		w.text(r.X, r.Y+13, "start", w.th.Text2, false, "Events")
	}
	for _, m := range f.placeMarks(w.c, r, first) {
		if m.Flag {
			fmt.Fprintf(w, `<path d="M%.1f %.1fV%.1f" stroke="%s" stroke-dasharray="2 4"/>`+"\n", m.x, first.Y, last.Bottom(), hex(w.th.Text3))
		}
		switch {
		case !m.shown:
			continue
		case m.Flag:
			fmt.Fprintf(w, `<path d="M%.1f %.1fl7 4l-7 4z" fill="%s"/>`+"\n", m.x, r.Y+4, hex(w.th.Text))
		default:
			w.rect(about(draw.Point{X: m.x, Y: r.Y + 7.5}, 7), w.th.Text2, "")
		}
		if m.Text != "" {
			w.text(m.x+12, r.Y+13, "start", w.th.Text2, false, m.Text)
		}
	}
}

func (w svgWriter) pane(p *Pane, x Axis, r draw.Rect, number int) {
	w.text(r.X, r.Y-10, "start", w.th.Text, true, p.Title)
	if !p.Y.Ok() {
		return
	}
	for _, v := range p.Ticks {
		y := r.Bottom() - p.Y.At(v)*r.H
		fmt.Fprintf(w, `<path d="M%.1f %.1fH%.1f" stroke="%s"/>`+"\n", r.X, y, r.Right(), hex(w.th.Grid))
		w.text(r.X-labelGap, y+labelDrop, "end", w.th.Text2, false, p.Label(v))
	}
	fmt.Fprintf(w, `<clipPath id="pane%d"><rect x="%g" y="%g" width="%g" height="%g"/></clipPath>`+"\n", number, r.X-1, r.Y-2, r.W+2, r.H+4)
	for _, s := range p.Series {
		w.series(s, x, p.Y, r, fmt.Sprintf(` clip-path="url(#pane%d)"`, number))
	}
	for _, n := range p.ends(r) {
		if n.s != nil {
			value := p.Value(n.s.Last())
			name := w.c.FitMiddle(n.s.Name, bold, namesWidth-w.c.Width(value, bold)-6)
			w.text(r.Right()+8, n.y+labelDrop, "start", n.s.Ink, n.s.Bold, name+" "+value)
		}
	}
}

func (w svgWriter) series(s *Series, x, y Axis, r draw.Rect, clip string) {
	dashes := ""
	if s.Dashed {
		dashes = ` stroke-dasharray="5 4"`
	}
	for _, piece := range s.lines(x, y, r, 2) {
		if len(piece) == 1 { // a single value has no line
			w.rect(about(piece[0], s.Width), s.Ink, clip)
			continue
		}
		fmt.Fprintf(w, `<polyline%s fill="none" stroke="%s" stroke-width="%g"%s points="`, clip, hex(s.Ink), s.Width, dashes)
		for _, at := range piece {
			fmt.Fprintf(w, "%.1f,%.1f ", at.X, at.Y)
		}
		fmt.Fprintln(w, `"/>`)
	}
	for _, square := range s.squares(x, y, r) {
		w.rect(square, s.Ink, clip)
	}
}

func (w svgWriter) rect(r draw.Rect, ink color.RGBA, more string) {
	fmt.Fprintf(w, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"%s/>`+"\n", r.X, r.Y, r.W, r.H, hex(ink), more)
}

func (w svgWriter) text(x, y float64, anchor string, ink color.RGBA, bold bool, s string) {
	weight := ""
	if bold {
		weight = ` font-weight="600"`
	}
	s = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
	fmt.Fprintf(w, `<text x="%.1f" y="%.1f" text-anchor="%s" fill="%s"%s>%s</text>`+"\n", x, y, anchor, hex(ink), weight, s)
}

func hex(c color.RGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }
