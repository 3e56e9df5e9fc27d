package viewer

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/png"
	"math"
	"strconv"

	"alexnet/train/monitor"
	"alexnet/viewer/draw"
	"alexnet/viewer/figure"
	"alexnet/viewer/plot"
	"alexnet/viewer/theme"
)

// file is one that an export makes.
type file struct {
	name string // with its extension
	data []byte
}

// exports are what can be exported. They get facts that do not change and run on
// goroutines.
var exports = []struct {
	label string
	make  func(e exported) ([]file, error)
}{
	{"Kernels over time (GIF)", exported.kernelsGIF},
	{"Kernels over time (PNG frames)", exported.kernelsPNG},
	{"Curves (CSV)", exported.curvesCSV},
	{"Curves (SVG)", exported.curvesSVG},
}

// exported is what an export is made of.
type exported struct {
	snap   *monitor.Snapshot
	th     *theme.Theme
	fonts  *draw.Fonts
	common bool
	figure plot.Figure
	at     draw.Rect
}

// export offers what can be exported.
func (a *App) export() {
	if a.options.Save == nil {
		a.say("Nothing can be saved here.", true)
		return
	}
	below := draw.Rect{X: a.frame.width - 260, Y: a.frame.height - 56, W: 244, H: theme.Control3}
	var labels []string
	for _, e := range exports {
		labels = append(labels, e.label)
	}
	a.open(&menu{below: below, id: "exports", options: labels, chosen: -1, at: 1, choose: a.exportOne})
}

func (a *App) exportOne(i int) {
	e := exported{snap: a.snap, th: a.th, fonts: a.fonts, common: a.kernels.common}
	e.at = draw.Rect{W: 1152, H: 652}
	e.figure = a.curves.build(a, e.at)
	a.saving(func() ([]file, error) { return exports[i].make(e) })
}

// saving makes files and keeps them, on a goroutine, for some take a while, and
// says where.
func (a *App) saving(build func() ([]file, error)) {
	save, wake, run := a.options.Save, a.options.Wake, ""
	if a.snap != nil {
		run = a.snap.Run.Name
	}
	go func() {
		files, err := build()
		where, saved := "", 0
		if err == nil {
			where, saved, err = saveAll(files, func(f file) (string, error) { return save(run, f.name, f.data) })
		}
		a.post(func() {
			switch {
			case err != nil && saved > 0:
				a.say(fmt.Sprintf("Only %d of %d files were saved, the last as %s: %v.", saved, len(files), where, err), true)
			case err != nil:
				a.say("Nothing was saved: "+err.Error()+".", true)
			case len(files) > 1:
				a.say(fmt.Sprintf("%d files saved, the last as %s.", len(files), where), false)
			default:
				a.say("Saved as "+where+".", false)
			}
		})
		wake()
	}()
}

// saveAll saves files until one cannot be saved, and returns where the last is that was saved.
func saveAll(files []file, save func(file) (string, error)) (where string, saved int, err error) {
	for i, f := range files {
		path, err := save(f)
		if err != nil {
			return where, i, err
		}
		where = path
	}
	return where, len(files), nil
}

var errNoKernels = errors.New("there are no kernels yet")

// frames draw the kernels of each shot.
func (e exported) frames() ([]*image.RGBA, error) {
	var out []*image.RGBA
	for _, shot := range e.snap.Kernels {
		g := figure.Fit(shot.Kernels, 16, 16, 960, 640, 1)
		b := g.Bounds()
		c := draw.New(draw.Rect{W: float64(b.Max.X + 16), H: float64(b.Max.Y + 40)}, 1, e.fonts)
		c.FillPixels(c.Image.Rect, e.th.Background)
		g.Draw(c, shot.Kernels.Values, e.common)
		c.Text(16, float64(b.Max.Y+26), e.snap.Run.Name+", step "+theme.Count(shot.Step)+", epoch "+epochs(shot.Epoch), small, e.th.Text)
		out = append(out, c.Image)
	}
	if len(out) == 0 {
		return nil, errNoKernels
	}
	return out, nil
}

func (e exported) kernelsGIF() ([]file, error) {
	frames, err := e.frames()
	if err != nil {
		return nil, err
	}
	var g gif.GIF
	for i, f := range frames {
		delay := 12 // hundredths of a second, as in playing
		if i == len(frames)-1 {
			delay = 200
		}
		g.Image, g.Delay = append(g.Image, paletted(f)), append(g.Delay, delay)
	}
	var b bytes.Buffer
	err = gif.EncodeAll(&b, &g)
	return []file{{"kernels.gif", b.Bytes()}}, err
}

func (e exported) kernelsPNG() ([]file, error) {
	frames, err := e.frames()
	if err != nil {
		return nil, err
	}
	var out []file
	for i, f := range frames {
		var b bytes.Buffer
		if err := png.Encode(&b, f); err != nil {
			return nil, err
		}
		out = append(out, file{fmt.Sprintf("kernels-step-%08d.png", e.snap.Kernels[i].Step), b.Bytes()})
	}
	return out, nil
}

// curvesCSV has a line for each logged step and each validation; what a line does
// not know is empty.
func (e exported) curvesCSV() ([]file, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Write([]string{"step", "epoch", "seconds", "loss", "rate", "images_per_second", "validation_loss", "top1_error", "top5_error"})
	number := func(v float64) string {
		if math.IsNaN(v) {
			return "NaN"
		}
		return strconv.FormatFloat(v, 'g', 10, 64) // 0.003 / 20 shall not show its last bits
	}
	val := e.snap.Validations
	validation := func(v monitor.Validation) {
		w.Write([]string{strconv.Itoa(v.Step), number(v.Epoch), number(v.Seconds), "", "", "", number(v.Loss), number(v.Top1Error), number(v.Top5Error)})
	}
	for _, p := range e.snap.Points {
		for ; len(val) > 0 && val[0].Step < p.Step; val = val[1:] {
			validation(val[0])
		}
		w.Write([]string{strconv.Itoa(p.Step), number(p.Epoch), number(p.Seconds), number(p.Loss), number(p.Rate), number(p.ImagesPerSecond), "", "", ""})
	}
	for _, v := range val {
		validation(v)
	}
	w.Flush()
	return []file{{"curves.csv", b.Bytes()}}, w.Error()
}

func (e exported) curvesSVG() ([]file, error) {
	var b bytes.Buffer
	err := e.figure.SVG(&b, e.th, e.fonts, e.at)
	return []file{{"curves.svg", b.Bytes()}}, err
}

// savePicture keeps the window's picture.
func (a *App) savePicture() {
	if a.options.Save == nil {
		a.say("Nothing can be saved here.", true)
		return
	}
	name := "start"
	if a.snap != nil {
		name = pages[a.page].name
	}
	picture := a.Picture()
	a.saving(func() ([]file, error) {
		var b bytes.Buffer
		err := png.Encode(&b, picture)
		return []file{{name + ".png", b.Bytes()}}, err
	})
}
