// Alexview shows a training run in a window: one that it trains, one that another
// process is writing at this moment, or one that is finished.
package main

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"alexnet/cmd/internal/launch"
	"alexnet/engine"
	"alexnet/viewer"
	"alexnet/viewer/window"
)

func init() { runtime.LockOSThread() } // windows belong to the main thread

func main() { os.Exit(launch.Run(root())) }

func root() *cobra.Command {
	c := &cobra.Command{
		Use:   "alexview [RUN]",
		Short: "Watch a training run in a window, and steer it",
		Long: `Alexview shows a run: its kernels as they form and its curves, live while
alexnet trains it in another process, or afterwards. RUN is the folder that
alexnet train --run made, here or on a mounted server; it is only read. Without
RUN it begins with the runs in the folder runs. alexview train trains in the
window's own process: there the run can be steered.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return launch.Usagef("expected at most one RUN, got %d arguments", len(args))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			path := strings.Join(args, "")
			if path == "" {
				return show(c.Context(), "", nil)
			}
			w, err := watch(c.Context(), path, bestDevices) // first, for what is wrong with it needs no window
			if err != nil {
				return err
			}
			return show(c.Context(), path, func(s *sessions) viewer.Source { return s.see(w) })
		},
	}
	c.AddCommand(trainCommand())
	return c
}

func trainCommand() *cobra.Command {
	var f launch.Flags
	c := &cobra.Command{
		Use:   "train RECIPE",
		Short: "Train a network in this window's process, with alexnet train's flags",
		Long: `Train a network by a recipe, watch it and steer it: pause, single steps, rate,
momentum, weight decay, dropout. Each change is a line of the run's log, which
alexnet train --journal makes again. Closing the window asks whether to go on
without one.`,
		Example: `  alexview train demo --devices 2
  alexview train --run runs/mine --resume`,
		Args: f.Args,
		RunE: func(c *cobra.Command, args []string) error {
			config, err := f.Config(strings.Join(args, ""))
			if err != nil {
				return err
			}
			if err := f.CheckDevices(config.Net.Columns); err != nil { // first, for what is wrong needs no window
				return err
			}
			sets, err := f.Sets(config)
			if err != nil {
				return err
			}
			return show(c.Context(), f.Run, func(s *sessions) viewer.Source { return s.begin(f, config, sets) })
		},
	}
	f.Add(c)
	return c
}

// show opens the window on what open gives; nil: on the start page.
func show(ctx context.Context, path string, open func(*sessions) viewer.Source) error {
	kept := load()
	trained := &sessions{ctx: ctx, kept: kept, shown: make(chan struct{})}
	trained.show = sync.OnceFunc(func() { close(trained.shown) })
	drawApart()
	w, err := window.Open(window.Options{Title: "alexview", Width: kept.Settings.Width, Height: kept.Settings.Height, Lost: trained.displayLost})
	if errors.Is(err, window.ErrNoDisplay) {
		return errors.New("no display here: alexview needs a screen. alexnet train trains and alexnet runs lists the runs without one; or copy or mount the run's folder where there is a screen")
	}
	if err != nil {
		return err
	}
	if path != "" {
		kept.remember(path)
	}
	wake := &waker{wake: window.Wake}
	var source viewer.Source
	if open != nil {
		source = open(trained)
	}
	o := options(kept, trained, wake)
	o.Done = ctx.Done()
	context.AfterFunc(ctx, wake.call)
	app := viewer.New(o, source)
	w.Run(app, trained.show)
	wake.close()
	w.Close()
	kept.Settings = app.Settings()
	problem(kept.save()) // the window closes all the same
	if err := trained.end(); err != nil {
		return err
	}
	return ctx.Err()
}

// drawApart keeps software OpenGL from compiling shaders in this process: Mesa's
// llvmpipe draws by the same compiler as lavapipe, Vulkan on the processor, computes
// by, and with both at work one start in three died of SIGBUS on a busy machine.
// softpipe needs no compiler. Drivers of graphics cards do not read the variable.
func drawApart() {
	if os.Getenv("GALLIUM_DRIVER") == "" {
		os.Setenv("GALLIUM_DRIVER", "softpipe")
	}
}

// bestDevices opens the best there is for so many columns.
func bestDevices(columns int) ([]*engine.Device, error) { return launch.OpenDevices(nil, columns) }

// options are what the app gets from the program.
func options(kept *kept, trained *sessions, wake *waker) viewer.Options {
	return viewer.Options{
		Open: func(path string) (viewer.Source, error) {
			w, err := watch(trained.ctx, home(path), bestDevices)
			if err != nil {
				return nil, err // not a nil *watched in an interface
			}
			kept.remember(home(path))
			return trained.see(w), nil
		},
		Same:         same,
		Demo:         trained.demo,
		DemoSettings: lister("", theDemo, nil),
		Check:        trained.check,
		Resume:       trained.resumable,
		Paths:        paths,
		Find:         find,
		Detach:       trained.detach,
		Recent:       trained.recent,
		Devices:      func() ([]viewer.Device, error) { return devices(trained.shown) },
		Save:         save,
		Wake:         wake.call,
		Settings:     kept.Settings,
	}
}
