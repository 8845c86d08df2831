package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/aimakerspace/synlogger/handler"
	"github.com/aimakerspace/synlogger/role"
	"github.com/aimakerspace/synlogger/sysmetric"
)

const (
	// onceOver is what --once measures percentages and rates over.
	onceOver = 200 * time.Millisecond
	// farewell is how long the last records may take to the server.
	farewell = 5 * time.Second
)

// sysmetricFlags say what to report of this host, and where to.
type sysmetricFlags struct {
	server, name string
	every        time.Duration
	once, print  bool
	target       sysmetric.Target
	spool        string
	tls          handler.TLS
	udp          bool // whether the server is reached over UDP
}

func newSysmetric() *cobra.Command {
	var flags sysmetricFlags
	cmd := &cobra.Command{
		Use:   "sysmetric [key=value ...]",
		Short: "Report this host's hardware to Graylog",
		Long: `sysmetric logs what this host has and uses, its cores, memory, disks and network,
through the Sysmetric role: at once, and then at the interval of --every, until
Ctrl-C or SIGTERM. It is the agent for hosts whose own software is not in Go.
Each key=value becomes a field, a text, of its records.

What it does not say, the environment may: SYNLOGGER_SERVER, SYNLOGGER_NAME and
the other variables of the library. HOST_PROC and HOST_SYS are where proc and
sysfs of another host are mounted, for a container that reports the machine it
runs on.

Give each process a directory of its own with --spool. If another one uses the
directory, sysmetric reports it and keeps records in memory until the directory is free.

Exit status: 0 no record is lost (with --spool the next start sends those that
have not reached the server), 1 some are, 2 the command line is wrong, 4 --once
has sent its record over UDP, which nobody confirms, 42 it was to end a tracker
that had ended by itself.`,
		Example: `  synlogger sysmetric --server graylog.example --name hospital-1
  synlogger sysmetric --server tls://graylog.example --ca-file ca.pem --spool /var/lib/synlogger
  synlogger sysmetric --every 10s site=north rack=7
  synlogger sysmetric --once --print                  one record, on the terminal`,
		Args: func(_ *cobra.Command, args []string) error {
			if _, err := parseAttrs(args); err != nil {
				return usageError{err}
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			h, err := flags.handler(cmd)
			if err != nil {
				return usageError{err}
			}
			attrs, _ := parseAttrs(args) // checked by Args
			return flags.run(cmd.Context(), h, attrs, cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.server, "server", "", "where Graylog listens: host or host:port, behind tcp://, tls:// or udp:// if need be (default this machine, port 9100)")
	f.StringVar(&flags.name, "name", "", "name of the logger behind SYS_ (default the host's)")
	f.DurationVar(&flags.every, "every", time.Second, "time between two probes")
	f.BoolVar(&flags.once, "once", false, "probe once, over "+onceOver.String()+", and end")
	f.BoolVar(&flags.print, "print", false, "print the frames as lines instead of sending them")
	f.StringVar(&flags.target.Path, "path", "", "field ID_path: what the host is tracked for")
	f.StringVar(&flags.target.Class, "class", "", "field ID_class")
	f.StringVar(&flags.target.Function, "function", "", "field ID_function")
	f.StringVar(&flags.spool, "spool", "", "directory for records that cannot be sent yet (default: memory alone)")
	addTLS(cmd, &flags.tls)
	must(cmd.MarkFlagDirname("spool"))
	return cmd
}

// handler returns the handler that the environment and, above it, the flags ask
// for.
func (f *sysmetricFlags) handler(cmd *cobra.Command) (*role.Handler, error) {
	if f.every <= 0 {
		return nil, fmt.Errorf("--every %v: use a positive duration, such as 1s", f.every)
	}
	cfg, err := role.ConfigFromEnv()
	if err != nil {
		return nil, err
	}
	for flag, field := range map[string]*string{
		"server": &cfg.Server, "name": &cfg.Name, "spool": &cfg.SpoolDir, "ca-file": &cfg.TLS.CAFile,
		"cert-file": &cfg.TLS.CertFile, "key-file": &cfg.TLS.KeyFile, "server-name": &cfg.TLS.ServerName,
	} {
		if cmd.Flags().Changed(flag) {
			*field = cmd.Flag(flag).Value.String()
		}
	}
	f.udp = !f.print && strings.HasPrefix(strings.ToLower(cfg.Server), "udp://")
	if f.print {
		cfg.Variant, cfg.Writer = role.Basic, cmd.OutOrStdout()
	}
	sys, err := role.Lookup("Sysmetric")
	if err != nil {
		return nil, err
	}
	return role.New(sys, cfg)
}

// parseAttrs translates key=value. The values are texts: a field that is a
// number in one record and a text in another would lose that in Graylog.
func parseAttrs(args []string) (attrs []slog.Attr, err error) {
	for _, arg := range args {
		key, value, ok := strings.Cut(arg, "=")
		if !ok || key == "" {
			return nil, fmt.Errorf("%q is no attribute: write it as key=value", arg)
		}
		attrs = append(attrs, slog.String(key, value))
	}
	return attrs, nil
}

// run reports the host until the context ends, and then sees to it that what it
// has logged arrives.
func (f *sysmetricFlags) run(ctx context.Context, h *role.Handler, attrs []slog.Attr, stderr io.Writer) error {
	defer h.Close()
	sys := sysmetric.New(h)
	if f.once {
		if err := sys.Probe(ctx, f.target, onceOver, attrs...); err != nil {
			return err
		}
		return f.account(ctx, h, stderr)
	}
	// The tracker outlives the context, to be ended in order.
	tracker, err := sys.Track(context.WithoutCancel(ctx), f.target, f.every, attrs...)
	if err != nil {
		return err
	}
	if !f.print {
		fmt.Fprintf(stderr, "synlogger: reporting this host every %v; Ctrl-C ends it\n", f.every)
	}
	select {
	case <-ctx.Done():
	case <-tracker.Done():
	}
	leaving, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	err = tracker.Terminate(leaving)
	if lost := f.account(leaving, h, stderr); err == nil {
		err = lost
	}
	return err
}

// account sends the remaining records and reports how many were sent. It returns an
// error if records are lost.
func (f *sysmetricFlags) account(ctx context.Context, h *role.Handler, stderr io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, farewell)
	defer cancel()
	err := h.Shutdown(ctx)
	s := h.Stats()
	why := s.LastError
	if why == "" && err != nil {
		why = err.Error()
	}
	if lost := s.Dropped.Total(); lost > 0 {
		return fmt.Errorf("%d of %d records lost: %s", lost, s.Accepted, why)
	}
	if err != nil { // the spool does not have all of the others
		return err
	}
	switch {
	case f.once && f.udp:
		return unknownError{errors.New("nobody answers UDP: the record was sent, not confirmed")}
	case f.udp:
		fmt.Fprintf(stderr, "synlogger: records sent over UDP, not confirmed: %d\n", s.Sent)
	case s.Spooled > 0:
		fmt.Fprintf(stderr, "synlogger: records sent: %d, in the spool for the next start: %d: %s\n", s.Sent, s.Spooled, why)
	case !f.print:
		fmt.Fprintf(stderr, "synlogger: records sent: %d\n", s.Sent)
	}
	return nil
}
