package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"alexnet/train"
	"alexnet/train/safetensors"
)

// patience is how long a test waits for the window; machines that test are slow.
const patience = 2 * time.Minute

// program builds alexview once a test run.
func program(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "alexview")
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

// screen is a display without a screen. Its picture lies in a file.
type screen struct {
	display string
	file    string
	offset  int64
	stride  int64
	width   int
	height  int
	server  *exec.Cmd
}

func newScreen(t *testing.T, width, height int) *screen {
	t.Helper()
	for _, tool := range []string{"Xvfb", "xdotool"} {
		if _, err := exec.LookPath(tool); err == nil {
			continue
		}
		if os.Getenv("REQUIRE_DISPLAY") != "" {
			t.Fatalf("REQUIRE_DISPLAY is set and %s is not installed: cmd/setup/setup.sh test installs it", tool)
		}
		t.Skipf("%s is not installed: cmd/setup/setup.sh test installs it", tool)
	}
	dir := t.TempDir()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	x := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", fmt.Sprintf("%dx%dx24", width, height), "-fbdir", dir, "-nolisten", "tcp",
		"-noreset", "-r") // a client may come when the last has gone; a key that is held by a slow xdotool types once
	x.ExtraFiles = []*os.File{write}
	if err := x.Start(); err != nil {
		t.Fatal(err)
	}
	write.Close()
	t.Cleanup(func() { x.Process.Kill(); x.Wait() })
	line, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb did not start: %v", err)
	}
	s := &screen{display: ":" + strings.TrimSpace(line), file: filepath.Join(dir, "Xvfb_screen0"), width: width, height: height, server: x}
	head := make([]byte, 100) // of the XWD format, whose words are big-endian
	f, err := os.Open(s.file)
	if err == nil {
		defer f.Close()
		_, err = f.Read(head)
	}
	if err != nil {
		t.Fatal(err)
	}
	word := func(i int) int64 { return int64(binary.BigEndian.Uint32(head[4*i:])) }
	s.offset, s.stride = word(0)+12*word(19), word(12)
	return s
}

// pixel is what the screen shows at a place.
func (s *screen) pixel(t *testing.T, x, y int) color.RGBA {
	t.Helper()
	f, err := os.Open(s.file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var b [4]byte
	if _, err := f.ReadAt(b[:], s.offset+int64(y)*s.stride+4*int64(x)); err != nil {
		t.Fatal(err)
	}
	return color.RGBA{b[2], b[1], b[0], 255}
}

// picture is the whole screen.
func (s *screen) picture(t *testing.T) *image.RGBA {
	t.Helper()
	text, err := os.ReadFile(s.file)
	if err != nil {
		t.Fatal(err)
	}
	img := image.NewRGBA(image.Rect(0, 0, s.width, s.height))
	for y := range s.height {
		row := text[s.offset+int64(y)*s.stride:]
		for x := range s.width {
			img.SetRGBA(x, y, color.RGBA{row[4*x+2], row[4*x+1], row[4*x], 255})
		}
	}
	return img
}

// shoot keeps a screenshot if ALEXVIEW_SCREENSHOTS names a folder for them.
func (s *screen) shoot(t *testing.T, name string) {
	t.Helper()
	dir := os.Getenv("ALEXVIEW_SCREENSHOTS")
	if dir == "" {
		return
	}
	time.Sleep(500 * time.Millisecond)
	f, err := os.Create(filepath.Join(dir, name+".png"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, s.picture(t)); err != nil {
		t.Fatal(err)
	}
}

// still is the sum of a rectangle once it no longer changes: a picture may be half on the
// screen.
func (s *screen) still(t *testing.T, r image.Rectangle) (sum uint64) {
	t.Helper()
	wait(t, "the picture stands still", func() bool {
		before := s.sum(t, r)
		time.Sleep(300 * time.Millisecond)
		sum = s.sum(t, r)
		return before == sum
	})
	return sum
}

// changes presses keys and waits until a rectangle has another picture.
func (s *screen) changes(t *testing.T, what string, r image.Rectangle, keys ...string) {
	t.Helper()
	before := s.still(t, r)
	for _, k := range keys {
		s.do(t, "key", k)
	}
	wait(t, what, func() bool { return s.sum(t, r) != before })
}

// wait waits until something is so and says how long it took.
func wait(t *testing.T, what string, so func() bool) time.Duration {
	t.Helper()
	for start := time.Now(); ; time.Sleep(2 * time.Millisecond) {
		if so() {
			return time.Since(start)
		}
		if time.Since(start) > patience {
			t.Fatalf("%v passed and not: %s", patience, what)
		}
	}
}

// sums are sums of the pixels in a rectangle: another sum, another picture.
func (s *screen) sum(t *testing.T, r image.Rectangle) uint64 {
	t.Helper()
	img := s.picture(t)
	var sum uint64
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for _, v := range img.Pix[img.PixOffset(r.Min.X, y):img.PixOffset(r.Max.X-1, y)] {
			sum = sum*31 + uint64(v)
		}
	}
	return sum
}

// has says whether a rectangle has a pixel of a colour.
func (s *screen) has(t *testing.T, r image.Rectangle, c color.RGBA) bool {
	t.Helper()
	img := s.picture(t)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if img.RGBAAt(x, y) == c {
				return true
			}
		}
	}
	return false
}

