package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/aimakerspace/synlogger/contentpack"
)

// A differenceError says that a command found differences, and has told them.
type differenceError struct{ error }

func newContentPack() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "contentpack",
		Short: "Set up Graylog: inputs, streams and a dashboard",
		Long: `contentpack brings to Graylog what a Synergos grid needs there: an input and a
stream for each role, and a dashboard with a tab for each. They are one content
pack, "Synergos Logs", which Graylog 4.0 to 7 take.

The server and who logs in there are in the environment, or in flags:

  GRAYLOG_URL            --url             address of Graylog's page, http://127.0.0.1:9000
  GRAYLOG_USER           --user            a user with the role Admin, admin
  GRAYLOG_PASSWORD       --password-file   the password, or the file that has it
  GRAYLOG_TOKEN          --token-file      an access token in place of both, or its file
  GRAYLOG_PASSWORD_FILE, GRAYLOG_TOKEN_FILE  name the files, too

No flag takes a password or a token itself, because all users of a machine can
see the arguments of its programs.

With --json, each command prints one JSON object on standard output, whatever
happens: "ok" says whether all is well, "error" why not.

Exit status: 0 all is well, 1 it is not or could not be found out, 2 the command
line is wrong. Of diff: 0 no difference, 3 differences, 1 and 2 as above.`,
		Example: `  synlogger contentpack install --wait 3m           when a stack comes up; again, it changes nothing
  synlogger contentpack verify                      does everything run?
  synlogger contentpack diff                        what would install change?
  synlogger contentpack remove                      as if it had never been there
  synlogger contentpack print > synergos.json       for Graylog's own page, or its auto loader`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newPackPrint(), newPackInstall(), newPackVerify(), newPackDiff(), newPackRemove())
	for _, sub := range cmd.Commands() {
		sub.Args = noArgs
	}
	return cmd
}

func newPackPrint() *cobra.Command {
	var pack packFlags
	cmd := &cobra.Command{
		Use:   "print",
		Short: "Print the pack's JSON",
		Long: `print writes the content pack to standard output, as JSON for Graylog: to be
uploaded at System, Content Packs, or to lie in its content_packs_dir.

Graylog takes each revision of a pack once. Whoever hands it packs of changed
options has to raise --revision each time; install does not need that.`,
		Example: `  synlogger contentpack print > synergos.json
  synlogger contentpack print --bind 127.0.0.1 --port ttp=19300 --test-input`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := pack.pack(cmd)
			if err != nil {
				return err
			}
			text, err := p.MarshalJSON()
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(text)
			return err
		},
	}
	pack.add(cmd)
	cmd.Flags().Bool("json", false, "print errors as JSON, too")
	return cmd
}

func newPackInstall() *cobra.Command {
	var pack packFlags
	var server serverFlags
	var force bool
	cmd := &cobra.Command{
		Use:   "install",
		Short: "Bring the pack onto a server",
		Long: `install uploads the pack and installs it, resumes its streams, and waits until
its inputs run. Where the pack is there already it does nothing; where an older
one is, or one of other options, it takes its place. So it can run at each start
of a stack, and beside Graylog's own auto loader.

An input of someone else's at one of the ports stops it before anything is
changed. So does, unless --force is given, a stream or a dashboard of the same
title, which then stands beside the pack's; a newer revision, which is replaced;
and the same revision made by another program, which is deleted.

Files of --tls-… are those of the machine that Graylog runs on. If it cannot
read the certificate, it starts the input with one of its own making, which no
sender trusts: synlogger doctor shows which certificate an input has.

Where an older installation is replaced, its streams are made anew: records that
came before stay in the index, but are in none of the new streams.`,
		Example: `  synlogger contentpack install
  synlogger contentpack install --wait 3m --url https://graylog.example --ca ca.pem
  synlogger contentpack install --port ttp=19300 --tls-cert /etc/graylog/cert.pem --tls-key /etc/graylog/key.pem`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := pack.pack(cmd)
			if err != nil {
				return err
			}
			return server.run(cmd, func(ctx context.Context, c *contentpack.Client) (contentpack.Report, error) {
				c.Force = force
				return c.Install(ctx, p)
			}, func(r contentpack.Report) string {
				if len(r.Steps) == 0 {
					return fmt.Sprintf("revision %d was installed already; nothing was changed", p.Revision)
				}
				return fmt.Sprintf("revision %d is installed", p.Revision)
			})
		},
	}
	pack.add(cmd)
	server.add(cmd)
	cmd.Flags().BoolVar(&force, "force", false, "install in spite of other streams, dashboards and revisions")
	return cmd
}

