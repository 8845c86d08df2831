package main

import (
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "synlogger",
		Short: "Send log/slog records to Graylog reliably, and see them arrive",
		Long: `synlogger is the command of the Go module github.com/aimakerspace/synlogger, whose
handlers for log/slog send records to Graylog.

Exit codes:
  0  success
  1  failure
  2  invalid command line
  4  no failure, but the outcome could not be confirmed, for example over UDP
The help of each command says what the codes mean there and lists further ones.`,
		Example: `  synlogger demo                     watch four roles log, at http://127.0.0.1:9000
  synlogger collect --dir logs       receive and show records on this machine
  synlogger sysmetric --server HOST  report this machine's metrics to a Graylog
  synlogger doctor --server HOST     find out why records do not arrive
  synlogger healthcheck              check whether an agent or a collector works
  synlogger contentpack install      set up Graylog: inputs, streams and a dashboard
  synlogger completion bash          print the completion script for a shell`,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          showHelp,
	}
	root.SetVersionTemplate("synlogger {{.Version}}\n")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(newCollect(), newDemo(), newSysmetric(), newDoctor(), newHealthcheck(), newContentPack())
	rejectArgs(root)
	return root
}

func showHelp(cmd *cobra.Command, _ []string) error { return cmd.Help() }

// rejectArgs makes a command and those below it reject arguments, unless they
// declare some. Shells do not complete file names there.
func rejectArgs(cmd *cobra.Command) {
	if cmd.Args == nil {
		cmd.Args = noArgs
		cmd.ValidArgsFunction = cobra.NoFileCompletions
	}
	for _, sub := range cmd.Commands() {
		rejectArgs(sub)
	}
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if !cmd.HasSubCommands() {
		return usageError{fmt.Errorf("unknown argument %q for '%s'", args[0], cmd.CommandPath())}
	}
	hint := ""
	cmd.SuggestionsMinimumDistance = 2
	if names := cmd.SuggestionsFor(args[0]); len(names) > 0 {
		hint = ": did you mean " + strings.Join(names, " or ") + "?"
	}
	return usageError{fmt.Errorf("unknown command %q for '%s'%s", args[0], cmd.CommandPath(), hint)}
}

// version returns the versions of the module and of Go.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	return fmt.Sprintf("%s (%s)", info.Main.Version, info.GoVersion)
}

// must panics if this program refers to a flag that it does not define.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
