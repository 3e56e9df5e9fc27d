package data

import (
	"fmt"
	"math"
)

// GeneratedSize is the height and width of generated images.
const GeneratedSize = 64

// Generated is a set of images drawn by the program: a textured object in front
// of dead leaves. Its 20 classes are every pair of four textures (luminance
// only) and five pairs of opponent hues (colour only), so that a first layer has
// to learn both edges and colours. Image i is a function of (seed, i) alone.
type Generated struct {
	seed  uint64
	count int
}

// NewGenerated is a set of count images; different seeds share none.
func NewGenerated(seed uint64, count int) *Generated { return &Generated{seed, count} }

var (
	textures = []string{"horizontal", "vertical", "roof", "vee"}
	hues     = []string{"red-cyan", "orange-blue", "ochre-indigo", "lime-violet", "green-magenta"}
)

// Len, Size, Classes, Label, Name and Pixels make it a Set.
func (g *Generated) Len() int        { return g.count }
func (g *Generated) Size() int       { return GeneratedSize }
func (g *Generated) Label(i int) int { return i % 20 }
func (g *Generated) Name(i int) string {
	return fmt.Sprintf("generated image %d of seed %d", i, g.seed)
}

func (g *Generated) Classes() []string {
	out := make([]string, 20)
	for i := range out {
		out[i] = textures[i%4] + " " + hues[i/4]
	}
	return out
}

func (g *Generated) Pixels(i int, dst []byte) error {
	p := painter{rng: newRNG(g.seed, uint64(i))}
	p.scene(i % 20)
	p.light(dst)
	return nil
}

// mix is the finaliser of splitmix64 (Steele, Lea, Flood 2014).
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// rng is splitmix64; equal (seed, index) give equal numbers.
type rng struct{ state uint64 }

func newRNG(seed, index uint64) rng {
	return rng{mix(seed*0x9E3779B97F4A7C15+1) ^ mix(index+0x632BE59BD9B4E019)}
}

func (r *rng) next() uint64 {
	r.state += 0x9E3779B97F4A7C15
	return mix(r.state)
}

// uniform is in [0, 1), between in [a, b), gauss about N(0, 1).
func (r *rng) uniform() float32             { return float32(r.next()>>40) / (1 << 24) }
func (r *rng) between(a, b float32) float32 { return a + (b-a)*r.uniform() }
func (r *rng) gauss() float32 {
	a, b := r.uniform(), r.uniform()
	c, d := r.uniform(), r.uniform()
	return (a + b + c + d - 2) * 1.7320508
}

// sines holds sin(2 pi i / 1024).
var sines = func() (t [1024]float32) {
	for i := range t {
		t[i] = float32(math.Sin(2 * math.Pi * float64(i) / 1024))
	}
	return t
}()

// sine is sin(2 pi c); angles are in cycles. Adding a large multiple of the
// table's length makes the truncation a floor.
func sine(c float32) float32 { return sines[int(c*1024+1<<20)&1023] }

type vector [3]float32

func abs(x float32) float32 { return max(x, -x) }

func power(x, y float32) float32 { return float32(math.Pow(float64(x), float64(y))) }

// chroma is a colour of hue phi (cycles) and strength c without luminance: its
// three channels sum to zero.
func chroma(phi, c float32) vector {
	a, b := c*sine(phi+0.25)*0.70710678, c*sine(phi)*0.40824829
	return vector{a + b, b - a, -2 * b}
}

// painter draws one image in floating point.
type painter struct {
	rng
	planes [GeneratedSize * GeneratedSize]vector
}

// shape is an ellipse, rectangle or diamond with a luminance grating and, on the
// object, two-tone colour.
type shape struct {
	kind             int // 0 ellipse, 1 rectangle, 2 diamond
	x, y             float32
	cos, sin         float32 // of its rotation
	ra, rb           float32 // half axes
	grey             float32
	colour           vector
	gx, gy           float32 // shading, grey levels a pixel
	amplitude        float32 // of the grating
	kx, ky, phase    float32 // cycles a pixel
	fold             bool    // use |x|: the grating is a roof or a vee
	cell             float32 // pixels of a patch with a phase of its own; 0: one phase
	hash             uint64
	stripeX, stripeY float32 // of the two tones; both 0: one tone
	stripePhase      float32
}

const leaves = 60

func (p *painter) scene(label int) {
	grey, hue, strength := p.between(50, 200), p.uniform(), 20*abs(p.gauss())
	base := chroma(hue, strength)
	for i := range p.planes {
		p.planes[i] = vector{grey + base[0], grey + base[1], grey + base[2]}
	}
	for range leaves {
		p.draw(p.leaf())
	}
	p.draw(p.object(label))
}

// outline draws the parameters that every shape begins with.
func (p *painter) outline(leaf bool) (s shape) {
	rotation := p.uniform()
	var r float32
	if leaf {
		// Radii with p(r) ~ r^-3 on 3..32: the sizes of things in photographs.
		r = 3 / float32(math.Sqrt(float64(1-p.uniform()*(1-(3.0/32)*(3.0/32)))))
		s.x, s.y = p.between(-8, 72), p.between(-8, 72)
	} else {
		r = p.between(18, 25)
		s.x, s.y = p.between(27, 37), p.between(27, 37)
	}
	narrow := float32(0.4)
	if !leaf {
		narrow = 0.75
	}
	aspect := p.between(narrow, 1)
	s.kind = int(3 * p.uniform())
	s.ra, s.rb = r, r*aspect
	scale := []float32{1, 0.9, 1.3}[s.kind]
	s.ra, s.rb = s.ra*scale, s.rb*scale
	s.cos, s.sin = sine(rotation+0.25), sine(rotation)
	s.phase = p.uniform()
	s.hash = p.next()
	return s
}

