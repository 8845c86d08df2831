package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/handler"
	"github.com/aimakerspace/synlogger/role"
)

func newDemo() *cobra.Command {
	var flags listenFlags
	var length time.Duration
	var server string
	var tls handler.TLS
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "See the four roles of a grid log",
		Long: `demo starts a collector and lets a small grid train a model: a director starts
experiments, a TTP runs their rounds, three workers train, and each worker's
host reports its metrics. All of them log over GELF TCP, as they would to
Graylog. After the first experiment it prints what was sent, received and
stored, and goes on until Ctrl-C.

With --server there is no collector: the grid logs to a Graylog, at the ports of
the roles, to fill its dashboard and its streams. demo first tries each input as
doctor does, with a record of the logger name doctor, and does not start if one of
them does not accept records.

With --for it ends by itself.

Exit status: 0 if each stream holds every record that was sent to it, or with
--server, if all were sent; 1 if not; 2 if the command line is wrong; 4 if all were
sent over UDP, which nobody confirms.`,
		Example: `  synlogger demo               then open http://127.0.0.1:9000
  synlogger demo --for 5s      for scripts: status 0 if nothing was lost
  synlogger demo --ports auto  where the usual ports are taken
  synlogger demo --server graylog.example
  synlogger demo --server tls://graylog.example --ca-file ca.pem`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if length < 0 {
				return usageError{fmt.Errorf("--for %v: use a positive duration", length)}
			}
			if server != "" {
				if err := alone(cmd, "server", append(tlsFlags, "for")...); err != nil {
					return err
				}
				return demoTo(cmd.Context(), server, tls, length, cmd.OutOrStdout())
			}
			for _, name := range tlsFlags {
				if cmd.Flags().Changed(name) {
					return usageError{fmt.Errorf("--%s has no meaning without --server", name)}
				}
			}
			opts, err := flags.options(cmd.Flags().Changed("page"))
			if err != nil {
				return err
			}
			return demo(cmd.Context(), opts, length, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags.add(cmd.Flags())
	cmd.Flags().StringVar(&server, "server", "", "log to this Graylog instead: a host, behind tcp://, tls:// or udp:// if need be")
	addTLS(cmd, &tls)
	cmd.Flags().DurationVar(&length, "for", 0, "end after this time, such as 5s; 0 goes on until Ctrl-C")
	return cmd
}

// demo runs a collector and a grid that logs to it.
func demo(ctx context.Context, opts collector.Options, length time.Duration, stdout, stderr io.Writer) error {
	opts.OnError = func(err error) { fmt.Fprintln(stderr, "synlogger:", err) }
	c, err := collector.New(opts)
	if err != nil {
		return explain(err)
	}
	// The collector outlives the grid, to take all that it has sent.
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- c.Run(running) }()
	finish := func(err error) error {
		stop()
		return errors.Join(err, <-ended)
	}

	printInputs(stdout, c)
	fmt.Fprintln(stdout)
	addr := make(map[string]string)
	for _, in := range c.Inputs() {
		addr[in.Title] = reachable(in.Addr)
	}
	g, err := newGrid(func(r role.Role) string { return addr[r.Input] }, handler.TLS{}, newDemoID())
	if err != nil {
		return finish(err)
	}
	defer g.close()
	g.test = addr["Test Logs"]
	account := func() error { return g.account(c, stdout) }
	g.runFor(ctx, length, stdout, fmt.Sprintf("Look at %s.", c.PageURL()), account)
	return finish(account())
}

func newDemoID() string { return fmt.Sprintf("demo-%08x", rand.Uint32()) }

// alone returns an error if a flag is given that has no meaning beside the one
// of this name; others are those that have.
func alone(cmd *cobra.Command, name string, others ...string) (err error) {
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if f.Name != name && !slices.Contains(others, f.Name) {
			err = usageError{fmt.Errorf("--%s has no meaning beside --%s: leave one out", f.Name, name)}
		}
	})
	return err
}

