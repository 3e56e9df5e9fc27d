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

// SVG writes the figure as lines and text that can be edited. It names the font
// and does not carry it.
func (f *Figure) SVG(to io.Writer, th *theme.Theme, r draw.Rect) error {
	w := bufio.NewWriter(to)
	fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" width="%g" height="%g" viewBox="%g %g %g %g" font-family="IBM Plex Sans, sans-serif" font-size="13">`+"\n",
		r.W, r.H, r.X, r.Y, r.W, r.H)
	fmt.Fprintf(w, `<rect x="%g" y="%g" width="%g" height="%g" fill="%s"/>`+"\n", r.X, r.Y, r.W, r.H, hex(th.Background))
	plots := f.Plots(r)
	if len(plots) > 0 && f.X.Ok() {
		first, last := plots[0], plots[len(plots)-1]
		for i := range f.Panes {
			f.Panes[i].svg(w, th, f.X, plots[i], i)
		}
		for _, m := range f.Marks {
			if x := f.place(first, m.X); m.Flag && x >= first.X && x <= first.Right() {
				fmt.Fprintf(w, `<path d="M%.1f %.1fV%.1f" stroke="%s" stroke-dasharray="2 4"/>`+"\n", x, first.Y, last.Bottom(), hex(th.Text3))
				text(w, x+4, first.Y-10, "start", th.Text2, false, m.Text)
			}
		}
		for i, v := range f.Ticks {
			label := f.Label(v)
			if i == 0 && f.Word != "" {
				label = f.Word + " " + label
			}
			text(w, f.place(last, v), last.Bottom()+18, "middle", th.Text2, false, label)
		}
	}
	fmt.Fprintln(w, "</svg>")
	return w.Flush()
}

func (p *Pane) svg(w io.Writer, th *theme.Theme, x Axis, r draw.Rect, number int) {
	text(w, r.X, r.Y-10, "start", th.Text, true, p.Title)
	if !p.Y.Ok() {
		return
	}
	for _, v := range p.Ticks {
		y := r.Bottom() - p.Y.At(v)*r.H
		fmt.Fprintf(w, `<path d="M%.1f %.1fH%.1f" stroke="%s"/>`+"\n", r.X, y, r.Right(), hex(th.Grid))
		text(w, r.X-labelGap, y+labelDrop, "end", th.Text2, false, p.Label(v))
	}
	fmt.Fprintf(w, `<clipPath id="pane%d"><rect x="%g" y="%g" width="%g" height="%g"/></clipPath>`+"\n", number, r.X-1, r.Y-2, r.W+2, r.H+4)
	for _, s := range p.Series {
		dashes := ""
		if s.Dashed {
			dashes = ` stroke-dasharray="5 4"`
		}
		for _, piece := range s.lines(x, p.Y, r, 2) {
			fmt.Fprintf(w, `<polyline clip-path="url(#pane%d)" fill="none" stroke="%s" stroke-width="%g"%s points="`, number, hex(s.Ink), s.Width, dashes)
			for _, at := range piece {
				fmt.Fprintf(w, "%.1f,%.1f ", at.X, at.Y)
			}
			fmt.Fprintln(w, `"/>`)
		}
	}
	for _, n := range p.ends(r) {
		if n.s != nil {
			text(w, r.Right()+8, n.y+labelDrop, "start", n.s.Ink, n.s.Bold, n.s.Name+" "+p.Value(n.s.Last()))
		}
	}
}

func text(w io.Writer, x, y float64, anchor string, ink color.RGBA, bold bool, s string) {
	weight := ""
	if bold {
		weight = ` font-weight="600"`
	}
	s = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
	fmt.Fprintf(w, `<text x="%.1f" y="%.1f" text-anchor="%s" fill="%s"%s>%s</text>`+"\n", x, y, anchor, hex(ink), weight, s)
}

func hex(c color.RGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }
