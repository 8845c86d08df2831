// Package setup runs the methods of [installer.Client] for the command
// contentpack and prints their reports.
package setup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/output"
	"github.com/aimakerspace/synlogger/contentpack"
	"github.com/aimakerspace/synlogger/contentpack/installer"
	"github.com/aimakerspace/synlogger/internal/graylog"
)

// ErrDifferent is returned by [Runner.Diff] if install would change something.
var ErrDifferent = errors.New("there are differences")

// A Runner runs methods of a client and prints their reports: lines for people, or
// one JSON object if JSON is set. Methods return an error if the method of the
// client does, or if the report contains a problem.
type Runner struct {
	Client *installer.Client
	Stdout io.Writer
	Stderr io.Writer // of progress lines, if JSON is set
	JSON   bool
}

// Install installs a pack.
func (r *Runner) Install(ctx context.Context, pack contentpack.Pack) error {
	r.printProgress()
	report, err := r.Client.Install(ctx, pack)
	summary := fmt.Sprintf("revision %d is installed", pack.Revision)
	if len(report.Steps) == 0 {
		summary = fmt.Sprintf("revision %d was installed already; nothing was changed", pack.Revision)
	}
	return r.print(report, err, summary)
}

// Verify compares the server with a pack, and looks for records that the index has
// refused within the time failures, unless that is 0.
func (r *Runner) Verify(ctx context.Context, pack contentpack.Pack, failures time.Duration) error {
	r.printProgress()
	report, err := r.Client.Verify(ctx, pack)
	summary := fmt.Sprintf("revision %d is installed: %d inputs and %d streams run, and the dashboard exists",
		pack.Revision, len(pack.Inputs), len(pack.Streams))
	if failures > 0 {
		summary += fmt.Sprintf("; the index has refused no record in the last %v", failures)
	}
	return r.print(report, err, summary)
}

// Diff prints what Install would change. It returns [ErrDifferent] if that is not
// nothing.
func (r *Runner) Diff(ctx context.Context, pack contentpack.Pack) error {
	r.printProgress()
	report, err := r.Client.Diff(ctx, pack)
	for _, step := range report.Steps {
		r.Client.Progress("would " + step.String())
	}
	different := len(report.Steps)+len(report.Differences) > 0
	summary := fmt.Sprintf("revision %d is installed; there are no differences", pack.Revision)
	if different {
		summary = fmt.Sprintf("install would take %d steps; %d differences", len(report.Steps), len(report.Differences))
	}
	err = r.print(report, err, summary)
	switch {
	case err == nil && different && r.JSON:
		return &output.PrintedError{Err: ErrDifferent}
	case err == nil && different:
		return ErrDifferent
	}
	return err
}

// Remove removes the pack.
func (r *Runner) Remove(ctx context.Context) error {
	r.printProgress()
	report, err := r.Client.Remove(ctx)
	summary := "the pack is removed"
	if len(report.Steps) == 0 {
		summary = "the pack was not installed; nothing was changed"
	}
	return r.print(report, err, summary)
}

// printProgress makes the client print its progress, to standard error if standard
// output is for the JSON object.
func (r *Runner) printProgress() {
	w := r.Stdout
	if r.JSON {
		w = r.Stderr
	}
	r.Client.Progress = func(line string) { fmt.Fprintln(w, graylog.Printable(line)) }
}

// print prints a report and returns the method's error, or one that counts the
// problems of the report. The summary is for a method that succeeded.
func (r *Runner) print(report installer.Report, err error, summary string) error {
	if err == nil && !report.OK() {
		problems := 0
		for _, f := range report.Findings {
			if f.Problem {
				problems++
			}
		}
		err = fmt.Errorf("problems found on the server: %d", problems)
	}
	if r.JSON {
		return printJSON(r.Stdout, report, err)
	}
	printLines(r.Stdout, report)
	if err == nil {
		fmt.Fprintf(r.Stdout, "%s: %s\n", report.Server, summary)
	}
	return err
}

// printJSON prints a report and the error of its method as one object, and returns
// the error.
func printJSON(w io.Writer, report installer.Report, err error) error {
	text := ""
	if err != nil {
		text = err.Error()
	}
	if printErr := output.JSON(w, struct {
		OK    bool   `json:"ok"`
		Error string `json:"error,omitempty"`
		installer.Report
	}{err == nil, text, report}); printErr != nil {
		return printErr
	}
	if err != nil {
		return &output.PrintedError{Err: err}
	}
	return nil
}

// printLines prints the findings and differences of a report. Its steps were
// printed as progress.
func printLines(w io.Writer, report installer.Report) {
	for _, f := range report.Findings {
		status := "note"
		if f.Problem {
			status = "failed"
		}
		fmt.Fprintf(w, "%-7s %s: %s\n", status, f.Where, graylog.Printable(f.Found))
		if f.Advice != "" {
			fmt.Fprintf(w, "%8s> %s\n", "", f.Advice)
		}
	}
	for _, d := range report.Differences {
		fmt.Fprintf(w, "differs %s: %s, wanted %s\n", d.Where, orNothing(d.Have), orNothing(d.Want))
	}
}

func orNothing(value string) string {
	if value == "" {
		return "nothing"
	}
	return graylog.Printable(value)
}