// demoTo runs a grid that logs to a Graylog.
func demoTo(ctx context.Context, server string, tls handler.TLS, length time.Duration, stdout io.Writer) error {
	doctors, err := demoDoctors(server, tls)
	if err != nil {
		return usageError{err}
	}
	g, err := newGrid(func(role.Role) string { return server }, tls, newDemoID())
	if err != nil {
		return usageError{err}
	}
	defer g.close()
	if err := tryInputs(ctx, doctors, stdout); err != nil {
		return err
	}
	account := func() error { return g.accountSent(stdout) }
	g.runFor(ctx, length, stdout, fmt.Sprintf("Search Graylog for demo:%q.", g.id), account)
	if err := account(); err != nil {
		return err
	}
	if doctors[0].scheme == "udp" {
		return unknownError{errors.New("nobody answers UDP: the records were sent, not confirmed")}
	}
	return nil
}

// demoDoctors returns a doctor for the input of each role.
func demoDoctors(server string, tls handler.TLS) (doctors []*doctor, err error) {
	for _, r := range role.All() {
		flags := doctorFlags{server: server, role: r.Name, name: "doctor", tls: tls, timeout: accountTimeout}
		d, err := flags.doctor(io.Discard)
		if err != nil {
			return nil, err
		}
		doctors = append(doctors, d)
	}
	return doctors, nil
}

// tryInputs lets all doctors try their inputs at once. It prints what failed and
// returns an error if an input accepts no records.
func tryInputs(ctx context.Context, doctors []*doctor, stdout io.Writer) error {
	var all sync.WaitGroup
	accepted := make([]bool, len(doctors))
	for i, d := range doctors {
		all.Go(func() { accepted[i] = d.accepts(ctx) })
	}
	all.Wait()
	refused := 0
	for i, d := range doctors {
		if accepted[i] {
			continue
		}
		refused++
		for _, s := range d.steps {
			if s.Status == statusFailed {
				fmt.Fprintf(stdout, "%s, %s: ", d.role.Input, d.server)
				s.print(stdout)
			}
		}
	}
	if refused > 0 && ctx.Err() == nil {
		return fmt.Errorf("%d of %d inputs accept no records", refused, len(doctors))
	}
	return ctx.Err()
}

// runFor lets the grid work until the context or the length ends. Unless there
// is one, it prints an account after the first experiment, and where to look.
func (g *grid) runFor(ctx context.Context, length time.Duration, stdout io.Writer, look string, account func() error) {
	if length > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, length)
		defer cancel()
	}
	g.run(ctx, stdout, func() {
		if length > 0 {
			return
		}
		// What was lost, if anything, is said again at the end.
		_ = account()
		fmt.Fprintf(stdout, "\n%s The grid goes on; Ctrl-C ends it.\n\n", look)
	})
}

// accountTimeout is how long the last records may take until they are stored.
const accountTimeout = 10 * time.Second

// account prints what became of the records and returns an error if a stream
// does not hold all that were sent to it.
func (g *grid) account(c *collector.Collector, w io.Writer) error {
	ctx, cancel := context.WithTimeout(context.Background(), accountTimeout)
	defer cancel()
	received := make(map[string]int64)
	var errs []error
	fmt.Fprintln(w)
	fmt.Fprintf(w, "%-18s %9s %9s %9s\n", "stream", "sent", "received", "stored")
	for _, r := range role.All() {
		accepted, err := g.flush(ctx, r)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", r.Stream, err))
		}
		stored, err := c.Wait(ctx, collector.Query{Stream: r.Name, Text: g.id}, accepted)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s holds %d of %d records: %w", r.Stream, stored, accepted, err))
		}
		for _, in := range c.Stats().Inputs {
			received[in.Title] = in.Records
		}
		fmt.Fprintf(w, "%-18s %9d %9d %9d\n", r.Stream, accepted, received[r.Input], stored)
	}
	return errors.Join(errs...)
}

// accountSent prints how many records were sent and returns an error if some
// were not.
func (g *grid) accountSent(w io.Writer) error {
	ctx, cancel := context.WithTimeout(context.Background(), accountTimeout)
	defer cancel()
	var errs []error
	fmt.Fprintf(w, "\n%-18s %9s\n", "stream", "sent")
	for _, r := range role.All() {
		accepted, err := g.flush(ctx, r)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", r.Stream, err))
		}
		if accepted == 0 {
			errs = append(errs, fmt.Errorf("%s: no record was sent", r.Stream))
		}
		fmt.Fprintf(w, "%-18s %9d\n", r.Stream, accepted)
	}
	return errors.Join(errs...)
}
