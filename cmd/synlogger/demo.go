package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/aimakerspace/synlogger/cmd/internal/demo"
	"github.com/aimakerspace/synlogger/delivery"
)

// demoFlags select where the grid of the demo logs.
type demoFlags struct {
	listen listenFlags // without server
	server string
	tls    delivery.TLS // with server
	length time.Duration
}

func newDemo() *cobra.Command {
	var flags demoFlags
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Watch the four roles of a grid log",
		Long: `demo starts a collector and a small grid that pretends to train a model. A director
starts experiments, a TTP runs their rounds, three workers train, and each worker's
host reports its metrics. All of them log over GELF TCP, as they would to Graylog.
After the first experiment demo prints how many records were sent, received and
stored. It continues until Ctrl-C. See 'synlogger collect --help' for the addresses.

With --server the grid logs to a Graylog instead, on the ports of the roles, to fill
its dashboard and streams. demo first tries each input like 'synlogger doctor', with a
record whose logger is named doctor, and stops if an input accepts no records.

Exit codes:
  0  each stream contains all records, or with --server, all records were sent
  1  records are missing, or an input accepts no records
  2  invalid command line
  4  all records were sent over UDP, which has no acknowledgments`,
		Example: `  synlogger demo               then open http://127.0.0.1:9000
  synlogger demo --for 5s      in a script: exit code 0 if no record was lost
  synlogger demo --ports auto  if the usual ports are in use
  synlogger demo --server graylog.example
  synlogger demo --server tls://graylog.example --ca-file ca.pem`,
		RunE: func(cmd *cobra.Command, _ []string) error { return flags.run(cmd) },
	}
	flags.listen.add(cmd)
	cmd.Flags().StringVar(&flags.server, "server", "", "log to this Graylog: [tcp://|tls://|udp://]HOST")
	addTLS(cmd, &flags.tls)
	cmd.Flags().DurationVar(&flags.length, "for", 0, "end after this time, such as 5s (default: at Ctrl-C)")
	return cmd
}

func (f *demoFlags) run(cmd *cobra.Command) error {
	if f.length < 0 {
		return usageError{fmt.Errorf("--for %v: use a positive duration", f.length)}
	}
	if err := f.checkTogether(cmd); err != nil {
		return err
	}
	if f.server != "" {
		if err := checkPair(f.tls); err != nil {
			return err
		}
		d, err := demo.NewRemote(f.server, f.tls)
		if err != nil {
			return usageError{fmt.Errorf("--server: %w", err)}
		}
		return d.Run(cmd.Context(), f.length, cmd.OutOrStdout())
	}
	opts, err := f.listen.options(cmd.Flags().Changed("page"))
	if err != nil {
		return err
	}
	return demo.Local(cmd.Context(), opts, f.length, cmd.OutOrStdout(), cmd.ErrOrStderr())
}

// checkTogether returns an error if --server is combined with a flag of the
// collector, or a TLS flag is given without --server.
func (f *demoFlags) checkTogether(cmd *cobra.Command) (err error) {
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		isTLS := slices.Contains(tlsFlagNames, flag.Name)
		switch {
		case flag.Name == "server", flag.Name == "for":
		case f.server != "" && !isTLS:
			err = usageError{fmt.Errorf("--%s has no effect with --server: remove one of them", flag.Name)}
		case f.server == "" && isTLS:
			err = usageError{fmt.Errorf("--%s has no effect without --server", flag.Name)}
		}
	})
	return err
}
