package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"alexnet/cmd/internal/launch"
	"alexnet/engine"
	"alexnet/engine/whole"
	"alexnet/net"
	"alexnet/train"
)

// benchResult is what bench --json prints. Times are in milliseconds.
type benchResult struct {
	ImagesPerSecond          float64           `json:"images_per_second"`
	InferenceImagesPerSecond float64           `json:"inference_images_per_second"`
	Recipe                   string            `json:"recipe"`
	Batch                    int               `json:"batch"`
	Precision                string            `json:"precision"`
	Devices                  []string          `json:"devices"`
	Step                     float64           `json:"step_ms"`
	Inference                float64           `json:"inference_ms"`
	Memory                   map[string]uint64 `json:"device_memory_bytes"`
	WaitedForDevice          float64           `json:"waited_for_other_device"`
	Peaks                    []benchPeak       `json:"peaks"`
	Layers                   []benchLayer      `json:"layers"`
	NoTable                  string            `json:"no_layers,omitempty"` // why there are none

	profile *net.Profile
}

// benchPeak is what a device can do, measured while the others do the same.
type benchPeak struct {
	Device string  `json:"device"`
	GFlops float64 `json:"gflops"`
	Mixed  float64 `json:"mixed_gflops,omitempty"` // by cooperative matrices
	Copy   float64 `json:"copy_gb_per_s"`          // read and written
}

// benchLayer is a device's share of a layer, the mean of those side by side.
type benchLayer struct {
	Layer       string  `json:"layer"`
	Direction   string  `json:"direction"`
	Time        float64 `json:"ms"`
	GFlops      float64 `json:"gflops,omitempty"` // useful multiply-adds, two each
	ShareOfPeak float64 `json:"share_of_peak,omitempty"`
	Bytes       int64   `json:"bytes,omitempty"` // inputs once, outputs once: the least to move
	Rate        float64 `json:"gb_per_s,omitempty"`
	ShareOfCopy float64 `json:"share_of_copy,omitempty"`
	Kernel      string  `json:"kernel,omitempty"`
}

type benchFlags struct {
	set, devices    []string
	timeline, input string
	batch           batchFlag
	steps           int
	json            bool
}

func benchCommand() *cobra.Command {
	var f benchFlags
	c := &cobra.Command{
		Use:   "bench RECIPE | bench --input DIR [RECIPE]",
		Short: "Measure a network against the device's own peaks: by layer and direction, and images/s",
		Long: `Measure a step of training on random images. For each layer and direction: its time,
its useful multiply-adds a second and their share of what the device does in a kernel
of nothing else, and the least bytes that it must move (inputs once, outputs once) a
second against a copy in the device's memory. A layer near neither peak can be faster;
a fast convolution, which saves multiply-adds, may lie beyond 100 %. Where devices
compute side by side, each line is the mean of them. Layers are timed one by one: together
they take longer than the step, of which the fastest counts. What the kernels' names mean
is told by tune --help.

With --input: how many photographs of a folder a second each core decodes, scales and
crops to the recipe's size (default alexnet), without any device.`,
		Args: func(c *cobra.Command, args []string) error {
			if f.input != "" && len(args) == 0 {
				return nil
			}
			return exactly(1, "a RECIPE")(c, args)
		},
		RunE: func(c *cobra.Command, args []string) error {
			if err := f.check(c); err != nil {
				return err
			}
			if f.input == "" {
				return f.network(c.Context(), args[0])
			}
			r, err := benchInput(c.Context(), f.input, append(args, "alexnet")[0], f.set)
			if err != nil {
				return err
			}
			return show(r, f.json)
		},
	}
	c.Flags().StringArrayVar(&f.set, "set", nil, "override a key of the recipe: `key=value`")
	c.Flags().StringSliceVar(&f.devices, "devices", nil, "devices by name, type or UUID prefix, or a number of them")
	f.batch.flag(c)
	c.Flags().IntVar(&f.steps, "steps", 3, "steps to time; on processors the fastest counts, on GPUs the median")
	c.Flags().BoolVar(&f.json, "json", false, "print JSON")
	c.Flags().StringVar(&f.input, "input", "", "measure the loader alone on the photographs of this `folder`, a folder for each class")
	c.Flags().StringVar(&f.timeline, "profile", "", "write a step's commands as a timeline to this `file`, for Perfetto (ui.perfetto.dev) or chrome://tracing")
	return c
}

// check finds what the command line has wrong.
func (f *benchFlags) check(c *cobra.Command) error {
	if f.steps < 1 {
		return launch.Usagef("--steps %d; expected at least 1", f.steps)
	}
	if f.input == "" {
		return f.batch.check(c)
	}
	for _, name := range []string{"batch", "devices", "profile", "steps"} {
		if c.Flags().Changed(name) {
			return launch.Usagef("--input runs on no device: --%s does not go with it", name)
		}
	}
	if _, err := os.Stat(f.input); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no folder %s; check --input", f.input)
	}
	return nil
}

