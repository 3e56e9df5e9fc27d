package draw

import (
	"image"
	"image/color"
	idraw "image/draw"
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"alexnet/assets/fonts"
)

// Style is a weight and a size of text.
type Style struct {
	Size float64 // in the design's pixels
	Bold bool    // SemiBold
}

// Fonts holds drawn glyphs. It may be shared by canvases of several goroutines.
type Fonts struct {
	mu            sync.Mutex
	regular, bold *opentype.Font
	faces         map[faceKey]*face
}

type faceKey struct {
	bold bool
	size float64 // in the display's pixels
}

// positions is the number of places within a pixel at which glyphs are drawn.
const positions = 4

type glyphKey struct {
	r        rune
	fraction int
}

type glyph struct {
	mask *image.Alpha // its rectangle is relative to the whole pixel of the dot
}

type face struct {
	font.Face
	glyphs map[glyphKey]glyph
}

// NewFonts reads the fonts that the program carries. It panics if they are
// damaged, for then the program is.
func NewFonts() *Fonts {
	f := &Fonts{faces: map[faceKey]*face{}}
	for _, p := range []struct {
		to   **opentype.Font
		from []byte
	}{{&f.regular, fonts.Regular}, {&f.bold, fonts.SemiBold}} {
		parsed, err := opentype.Parse(p.from)
		if err != nil {
			panic("draw: an embedded font: " + err.Error())
		}
		*p.to = parsed
	}
	return f
}

// face is called with the lock held.
func (f *Fonts) face(key faceKey) *face {
	if got, ok := f.faces[key]; ok {
		return got
	}
	src := f.regular
	if key.bold {
		src = f.bold
	}
	made, err := opentype.NewFace(src, &opentype.FaceOptions{Size: key.size, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		panic("draw: an embedded font: " + err.Error())
	}
	f.faces[key] = &face{made, map[glyphKey]glyph{}}
	return f.faces[key]
}

// glyph is drawn once for each rune and place within a pixel.
func (f *face) glyph(r rune, fraction int) glyph {
	key := glyphKey{r, fraction}
	if g, ok := f.glyphs[key]; ok {
		return g
	}
	dot := fixed.Point26_6{X: fixed.Int26_6(fraction * 64 / positions)}
	var g glyph
	if dr, mask, at, _, ok := f.Glyph(dot, r); ok && !dr.Empty() {
		g.mask = image.NewAlpha(dr)
		idraw.Draw(g.mask, dr, mask, at, idraw.Src) // the face uses its mask again
	}
	f.glyphs[key] = g
	return g
}

// layout calls place for each rune with its dot and returns the width.
func (f *face) layout(s string, place func(r rune, x fixed.Int26_6)) fixed.Int26_6 {
	var x fixed.Int26_6
	last := rune(-1)
	for _, r := range s {
		if last >= 0 {
			x += f.Kern(last, r)
		}
		if place != nil {
			place(r, x)
		}
		advance, ok := f.GlyphAdvance(r)
		if !ok {
			advance, _ = f.GlyphAdvance('?')
		}
		x += advance
		last = r
	}
	return x
}

// Text draws a line with its baseline at y and returns its width.
func (c *Canvas) Text(x, y float64, s string, style Style, ink color.RGBA) float64 {
	c.Fonts.mu.Lock()
	defer c.Fonts.mu.Unlock()
	f := c.Fonts.face(faceKey{style.Bold, style.Size * c.Scale})
	left, base := fixed.Int26_6(x*c.Scale*64+0.5), c.Px(y)
	src := image.NewUniform(ink)
	width := f.layout(s, func(r rune, dx fixed.Int26_6) {
		dot := left + dx + 64/positions/2
		g := f.glyph(r, int(dot&63)*positions/64)
		if g.mask == nil {
			return
		}
		at := image.Pt(dot.Floor(), base)
		idraw.DrawMask(c.Image, g.mask.Rect.Add(at), src, image.Point{}, g.mask, g.mask.Rect.Min, idraw.Over)
	})
	return float64(width) / 64 / c.Scale
}

// Width is how wide a line would be.
func (c *Canvas) Width(s string, style Style) float64 {
	c.Fonts.mu.Lock()
	defer c.Fonts.mu.Unlock()
	return float64(c.Fonts.face(faceKey{style.Bold, style.Size * c.Scale}).layout(s, nil)) / 64 / c.Scale
}

// TextRight draws a line that ends at x.
func (c *Canvas) TextRight(x, y float64, s string, style Style, ink color.RGBA) float64 {
	w := c.Width(s, style)
	c.Text(x-w, y, s, style, ink)
	return w
}

// TextCenter draws a line about x.
func (c *Canvas) TextCenter(x, y float64, s string, style Style, ink color.RGBA) {
	c.Text(x-c.Width(s, style)/2, y, s, style, ink)
}

// Fit cuts a line to a width and shows by an ellipsis that it did.
func (c *Canvas) Fit(s string, style Style, width float64) string {
	return c.fit(s, style, width, func(kept int) int { return kept })
}

// FitEnd is Fit for lines whose end tells most, as that of a path: it cuts the beginning.
func (c *Canvas) FitEnd(s string, style Style, width float64) string {
	return c.fit(s, style, width, func(int) int { return 0 })
}

// FitMiddle is Fit for names that begin alike and differ at their end, as those of runs: it
// cuts the middle, and keeps somewhat more of the end than of the beginning.
func (c *Canvas) FitMiddle(s string, style Style, width float64) string {
	return c.fit(s, style, width, func(kept int) int { return kept * 2 / 5 })
}

// fit is a line, or as many of its characters as have room with an ellipsis; head says how
// many of those that are kept are from the beginning.
func (c *Canvas) fit(s string, style Style, width float64, head func(kept int) int) string {
	if c.Width(s, style) <= width {
		return s
	}
	runes := []rune(s)
	for kept := len(runes) - 1; kept > 0; kept-- {
		from := head(kept)
		start, end := string(runes[:from]), string(runes[len(runes)-(kept-from):])
		if cut := strings.TrimRight(start, " ") + "…" + strings.TrimLeft(end, " "); c.Width(cut, style) <= width {
			return cut
		}
	}
	return ""
}

// Wrap breaks a text into lines at its spaces, and a word that is wider than a line,
// such as a path, anywhere.
func (c *Canvas) Wrap(s string, style Style, width float64) []string {
	var lines, words []string
	for _, word := range strings.Fields(s) {
		words = append(words, c.cut(word, style, width)...)
	}
	line := ""
	for _, word := range words {
		longer := strings.TrimSpace(line + " " + word)
		if line != "" && c.Width(longer, style) > width {
			lines, longer = append(lines, line), word
		}
		line = longer
	}
	if line == "" {
		return lines
	}
	return append(lines, line)
}

// cut cuts a word into pieces no wider than a line.
func (c *Canvas) cut(word string, style Style, width float64) (pieces []string) {
	rest := []rune(word)
	for len(rest) > 1 && c.Width(string(rest), style) > width {
		n := 1
		for c.Width(string(rest[:n+1]), style) <= width {
			n++
		}
		pieces, rest = append(pieces, string(rest[:n])), rest[n:]
	}
	return append(pieces, string(rest))
}
