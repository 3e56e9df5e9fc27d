package window

import (
	"fmt"
	"image"

	"github.com/g3n/engine/camera"
	"github.com/g3n/engine/core"
	"github.com/g3n/engine/geometry"
	"github.com/g3n/engine/gls"
	"github.com/g3n/engine/graphic"
	"github.com/g3n/engine/material"
	"github.com/g3n/engine/math32"
	"github.com/g3n/engine/renderer"
	"github.com/g3n/engine/texture"

	"alexnet/viewer"
)

// The shader of a part: its corners are already where OpenGL wants them, and its
// picture is shown pixel for pixel. It is fetched, not sampled: that takes software
// OpenGL two thirds of the time.
const (
	vertexShader = `
#include <attributes>
noperspective out vec2 place;
void main() {
	place = VertexTexcoord;
	gl_Position = vec4(VertexPosition, 1.0);
}
`
	fragmentShader = `
precision highp float;
uniform sampler2D MatTexture[1];
noperspective in vec2 place;
out vec4 FragColor;
void main() {
	FragColor = vec4(texelFetch(MatTexture[0], ivec2(place), 0).rgb, 1.0);
}
`
)

// scene are the parts of the app as textured rectangles.
type scene struct {
	state    *gls.GLS
	renderer *renderer.Renderer
	root     *core.Node
	camera   *camera.Camera
	quads    []*quad
}

// quad is one part.
type quad struct {
	mesh    *graphic.Mesh
	corners *gls.VBO
	texture *texture.Texture2D
	rect    image.Rectangle
	version int
	width   int // of the window, for which the corners are
	height  int
}

func newScene(state *gls.GLS) (*scene, error) {
	s := &scene{state: state, root: core.NewNode(), camera: camera.New(1)}
	s.renderer = renderer.NewRenderer(state)
	if err := s.renderer.AddDefaultShaders(); err != nil {
		return nil, fmt.Errorf("window: shaders: %w", err)
	}
	s.renderer.AddShader("part_vertex", vertexShader)
	s.renderer.AddShader("part_fragment", fragmentShader)
	s.renderer.AddProgram("part", "part_vertex", "part_fragment")
	s.renderer.SetObjectSorting(false)
	return s, nil
}

func (s *scene) add() *quad {
	q := &quad{corners: gls.NewVBO(math32.NewArrayF32(0, 20)).AddAttrib(gls.VertexPosition).AddAttrib(gls.VertexTexcoord)}
	shape := geometry.NewGeometry()
	indices := math32.NewArrayU32(0, 6)
	indices.Append(0, 1, 2, 0, 2, 3)
	shape.SetIndices(indices)
	shape.AddVBO(q.corners)
	m := material.NewMaterial()
	m.SetShader("part")
	m.SetUseLights(material.UseLightNone)
	m.SetDepthTest(false)
	m.SetDepthMask(false)
	m.SetSide(material.SideDouble)
	// One texture for the part's life: what is shown changes its contents.
	q.texture = texture.NewTexture2DFromRGBA(image.NewRGBA(image.Rect(0, 0, 1, 1)))
	q.texture.SetMagFilter(gls.NEAREST)
	q.texture.SetMinFilter(gls.NEAREST) // without mipmaps
	m.AddTexture(q.texture)
	q.mesh = graphic.NewMesh(shape, m)
	q.mesh.SetCullable(false)
	s.root.Add(q.mesh)
	s.quads = append(s.quads, q)
	return q
}

func (s *scene) update(layers []viewer.Layer, width, height int) (changed bool) {
	for len(s.quads) < len(layers) {
		s.add()
	}
	for i, l := range layers {
		q := s.quads[i]
		visible := l.Image != nil
		if q.mesh.Visible() != visible {
			q.mesh.SetVisible(visible)
			changed = true
		}
		if !visible {
			continue
		}
		if q.rect != l.Image.Rect || q.width != width || q.height != height {
			q.put(l.Image.Rect, width, height)
			changed = true
		}
		if q.version != l.Version {
			q.version = l.Version
			q.texture.SetFromRGBA(l.Image)
			changed = true
		}
	}
	return changed
}

// put places the corners: the picture's first row is at the top.
func (q *quad) put(r image.Rectangle, width, height int) {
	q.rect, q.width, q.height = r, width, height
	x := func(v int) float32 { return 2*float32(v)/float32(width) - 1 }
	y := func(v int) float32 { return 1 - 2*float32(v)/float32(height) }
	left, right, top, bottom := x(r.Min.X), x(r.Max.X), y(r.Min.Y), y(r.Max.Y)
	corners := math32.NewArrayF32(0, 20)
	corners.Append(
		left, bottom, 0, 0, float32(r.Dy()),
		right, bottom, 0, float32(r.Dx()), float32(r.Dy()),
		right, top, 0, float32(r.Dx()), 0,
		left, top, 0, 0, 0,
	)
	q.corners.SetBuffer(corners)
}

func (s *scene) render(width, height int) {
	s.state.Viewport(0, 0, int32(width), int32(height))
	s.state.ClearColor(0, 0, 0, 1)
	s.state.Clear(gls.COLOR_BUFFER_BIT)
	if err := s.renderer.Render(s.root, s.camera); err != nil {
		panic("window: draw: " + err.Error()) // a shader of ours does not compile
	}
}
