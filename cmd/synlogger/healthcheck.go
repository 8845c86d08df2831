package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/health"
)

// healthcheckFlags select the process that is checked, and how.
type healthcheckFlags struct {
	address  string
	delivery bool
	timeout  time.Duration
}

func newHealthcheck() *cobra.Command {
	var flags healthcheckFlags
	cmd := &cobra.Command{
		Use:   "healthcheck",
		Short: "Check whether an agent or a collector on this machine works",
		Long: `healthcheck asks a running 'synlogger sysmetric' or 'synlogger collect' whether it
works. It needs no shell, so it can be the health check of a container.

  - An agent works if its last report is recent. Start it with --health, too:
    otherwise it does not answer.
  - A collector works if its inputs receive and its store can be written. It answers at
    the address of its page and needs no token.

An agent that cannot reach its server works: it keeps the records, and a restart would
not help. With --delivery, the check also fails if the agent's records do not reach the
server. Use it to see that a new configuration works, not to restart the agent. Over UDP
it cannot detect losses.

Exit codes:
  0  the process works
  1  the process does not work, or does not answer
  2  invalid command line

Environment:
` + healthHelp,
		Example: `  synlogger healthcheck                          a collector at 127.0.0.1:9000
  synlogger healthcheck --health 127.0.0.1:9110  an agent
  synlogger healthcheck --health 127.0.0.1:9110 --delivery`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return flags.run(cmd.Context(), cmd.OutOrStdout())
		},
	}
	addHealth(cmd, &flags.address,
		"where the process answers (default: "+collector.DefaultPage+", the collector's page)")
	cmd.Flags().BoolVar(&flags.delivery, "delivery", false, "fail also if the agent's records do not reach the server")
	cmd.Flags().DurationVar(&flags.timeout, "timeout", 3*time.Second, "longest time until the answer")
	return cmd
}

func (f *healthcheckFlags) run(ctx context.Context, stdout io.Writer) error {
	if f.timeout <= 0 {
		return usageError{fmt.Errorf("--timeout %v: use a positive duration", f.timeout)}
	}
	addr, err := healthAddress(f.address, collector.DefaultPage)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	report, err := health.Check(ctx, addr)
	if err != nil {
		return err
	}
	d := report.Delivery
	if d == nil {
		if f.delivery {
			return errors.New("the process is a collector, which sends no records: leave out --delivery")
		}
		fmt.Fprintln(stdout, "ok")
		return nil
	}
	counts := fmt.Sprintf("records sent: %d, queued: %d, dropped: %d", d.Sent, d.Queued, d.Dropped)
	if d.Error == "" {
		fmt.Fprintf(stdout, "ok, %s\n", counts)
		return nil
	}
	if f.delivery {
		return fmt.Errorf("records do not reach the server: %s (%s)", d.Error, counts)
	}
	fmt.Fprintf(stdout, "ok, but records do not reach the server: %s (%s)\n", d.Error, counts)
	return nil
}
