package launch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"alexnet/train"
)

// UsageError is a mistake in the command line: exit code 2.
type UsageError struct{ Err error }

// Usagef makes a UsageError.
func Usagef(format string, values ...any) error { return UsageError{fmt.Errorf(format, values...)} }

func (e UsageError) Error() string { return e.Err.Error() }

// Unwrap returns the error without its meaning for the exit code.
func (e UsageError) Unwrap() error { return e.Err }

// Run runs a program's command and returns the exit code: 0; 2 for a mistake in the
// command line and 1 for another error, both told on stderr; as shells count, 130,
// 143 and 129 where Ctrl-C, SIGTERM and a closed terminal ended it, and 141 where nobody
// read what it printed.
//
// The first signal ends the command's context, which finishes the step and writes a
// checkpoint; the second ends the program.
func Run(c *cobra.Command) int {
	c.SilenceUsage, c.SilenceErrors = true, true
	c.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return UsageError{Err: err} })
	c.CompletionOptions.DisableDefaultCmd = true
	c.SetHelpCommand(helpCommand(c))
	if build, ok := debug.ReadBuildInfo(); ok {
		c.Version = version(build.Settings)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	go obey(cancel, listen())
	ran, err := c.ExecuteContextC(ctx)
	return ExitCode(ctx, ran.CommandPath(), err)
}

// ExitCode tells the error that a command ended with, under the context that Run gave it,
// on stderr and returns the exit code, as Run does. The command is named with those above,
// from the program on.
func ExitCode(ctx context.Context, command string, err error) int {
	name, _, _ := strings.Cut(command, " ")
	var usage UsageError
	var by interrupted
	switch {
	case err == nil:
		return 0
	case errors.Is(err, train.ErrStopped), errors.Is(err, context.Canceled):
		errors.As(context.Cause(ctx), &by)
		return by.code()
	case errors.Is(err, syscall.EPIPE): // nobody reads, nor would read why
		return 128 + int(syscall.SIGPIPE)
	case errors.As(err, &usage):
		fmt.Fprintf(os.Stderr, "%s: %v\nTry '%s --help'.\n", name, err, command)
		return 2
	}
	fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
	return 1
}

// interrupted is the signal that ended a context.
type interrupted struct{ signal syscall.Signal }

func (i interrupted) Error() string { return i.signal.String() }

func (i interrupted) code() int { return 128 + int(i.signal) }

func obey(cancel context.CancelCauseFunc, signals <-chan os.Signal) {
	by := interrupted{(<-signals).(syscall.Signal)}
	fmt.Fprintln(os.Stderr, "\nstopping; press Ctrl-C again to stop at once")
	cancel(by)
	for s := range signals {
		if s != syscall.SIGHUP { // of which a closed terminal sends several
			os.Exit(by.code())
		}
	}
}

// listen takes over the signals that end programs. A pipe that nobody reads any more does
// not: what is trained or tested goes on, and its files are written.
func listen() <-chan os.Signal {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // as nohup has it
		signal.Notify(signals, syscall.SIGHUP)
	}
	signal.Ignore(syscall.SIGPIPE)
	return signals
}
