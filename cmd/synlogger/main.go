// Command synlogger receives and shows records on one machine (collect), runs a
// demonstration of the roles (demo), reports a host's metrics (sysmetric), finds out
// why records do not arrive (doctor), checks containers (healthcheck), and sets up
// Graylog (contentpack). See synlogger help.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/aimakerspace/synlogger/cmd/internal/output"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second Ctrl-C ends the process at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run executes one command line and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitOK
	}
	var printed *output.PrintedError
	if wantsJSON(args) && !errors.As(err, &printed) {
		if printErr := output.JSON(stdout, failure{Error: err.Error()}); printErr != nil {
			err = errors.Join(err, printErr)
		}
	}
	code := exitCode(err)
	if code != exitDiffers { // the command has printed the differences
		fmt.Fprintf(stderr, "synlogger: %v\n", err)
	}
	if code == exitUsage {
		fmt.Fprintf(stderr, "Run '%s --help' for usage.\n", cmd.CommandPath())
	}
	return code
}
