// Command synlogger is the command line of synlogger: a collector that stands
// in for Graylog on one machine, a demonstration of what the roles of a
// Synergos grid log, an agent that reports a host's hardware, a doctor for records
// that do not arrive, and the content pack that sets up Graylog. synlogger help
// says more.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/aimakerspace/synlogger/sysmetric"
)

// Exit statuses.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
	exitDiffers = 3 // of contentpack diff
	exitUnknown = 4 // nothing failed, but something could not be confirmed
	// exitNotTracking is the command sysmetric's; the Python package returned
	// -42 then.
	exitNotTracking = 42
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second Ctrl-C ends the process at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run executes one command line and returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	if wantsJSON(args) && !errors.As(err, new(printedError)) {
		if printErr := printJSON(stdout, failure{Error: err.Error()}); printErr != nil {
			err = errors.Join(err, printErr)
		}
	}
	status := exitStatus(err)
	if status != exitDiffers { // the differences say that themselves
		fmt.Fprintf(stderr, "synlogger: %v\n", err)
	}
	if status == exitUsage {
		fmt.Fprintln(stderr, "Try 'synlogger help'.")
	}
	return status
}

func exitStatus(err error) int {
	var usage usageError
	switch {
	case errors.As(err, new(differenceError)):
		return exitDiffers
	case errors.As(err, &usage):
		return exitUsage
	case errors.As(err, new(unknownError)):
		return exitUnknown
	case errors.Is(err, sysmetric.ErrNotTracking):
		return exitNotTracking
	default:
		return exitFailure
	}
}

// A usageError is a mistake in the command line.
type usageError struct{ error }

// An unknownError says that nothing failed, but that the outcome could not be
// confirmed.
type unknownError struct{ error }

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "synlogger",
		Short: "Logging for a Synergos grid: slog records in Graylog",
		Long: `synlogger belongs to the Go module github.com/aimakerspace/synlogger, whose
handlers for log/slog send the records of a Synergos grid to Graylog.

Exit status: 0 all went well, 1 it did not, 2 the command line is wrong, 4
nothing failed, but the outcome could not be confirmed (over UDP, for example).
The help of a command lists further ones.`,
		Example: `  synlogger demo                     see four roles log, on the page at 127.0.0.1:9000
  synlogger collect --dir logs       stand in for Graylog on this machine
  synlogger sysmetric --server HOST  report this machine's hardware there
  synlogger doctor --server HOST     find out why records do not arrive there
  synlogger contentpack install      set up Graylog: inputs, streams, a dashboard
  synlogger completion bash          completions for your shell`,
		Version:       version(),
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetVersionTemplate("synlogger {{.Version}}\n")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(newCollect(), newDemo(), newSysmetric(), newDoctor(), newContentPack())
	for _, cmd := range root.Commands() {
		if cmd.Args == nil {
			cmd.Args = noArgs
		}
	}
	root.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	root.Args = noArgs
	return root
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("%q is none of the commands and flags of '%s'", args[0], cmd.CommandPath())}
	}
	return nil
}

// version returns the version of the module and of Go.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	return fmt.Sprintf("%s (%s)", info.Main.Version, info.GoVersion)
}
