// Alexview shows a training run in a window: one that another process is writing
// at this moment, or one that is finished.
package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"

	"github.com/spf13/cobra"

	"alexnet/train/follow"
	"alexnet/viewer"
	"alexnet/viewer/window"
)

// usageError is a mistake in the command line: exit code 2.
type usageError struct{ error }

func init() { runtime.LockOSThread() } // windows belong to the main thread

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	c := root()
	c.SetArgs(args)
	err := c.Execute()
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usage):
		fmt.Fprintf(os.Stderr, "alexview: %v\nTry 'alexview --help'.\n", err)
		return 2
	}
	fmt.Fprintln(os.Stderr, "alexview:", err)
	return 1
}

func root() *cobra.Command {
	c := &cobra.Command{
		Use:   "alexview [RUN]",
		Short: "Watch a training run in a window",
		Long: `Alexview shows a run: its kernels as they form and its curves, live while
alexnet trains it in another process, or afterwards. RUN is the folder that
alexnet train --run made, here or on a mounted server; it is only read. Without
RUN it begins with the runs in the folder runs.`,
		SilenceUsage: true, SilenceErrors: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError{fmt.Errorf("expected at most one RUN, got %d arguments", len(args))}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			path := ""
			if len(args) == 1 {
				path = args[0]
			}
			return show(path)
		},
	}
	c.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	c.CompletionOptions.DisableDefaultCmd = true
	return c
}

// show opens the window on a run; without one on the start page.
func show(path string) error {
	var source viewer.Source
	if path != "" { // first, for what is wrong with it needs no window
		f, err := follow.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		source = f
	}
	kept := load()
	w, err := window.Open(window.Options{Title: "alexview", Width: kept.Settings.Width, Height: kept.Settings.Height})
	if errors.Is(err, window.ErrNoDisplay) {
		return errors.New("no display here: alexview needs a screen. alexnet runs lists the runs without one; or copy or mount the run's folder where there is a screen")
	}
	if err != nil {
		return err
	}
	defer w.Close()
	if path != "" {
		kept.remember(path)
	}
	app := viewer.New(viewer.Options{
		Open: func(path string) (viewer.Source, error) {
			f, err := follow.Open(path)
			if err != nil {
				return nil, err // not a nil *Follower in an interface
			}
			kept.remember(path)
			return f, nil
		},
		Recent:   func() ([]viewer.Recent, error) { return recent(kept.paths()) },
		Save:     save,
		Wake:     window.Wake,
		Settings: kept.Settings,
	}, source)
	w.Run(app)
	kept.Settings = app.Settings()
	if err := kept.save(); err != nil {
		fmt.Fprintln(os.Stderr, "alexview:", err) // the window closes all the same
	}
	return nil
}
