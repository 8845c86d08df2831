package main

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"go.uber.org/goleak"

	"github.com/aimakerspace/synlogger/cmd/internal/agent"
	"github.com/aimakerspace/synlogger/cmd/internal/clitest"
	"github.com/aimakerspace/synlogger/cmd/internal/demo"
	"github.com/aimakerspace/synlogger/cmd/internal/doctor"
	"github.com/aimakerspace/synlogger/cmd/internal/output"
	"github.com/aimakerspace/synlogger/cmd/internal/setup"
	_ "github.com/aimakerspace/synlogger/internal/golden"
	"github.com/aimakerspace/synlogger/sysmetric"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// command runs a command line in the background. The returned function waits until
// the command ends and returns its exit code.
func command(ctx context.Context, args ...string) (stdout, stderr *clitest.Buffer, wait func() int) {
	stdout, stderr = new(clitest.Buffer), new(clitest.Buffer)
	code := make(chan int, 1)
	go func() { code <- run(ctx, args, stdout, stderr) }()
	return stdout, stderr, func() int { return <-code }
}

// build compiles the command and returns the path of the executable.
func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "synlogger")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}

func TestExitCode(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want int
	}{
		{nil, exitOK},
		{errors.New("no network"), exitFailure},
		{usageError{errors.New("unknown flag")}, exitUsage},
		{usageError{doctor.ErrUnknown}, exitUsage},
		{setup.ErrDifferent, exitDiffers},
		{&output.PrintedError{Err: setup.ErrDifferent}, exitDiffers},
		{doctor.ErrUnknown, exitUnknown},
		{&output.PrintedError{Err: doctor.ErrUnknown}, exitUnknown},
		{demo.ErrUnconfirmed, exitUnknown},
		{agent.ErrUnconfirmed, exitUnknown},
		{(*sysmetric.Tracker)(nil).Terminate(t.Context()), 42},
	} {
		if got := exitCode(tt.err); got != tt.want {
			t.Errorf("%v: %d, want %d", tt.err, got, tt.want)
		}
	}
}

// TestHelp checks that each command has a complete help text, with examples that
// can be parsed.
func TestHelp(t *testing.T) {
	for _, cmd := range commands(newRoot()) {
		t.Run(cmd.CommandPath(), func(t *testing.T) {
			stdout, stderr, wait := command(t.Context(), append(strings.Fields(cmd.CommandPath())[1:], "--help")...)
			if code := wait(); code != exitOK || stderr.String() != "" {
				t.Errorf("exit code %d\n%s", code, stderr)
			}
			if !strings.HasPrefix(stdout.String(), cmd.Long) {
				t.Errorf("the description is missing in\n%s", stdout)
			}
			clitest.Match(t, stdout.String(), "^Exit codes:$", "^  2 +invalid command line$", "^Usage:$", "^Examples:$")
			for line := range strings.Lines(stdout.String()) {
				if len(line) > 120 {
					t.Errorf("%d columns: %s", len(line), line)
				}
			}
			parseExamples(t, cmd)
		})
	}
}

// commands returns a command and those below it, without those of cobra.
func commands(cmd *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{cmd}
	for _, sub := range cmd.Commands() {
		if sub.Name() != "help" && sub.Name() != "completion" {
			all = append(all, commands(sub)...)
		}
	}
	return all
}

// parseExamples parses the command lines in a command's examples.
func parseExamples(t *testing.T, cmd *cobra.Command) {
	t.Helper()
	if cmd.Example == "" {
		t.Error("no example")
	}
	for line := range strings.Lines(strings.ReplaceAll(cmd.Example, "\\\n", "")) {
		line = strings.Join(strings.Fields(beforeComment(line)), " ")
		if args, ok := strings.CutPrefix(line, "synlogger "); ok && !strings.HasPrefix(args, "completion ") {
			parse(t, strings.Fields(args))
		}
	}
}

// beforeComment returns the command line of an example, which two spaces separate
// from the comment.
func beforeComment(line string) string {
	line = strings.TrimSpace(line)
	line, _, _ = strings.Cut(line, " > ")
	if i := strings.LastIndex(line, "  "); i > 0 && !strings.HasPrefix(strings.TrimSpace(line[i:]), "--") {
		line = line[:i]
	}
	return line
}

// parse checks a command line without running it.
func parse(t *testing.T, args []string) {
	t.Helper()
	cmd, rest, err := newRoot().Find(args)
	if err == nil {
		err = cmd.ParseFlags(rest)
	}
	if err == nil {
		err = cmd.ValidateArgs(cmd.Flags().Args())
	}
	if err != nil {
		t.Errorf("synlogger %s: %v", strings.Join(args, " "), err)
	}
}
