package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
)

func newCollect() *cobra.Command {
	var flags listenFlags
	cmd := &cobra.Command{
		Use:   "collect",
		Short: "Stand in for Graylog on this machine",
		Long: `collect takes GELF over TCP and UDP on the ports of the roles, judges each
record by Graylog's rules, keeps it, and shows it on a page. It runs until
Ctrl-C, and ends with everything stored that has arrived.

By default it listens on this machine alone. At another address, the page asks
for a token, which is printed once with the page's address; programs send it as
"Authorization: Bearer". The inputs are open to all who reach them: GELF has
nothing to log in with.`,
		Example: `  synlogger collect                                    keep the records in memory of this run
  synlogger collect --dir logs --max-records 5000000   keep them on disk
  synlogger collect --host 0.0.0.0                     take records from other hosts too
  synlogger collect --page 0.0.0.0:9000                show them to other hosts, with a token
  synlogger collect --ports auto                       where the usual ports are taken
  curl '127.0.0.1:9000/api/search?stream=TTP&q=loss'   ask it`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			opts, err := flags.options(cmd.Flags().Changed("page"))
			if err != nil {
				return err
			}
			return collect(cmd.Context(), opts, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags.add(cmd.Flags())
	return cmd
}

func collect(ctx context.Context, opts collector.Options, stdout, stderr io.Writer) error {
	opts.OnError = func(err error) { fmt.Fprintln(stderr, "synlogger:", err) }
	c, err := collector.New(opts)
	if err != nil {
		return explain(err)
	}
	printInputs(stdout, c)
	fmt.Fprintln(stdout, "\nCtrl-C ends it.")
	err = c.Run(ctx)
	stats := c.Stats()
	refused := int64(0)
	for _, n := range stats.Refused {
		refused += n
	}
	fmt.Fprintf(stdout, "\n%d frames received, %d records stored, %d refused.\n", stats.Received, stats.Stored, refused)
	if opts.Dir != "" {
		fmt.Fprintf(stdout, "%s holds %d records.\n", opts.Dir, stats.Records)
	}
	return err
}

func printInputs(w io.Writer, c *collector.Collector) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, in := range c.Inputs() {
		fmt.Fprintf(table, "%s\tGELF TCP and UDP\t%s\n", in.Title, in.Addr)
	}
	fmt.Fprintf(table, "Page and REST API\t\t%s\n", c.EntryURL())
	table.Flush()
}
