// Package theme holds what the viewer looks like: colours of the dark and the
// light theme, sizes, and how numbers are written. Hue is data: only the columns,
// validation, warnings and errors have one.
package theme

import "image/color"

// Theme is one set of colours.
type Theme struct {
	Name string

	Background color.RGBA // of pages
	Surface    color.RGBA // of bars and cards
	Raised     color.RGBA // of buttons
	Line       color.RGBA // borders
	Grid       color.RGBA // of plots
	Text       color.RGBA // values
	Text2      color.RGBA // labels and units
	Text3      color.RGBA // key hints, what is disabled

	Columns    [2]color.RGBA // column 1 and 2: kernels, maps, links, lanes
	Train      color.RGBA    // smoothed training loss, rate, images/s
	TrainRaw   color.RGBA    // the loss of single steps
	Validation color.RGBA
	Compared   color.RGBA // another run

	Warning    color.RGBA
	WarningRow color.RGBA
	Error      color.RGBA
	ErrorRow   color.RGBA
}

// Black is what kernels and maps lie on in both themes.
var Black = color.RGBA{A: 255}

// Between is the grey between maps, which are black where they are 0.
var Between = hex(0x59626F)

// Selection is the ring round a chosen kernel or map, which lies on black.
var Selection = color.RGBA{255, 255, 255, 255}

// Dark is the theme to begin with.
var Dark = &Theme{
	Name:       "dark",
	Background: hex(0x14171C), Surface: hex(0x1B1F26), Raised: hex(0x2B323C),
	Line: hex(0x3A424E), Grid: hex(0x2A3039),
	Text: hex(0xE6E9EE), Text2: hex(0xA9B3C0), Text3: hex(0x818C9A),
	Columns: [2]color.RGBA{hex(0x3D9BFF), hex(0xF5A3E0)},
	Train:   hex(0xE6E9EE), TrainRaw: hex(0x59626F), Validation: hex(0x14B88F), Compared: hex(0xA9B3C0),
	Warning: hex(0xFFC233), WarningRow: hex(0x332A14), Error: hex(0xFF5233), ErrorRow: hex(0x3A1C18),
}

// Light is the other theme.
var Light = &Theme{
	Name:       "light",
	Background: hex(0xF1F3F5), Surface: hex(0xFFFFFF), Raised: hex(0xE3E7EB),
	Line: hex(0xBFC6CF), Grid: hex(0xDDE1E6),
	Text: hex(0x171B21), Text2: hex(0x4C5663), Text3: hex(0x626B77),
	Columns: [2]color.RGBA{hex(0x0A5FD0), hex(0xB0318C)},
	Train:   hex(0x171B21), TrainRaw: hex(0xA3ABB6), Validation: hex(0x08805F), Compared: hex(0x4C5663),
	Warning: hex(0x936200), WarningRow: hex(0xFFF3D6), Error: hex(0xD0330F), ErrorRow: hex(0xFDE3DC),
}

// Other is the theme that a switch leads to.
func (t *Theme) Other() *Theme {
	if t == Dark {
		return Light
	}
	return Dark
}

// Column is the colour of column i, counted from 0. Networks with more than two
// columns use the two colours in turn: a column's number is always beside it.
func (t *Theme) Column(i int) color.RGBA { return t.Columns[i%len(t.Columns)] }

func hex(v uint32) color.RGBA {
	return color.RGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 255}
}

// Mix is a and b in the ratio 1-t to t.
func Mix(a, b color.RGBA, t float64) color.RGBA {
	at := func(a, b uint8) uint8 { return uint8(float64(a) + (float64(b)-float64(a))*t + 0.5) }
	return color.RGBA{at(a.R, b.R), at(a.G, b.G), at(a.B, b.B), at(a.A, b.A)}
}
