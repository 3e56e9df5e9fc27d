package window

/*
#include <stddef.h>

// Functions of OpenGL 3 that g3n has no methods for, by their addresses.
typedef unsigned int GLenum, GLuint, GLbitfield;
typedef int GLint, GLsizei;

static void genFramebuffers(void *f, GLsizei n, GLuint *ids) { ((void (*)(GLsizei, GLuint *))f)(n, ids); }
static void bindFramebuffer(void *f, GLenum target, GLuint id) { ((void (*)(GLenum, GLuint))f)(target, id); }
static void framebufferTexture2D(void *f, GLenum target, GLenum attachment, GLenum kind, GLuint texture) {
	((void (*)(GLenum, GLenum, GLenum, GLuint, GLint))f)(target, attachment, kind, texture, 0);
}
static void blitFramebuffer(void *f, GLint x0, GLint y0, GLint x1, GLint y1, GLint toX0, GLint toY0, GLint toX1, GLint toY1, GLbitfield mask, GLenum filter) {
	((void (*)(GLint, GLint, GLint, GLint, GLint, GLint, GLint, GLint, GLbitfield, GLenum))f)(x0, y0, x1, y1, toX0, toY0, toX1, toY1, mask, filter);
}
static void texSubImage2D(void *f, GLenum target, GLint x, GLint y, GLsizei width, GLsizei height, GLenum format, GLenum type, const void *pixels) {
	((void (*)(GLenum, GLint, GLint, GLint, GLsizei, GLsizei, GLenum, GLenum, const void *))f)(target, 0, x, y, width, height, format, type, pixels);
}
static void pixelStorei(void *f, GLenum name, GLint value) { ((void (*)(GLenum, GLint))f)(name, value); }
*/
import "C"

import (
	"fmt"
	"image"
	"unsafe"

	"github.com/g3n/engine/gls"
	"github.com/go-gl/glfw/v3.3/glfw"
)

// canvas is a picture of the window in OpenGL's memory.
type canvas struct {
	state       *gls.GLS
	texture     uint32
	framebuffer C.GLuint
	size        image.Point
	gl          struct {
		genFramebuffers, bindFramebuffer, framebufferTexture2D, blitFramebuffer, texSubImage2D, pixelStorei unsafe.Pointer
	}
}

func (c *canvas) open(state *gls.GLS) error {
	c.state = state
	for name, to := range map[string]*unsafe.Pointer{
		"glGenFramebuffers": &c.gl.genFramebuffers, "glBindFramebuffer": &c.gl.bindFramebuffer,
		"glFramebufferTexture2D": &c.gl.framebufferTexture2D, "glBlitFramebuffer": &c.gl.blitFramebuffer,
		"glTexSubImage2D": &c.gl.texSubImage2D, "glPixelStorei": &c.gl.pixelStorei,
	} {
		if *to = glfw.GetProcAddress(name); *to == nil {
			return fmt.Errorf("window: OpenGL has no %s: install a newer driver", name)
		}
	}
	c.texture = state.GenTexture()
	C.genFramebuffers(c.gl.genFramebuffers, 1, &c.framebuffer)
	return nil
}

// resize empties the canvas. Its pixels shall lie as the window's do, blue first, so
// that showing them is a copy: Mesa takes the order of the pixels given here for the
// unsized format RGBA, and red first for RGBA8, from which it would draw.
func (c *canvas) resize(size image.Point) {
	c.size = size
	c.state.BindTexture(gls.TEXTURE_2D, c.texture)
	c.state.TexImage2D(gls.TEXTURE_2D, 0, gls.RGBA, int32(size.X), int32(size.Y), gls.BGRA, gls.UNSIGNED_INT_8_8_8_8_REV, make([]uint8, 4*size.X*size.Y))
	C.bindFramebuffer(c.gl.bindFramebuffer, gls.READ_FRAMEBUFFER, c.framebuffer)
	C.framebufferTexture2D(c.gl.framebufferTexture2D, gls.READ_FRAMEBUFFER, gls.COLOR_ATTACHMENT0, gls.TEXTURE_2D, C.GLuint(c.texture))
	C.bindFramebuffer(c.gl.bindFramebuffer, gls.READ_FRAMEBUFFER, 0)
}

// put copies a picture to its place; what lies outside the canvas is left out.
func (c *canvas) put(p *image.RGBA) {
	r := p.Rect.Intersect(image.Rectangle{Max: c.size})
	if r.Empty() {
		return
	}
	c.state.BindTexture(gls.TEXTURE_2D, c.texture)
	C.pixelStorei(c.gl.pixelStorei, gls.UNPACK_ROW_LENGTH, C.GLint(p.Stride/4))
	C.texSubImage2D(c.gl.texSubImage2D, gls.TEXTURE_2D, C.GLint(r.Min.X), C.GLint(r.Min.Y), C.GLsizei(r.Dx()), C.GLsizei(r.Dy()),
		gls.RGBA, gls.UNSIGNED_BYTE, unsafe.Pointer(&p.Pix[p.PixOffset(r.Min.X, r.Min.Y)]))
	C.pixelStorei(c.gl.pixelStorei, gls.UNPACK_ROW_LENGTH, 0)
}

// show copies the canvas to the window's back buffer. The canvas's first row is the
// top one, OpenGL counts a window's rows from below.
func (c *canvas) show() {
	width, height := C.GLint(c.size.X), C.GLint(c.size.Y)
	C.bindFramebuffer(c.gl.bindFramebuffer, gls.READ_FRAMEBUFFER, c.framebuffer)
	C.blitFramebuffer(c.gl.blitFramebuffer, 0, 0, width, height, 0, height, width, 0, gls.COLOR_BUFFER_BIT, gls.NEAREST)
	C.bindFramebuffer(c.gl.bindFramebuffer, gls.READ_FRAMEBUFFER, 0)
}