// network measures a network's steps.
func (f *benchFlags) network(ctx context.Context, recipe string) error {
	config, err := train.LoadConfig(recipe, f.batch.over(f.set)...)
	if err != nil {
		return err
	}
	if f.timeline != "" {
		if err := whole.Check(f.timeline); err != nil {
			return fmt.Errorf("profile: %w", err)
		}
	}
	r, err := benchOn(ctx, config, f.devices, f.steps)
	if err != nil {
		return err
	}
	shown := show(r, f.json)
	switch {
	case f.timeline == "":
		return shown
	case r.profile == nil:
		return errors.Join(shown, fmt.Errorf("%s was not written: %s", f.timeline, r.NoTable))
	}
	return errors.Join(writeTimeline(f.timeline, r.profile), shown)
}

// show prints a result as JSON or for people.
func show(r interface{ print(to io.Writer) }, asJSON bool) error {
	to := bufio.NewWriter(os.Stdout) // it keeps the first error
	if asJSON {
		e := json.NewEncoder(to)
		e.SetIndent("", "  ")
		if err := e.Encode(r); err != nil {
			return err
		}
	} else {
		r.print(to)
	}
	return to.Flush()
}

// benchOn opens the devices that words name and measures on them.
func benchOn(ctx context.Context, c *train.Config, words []string, steps int) (*benchResult, error) {
	devices, err := launch.OpenDevices(words, c.Net.Columns)
	if err != nil {
		return nil, err
	}
	defer launch.CloseDevices(devices)
	bar := newBar(os.Stderr)
	defer bar.clear()
	return bench(ctx, c, devices, steps, bar)
}

func bench(ctx context.Context, c *train.Config, devices []*engine.Device, steps int, bar *bar) (*benchResult, error) {
	used := devices[:min(len(devices), c.Net.Columns)]
	bar.stage("peaks of the devices")
	peaks, err := engine.MeasurePeaks(used) // before the network takes the memory
	if err != nil {
		return nil, err
	}
	n, err := net.Build(c.Net, devices, net.Options{Batch: c.Batch, Training: true, ImageHeight: c.Size, ImageWidth: c.Size, Tuning: bar.tuning(ctx)})
	if err != nil {
		return nil, err
	}
	if err := n.Initialize(c.Seed); err != nil {
		return nil, err
	}
	b := benchBatch(c)
	solver := net.Solver{Rate: 1e-6, Momentum: c.Solver.Momentum, Decay: c.Solver.Decay}
	r := &benchResult{Recipe: c.Name, Batch: c.Batch, Precision: c.Net.Precision, Memory: n.DeviceMemory()}
	for _, d := range devices {
		r.Devices = append(r.Devices, d.Name())
	}
	for i, p := range peaks {
		r.Peaks = append(r.Peaks, benchPeak{Device: used[i].Name(), GFlops: p.Flops / 1e9, Mixed: p.Mixed / 1e9, Copy: p.Copy / 1e9})
	}
	if r.Step, err = steadily(ctx, n, used, steps, bar.counted("training", func() error { return n.Begin(b, solver) })); err != nil {
		return nil, err
	}
	r.WaitedForDevice = n.WaitedForDevice()
	if r.Inference, err = steadily(ctx, n, used, steps, bar.counted("inference", func() error { return n.BeginTest(b) })); err != nil {
		return nil, err
	}
	r.ImagesPerSecond, r.InferenceImagesPerSecond = 1000*float64(c.Batch)/r.Step, 1000*float64(c.Batch)/r.Inference
	for _, d := range used {
		if d.Info().TimestampBits == 0 {
			r.NoTable = d.Name() + " has no timestamps, which the table of layers and --profile are made of"
			return r, nil
		}
	}
	bar.stage("layers")
	if r.profile, err = n.Profile(b, solver); err != nil {
		return nil, err
	}
	r.Layers = benchLayers(n, c.Batch, r.profile.Timings, r.Peaks)
	return r, nil
}

// benchBatch is a batch of random pixels.
func benchBatch(c *train.Config) *net.Batch {
	random := rand.New(rand.NewPCG(1, 1))
	b := &net.Batch{Pixels: make([]byte, 3*c.Batch*c.Size*c.Size), Crops: make([]net.Crop, c.Batch), Labels: make([]int32, c.Batch), Valid: c.Batch}
	for i := range b.Pixels {
		b.Pixels[i] = byte(random.Uint32())
	}
	for i := range b.Labels {
		b.Labels[i] = int32(random.IntN(c.Net.Classes()))
	}
	return b
}