func (p *painter) leaf() shape {
	s := p.outline(true)
	s.grey = p.between(25, 230)
	hue, strength := p.uniform(), 20*abs(p.gauss())
	s.colour = chroma(hue, strength)
	angle := p.uniform()
	if p.uniform() < 0.2 {
		s.amplitude = p.between(0.3, 1) * 25
		s.grating(angle, 3.2*power(13/3.2, p.uniform()))
	}
	s.gx = 0.5 * p.gauss()
	s.gy = 0.5 * p.gauss()
	return s
}

func (s *shape) grating(angle, period float32) {
	s.kx, s.ky = sine(angle+0.25)/period, sine(angle)/period
}

func (p *painter) object(label int) shape {
	s := p.outline(false)
	texture, hue := label%4, label/4
	s.grey = p.between(95, 160)
	s.amplitude = p.between(28, 52)
	jitter := (p.uniform() - p.uniform()) * 0.055
	angle := []float32{0.25, 0, 0.375, 0.125}[texture] + jitter
	s.fold = texture >= 2
	s.grating(angle, 3.2*power(13/3.2, p.uniform()))
	s.cell = p.between(0.8, 1.25) * 13
	strength := p.between(28, 50)
	s.colour = chroma(float32(hue)*0.1+p.between(-0.02, 0.02), strength)
	period, direction := p.between(10, 24), p.uniform()
	s.stripeX, s.stripeY = sine(direction+0.25)/period, sine(direction)/period
	s.stripePhase = p.uniform()
	s.gx = 0.5 * p.gauss()
	s.gy = 0.5 * p.gauss()
	return s
}

// draw lays a shape over what is there, its edge one pixel soft.
func (p *painter) draw(s shape) {
	reach := (max(s.ra, s.rb) + 1) * 1.4143
	x0, x1 := max(0, int(s.x-reach)), min(GeneratedSize-1, int(s.x+reach)+1)
	y0, y1 := max(0, int(s.y-reach)), min(GeneratedSize-1, int(s.y+reach)+1)
	for y := y0; y <= y1; y++ {
		for x := x0; x <= x1; x++ {
			dx, dy := float32(x)-s.x, float32(y)-s.y
			u, v := s.cos*dx+s.sin*dy, s.cos*dy-s.sin*dx
			cover := min(1, s.inside(u, v)+0.5)
			if cover <= 0 {
				continue
			}
			l, w := s.luminance(dx, dy, u, v), s.tone(dx, dy)
			pixel := &p.planes[y*GeneratedSize+x]
			for c := range pixel {
				pixel[c] += cover * (l + w*s.colour[c] - pixel[c])
			}
		}
	}
}

// inside is the distance to the edge in pixels, negative outside.
func (s *shape) inside(u, v float32) float32 {
	a, b := abs(u)/s.ra, abs(v)/s.rb
	var norm float32
	switch s.kind {
	case 0:
		norm = float32(math.Sqrt(float64(a*a + b*b)))
	case 1:
		norm = max(a, b)
	default:
		norm = a + b
	}
	d := min(s.ra, s.rb) * (1 - norm)
	if s.kind == 2 {
		d *= 0.7071
	}
	return d
}

func (s *shape) luminance(dx, dy, u, v float32) float32 {
	l := s.grey + s.gx*dx + s.gy*dy
	if s.amplitude == 0 {
		return l
	}
	phase, x := s.phase, dx
	if s.cell > 0 {
		iu, iv := int64(math.Floor(float64(u/s.cell))), int64(math.Floor(float64(v/s.cell)))
		phase = float32(mix(s.hash+uint64(iu)*0x9E3779B97F4A7C15+uint64(iv)*0xD1B54A32D192ED03)>>48) / 65536
	}
	if s.fold {
		x = abs(dx)
	}
	return l + s.amplitude*sine(s.kx*x+s.ky*dy+phase)
}

// tone is the share of the colour at a place, -1 for the opponent hue.
func (s *shape) tone(dx, dy float32) float32 {
	if s.stripeX == 0 && s.stripeY == 0 {
		return 1
	}
	return max(-1, min(1, 3*sine(s.stripeX*dx+s.stripeY*dy+s.stripePhase)))
}

// light applies a sloping illumination and camera noise of 8 grey levels rms,
// which keeps the learned kernels smooth, and rounds to bytes.
func (p *painter) light(dst []byte) {
	ix := 0.004 * p.gauss()
	iy := 0.004 * p.gauss()
	gain := p.between(0.8, 1.15)
	const scale = 8 * 3.4641016 / 65536 // a uniform number of 16 bits to rms 8
	for i, pixel := range p.planes {
		g := gain + ix*float32(i%GeneratedSize-32) + iy*float32(i/GeneratedSize-32)
		noise := p.next()
		for c, v := range pixel {
			n := (float32(noise>>(16*c)&0xFFFF) - 32767.5) * scale
			dst[3*i+c] = byte(max(0, min(255, v*g+n+0.5)))
		}
	}
}