func newPackVerify() *cobra.Command {
	var pack packFlags
	var server serverFlags
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Find out whether all of the pack works",
		Long: `verify looks for the pack on the server, and holds what is there against it:
each input runs at its port, each stream has its rule and is not paused, each
widget is as it was made. It changes nothing.

It also lists the records that the index has refused in the last day, which are
lost: with the field, its kind in the index and in the records, and the loggers,
as far as the server knows them. --failures sets how far back it looks.

Give the options that install was given. A line begins with failed for what
keeps records from where they belong, with note for what does not.`,
		Example: `  synlogger contentpack verify
  synlogger contentpack verify --failures 10m   has the index refused records since the repair?
  synlogger contentpack verify --json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := pack.pack(cmd)
			if err != nil {
				return err
			}
			return server.run(cmd, func(ctx context.Context, c *contentpack.Client) (contentpack.Report, error) {
				return c.Verify(ctx, p)
			}, func(contentpack.Report) string {
				text := fmt.Sprintf("revision %d is installed: %d inputs run, %d streams too, and the dashboard is as it should be",
					p.Revision, len(p.Inputs), len(p.Streams))
				if server.failures > 0 {
					text += fmt.Sprintf("; the index has refused no record in the last %v", server.failures)
				}
				return text
			})
		},
	}
	pack.add(cmd)
	server.add(cmd)
	addFailures(cmd, &server.failures)
	return cmd
}

func newPackDiff() *cobra.Command {
	var pack packFlags
	var server serverFlags
	cmd := &cobra.Command{
		Use:   "diff",
		Short: "Show what install would change",
		Long: `diff shows the steps that install would take, what stands in its way, and in
what the installed pack differs from the wanted one. It changes nothing.

Exit status: 0 there is no difference, 3 there is one, 1 it could not be found
out or something stands in the way, 2 the command line is wrong.`,
		Example: `  synlogger contentpack diff
  synlogger contentpack diff --port ttp=19300 --json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := pack.pack(cmd)
			if err != nil {
				return err
			}
			differs := false
			err = server.run(cmd, func(ctx context.Context, c *contentpack.Client) (contentpack.Report, error) {
				r, err := c.Diff(ctx, p)
				differs = len(r.Steps)+len(r.Differences) > 0
				for _, step := range r.Steps {
					c.Progress("would " + step.String())
				}
				return r, err
			}, func(r contentpack.Report) string {
				if differs {
					return fmt.Sprintf("install would change it in %d steps; %d differences", len(r.Steps), len(r.Differences))
				}
				return fmt.Sprintf("revision %d is installed; there is no difference", p.Revision)
			})
			if err == nil && differs { // --json has printed them
				return printedError{differenceError{errors.New("there are differences")}}
			}
			return err
		},
	}
	pack.add(cmd)
	server.add(cmd)
	return cmd
}

func newPackRemove() *cobra.Command {
	var server serverFlags
	cmd := &cobra.Command{
		Use:   "remove",
		Short: "Take the pack from a server",
		Long: `remove uninstalls the pack, whatever its options were, and takes it from the
list of packs: its inputs, streams and dashboard go, and nothing else. All
records stay in the index. A pack of the same id that was not made by this
program, such as that of the Python package, stays too.`,
		Example: `  synlogger contentpack remove`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return server.run(cmd, func(ctx context.Context, c *contentpack.Client) (contentpack.Report, error) {
				return c.Remove(ctx)
			}, func(r contentpack.Report) string {
				if len(r.Steps) == 0 {
					return "there was nothing to remove"
				}
				return "the pack is removed"
			})
		},
	}
	server.add(cmd)
	return cmd
}

// run runs a method of the client and prints its report: line by line, or as one
// JSON object, whatever the outcome is. The error says that the method failed or
// found problems.
func (f *serverFlags) run(
	cmd *cobra.Command,
	method func(context.Context, *contentpack.Client) (contentpack.Report, error),
	summary func(contentpack.Report) string,
) error {
	c, err := f.client()
	if err != nil {
		return err
	}
	progress := cmd.OutOrStdout()
	if f.json {
		progress = cmd.ErrOrStderr()
	}
	c.Progress = func(line string) { fmt.Fprintln(progress, printable(line)) }
	report, err := method(cmd.Context(), c)
	switch {
	case err != nil:
		err = errors.New(strings.TrimPrefix(err.Error(), "contentpack: "))
	case !report.OK():
		err = errors.New("not all is as it should be on the server")
	}
	if f.json {
		if printErr := printPackJSON(cmd.OutOrStdout(), report, err); printErr != nil {
			return printErr
		}
		if err != nil {
			return printedError{err}
		}
		return nil
	}
	printReport(cmd.OutOrStdout(), report)
	if err == nil {
		fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", report.Server, summary(report))
	}
	return err
}

// printPackJSON prints a report and the error of the method that made it.
func printPackJSON(w io.Writer, report contentpack.Report, err error) error {
	text := ""
	if err != nil {
		text = err.Error()
	}
	return printJSON(w, struct {
		OK    bool   `json:"ok"`
		Error string `json:"error,omitempty"`
		contentpack.Report
	}{err == nil, text, report})
}

// printReport prints a report for people, in the manner of doctor. The steps of
// a command that takes some were told while it did.
func printReport(w io.Writer, report contentpack.Report) {
	for _, f := range report.Findings {
		status := statusNote
		if f.Problem {
			status = statusFailed
		}
		fmt.Fprintf(w, "%-7s %s: %s\n", status, f.Where, printable(f.Found))
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
	return printable(value)
}