// steadily returns the milliseconds from the end of one step to that of the next, each
// begun while the one before it runs as in training: on processors the least, as other
// programs only ever slow a step down; the median of GPUs, whose steps end when the host
// happens to look. Steps whose gradients overflow in mixed precision take less time and
// do not count.
func steadily(ctx context.Context, n *net.Net, devices []*engine.Device, times int, begin func() error) (float64, error) {
	var took []float64
	var last time.Time
	defer func() {
		for n.InFlight() > 0 { // behind an error
			n.Await()
		}
	}()
	gpu := !slices.ContainsFunc(devices, func(d *engine.Device) bool { return d.Info().CPU() })
	warm := time.Now()
	if gpu { // which runs at a fifth of its clock when it was idle
		warm = warm.Add(500 * time.Millisecond)
	}
	for counted := -2; counted < times; { // two warm up, or more
		for n.InFlight() < 2 {
			if err := errors.Join(begin(), ctx.Err()); err != nil {
				return 0, err
			}
		}
		r, err := n.Await()
		if err != nil {
			return 0, err
		}
		if r.Skipped && (net.LossScale{Scale: r.Scale}).Least() {
			return 0, errors.New("gradients overflow at every loss scale")
		}
		if counted >= 0 && !r.Skipped {
			took = append(took, r.Ended.Sub(last).Seconds()*1000)
		}
		if last = r.Ended; !r.Skipped && (counted < -1 || last.After(warm)) {
			counted++
		}
	}
	slices.Sort(took)
	if gpu {
		return took[len(took)/2], nil
	}
	return took[0], nil
}

func benchLayers(n *net.Net, batch int, times []net.Timing, peaks []benchPeak) []benchLayer {
	numbers := map[string]int{}
	for i, row := range n.Rows {
		numbers[row.Layer.LayerName()] = i
	}
	var flops, copying float64 // the mean device's
	unknown := false           // the peak in mixed precision
	for _, p := range peaks {
		rate := p.GFlops
		if n.Spec.Precision == net.Mixed {
			rate = p.Mixed
			unknown = unknown || rate == 0
		}
		flops, copying = flops+rate/float64(len(peaks)), copying+p.Copy/float64(len(peaks))
	}
	var out []benchLayer
	for _, t := range times {
		l := benchLayer{Layer: t.Layer, Direction: t.Direction, Time: t.Time.Seconds() * 1000, Bytes: t.Bytes}
		if t.Time > 0 {
			l.Rate = float64(t.Bytes) / t.Time.Seconds() / 1e9
			l.ShareOfCopy = l.Rate / copying
		}
		if i, ok := numbers[t.Layer]; ok && n.Rows[i].MultiplyAdds > 0 {
			forward, data, weight := n.Kernels(i)
			l.Kernel = map[string]string{"forward": forward, "data gradient": data, "weight gradient": weight}[t.Direction]
			if l.Kernel != "" && t.Time > 0 {
				l.GFlops = 2 * float64(n.Rows[i].MultiplyAdds) * float64(batch) / float64(len(peaks)) / t.Time.Seconds() / 1e9
				if !unknown {
					l.ShareOfPeak = l.GFlops / flops
				}
			}
		}
		out = append(out, l)
	}
	return out
}

func (r *benchResult) print(to io.Writer) {
	if r.NoTable != "" {
		fmt.Fprintln(to, r.NoTable)
	} else {
		r.printLayers(to)
	}
	for _, p := range r.Peaks {
		fmt.Fprintf(to, "peak of %s: %.1f GFLOP/s, copy %.1f GB/s\n", p.Device, p.GFlops, p.Copy)
		if p.Mixed > 0 {
			fmt.Fprintf(to, "peak of %s in mixed precision: %.1f GFLOP/s\n", p.Device, p.Mixed)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.Memory)) {
		fmt.Fprintf(to, "memory of %s: %s\n", name, engine.Megabytes(r.Memory[name]))
	}
	if len(r.Peaks) > 1 {
		fmt.Fprintf(to, "waiting for the other device: %.1f %%\n", 100*r.WaitedForDevice)
	}
	fmt.Fprintf(to, "precision: %s\n", r.Precision)
	fmt.Fprintf(to, "training: %.1f ms a step of %d, %.1f images/s\n", r.Step, r.Batch, r.ImagesPerSecond)
	fmt.Fprintf(to, "inference: %.1f ms, %.1f images/s\n", r.Inference, r.InferenceImagesPerSecond)
}

func (r *benchResult) printLayers(to io.Writer) {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "layer\tdirection\tms\tGFLOP/s\tof peak\tMB\tGB/s\tof copy\tkernel\t")
	for _, l := range r.Layers {
		fmt.Fprintf(w, "%s\t%s\t%.2f\t%s\t%s\t%s\t%s\t%s\t%s\t\n", l.Layer, l.Direction, l.Time,
			number("%.1f", l.GFlops), number("%.0f %%", 100*l.ShareOfPeak),
			number("%.1f", float64(l.Bytes)/1e6), number("%.1f", l.Rate), number("%.0f %%", 100*l.ShareOfCopy), l.Kernel)
	}
	w.Flush()
}

// number prints a number, or nothing where there is none.
func number(format string, v float64) string {
	if v == 0 {
		return ""
	}
	return fmt.Sprintf(format, v)
}