// do lets xdotool press keys or move the mouse.
func (s *screen) do(t *testing.T, args ...string) {
	t.Helper()
	c := exec.Command("xdotool", args...)
	c.Env = append(os.Environ(), "DISPLAY="+s.display)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("xdotool %v: %v\n%s", args, err, out)
	}
}

// start starts alexview on the screen, with settings of its own.
func (s *screen) start(t *testing.T, path, dir string, args ...string) (*exec.Cmd, *strings.Builder) {
	t.Helper()
	config := t.TempDir()
	settings := filepath.Join(config, "alexnet", "alexview.json")
	if err := os.MkdirAll(filepath.Dir(settings), 0o755); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf(`{"settings":{"Width":%d,"Height":%d}}`, s.width, s.height)
	if err := os.WriteFile(settings, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	// What it trains while a test waits for pixels takes less of the processors than
	// other packages' tests.
	c := exec.Command("nice", append([]string{"-n", "5", path}, args...)...)
	c.Dir = dir
	c.Env = append(os.Environ(), "DISPLAY="+s.display, "XDG_CONFIG_HOME="+config)
	out := &strings.Builder{}
	c.Stdout, c.Stderr = out, out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill() })
	return c, out
}

// line is one of the demo's log.
func line(step int) string {
	return fmt.Sprintf(`{"kind":"train","step":%d,"epoch":%g,"loss":%g,"rate":%g,"top1_error":0.5,"images_per_second":%d,"waited":0.1}`+"\n",
		step, float64(step)/625, 0.3+2.7*math.Exp(-float64(step)/300)+0.05*math.Sin(float64(step)), 0.003, 300+step%7)
}

// makeRun makes the folder of a run: a log and two checkpoints.
func makeRun(t *testing.T, dir string, steps int) string {
	t.Helper()
	c, err := train.LoadConfig("demo")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "checkpoints"), 0o755); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	for step := 10; step <= steps; step += 10 {
		log.WriteString(line(step))
		if step%250 == 0 {
			fmt.Fprintf(&log, `{"kind":"val","step":%d,"loss":%g,"top1_error":%g,"top5_error":%g}`+"\n", step, 300/float64(step), 100/float64(step), 20/float64(step))
		}
	}
	for name, text := range map[string]string{"recipe.toml": c.Text(), "log.jsonl": log.String(), "classes.txt": strings.Repeat("class\n", 20)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	checkpoint(t, dir, steps/2)
	checkpoint(t, dir, steps)
	return dir
}

func checkpoint(t *testing.T, dir string, step int) {
	t.Helper()
	values := make([]float32, 96*3*11*11)
	for i := range values {
		x, y, k := float64(i%11)-5, float64(i/11%11)-5, i/363
		s, c := math.Sincos(float64(k) + float64(step)/1000)
		values[i] = float32(math.Sin((x*c+y*s)*0.9+float64(i/121%3)*float64(k/48)) * math.Exp(-(x*x+y*y)/30))
	}
	f, err := os.Create(filepath.Join(dir, "checkpoints", fmt.Sprintf("step-%08d.safetensors", step)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := safetensors.Write(f, []safetensors.Tensor{{Name: "conv1.weight", Shape: []int{96, 3, 11, 11}, Floats: values}}, nil); err != nil {
		t.Fatal(err)
	}
}
