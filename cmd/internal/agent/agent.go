// Package agent reports the metrics of this host through the Sysmetric role.
package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/health"
	"github.com/aimakerspace/synlogger/role"
	"github.com/aimakerspace/synlogger/sysmetric"
)

const (
	// OnceWindow is the time over which a single report measures percentages and
	// rates.
	OnceWindow = 200 * time.Millisecond
	// ShutdownTimeout bounds the delivery of the last records.
	ShutdownTimeout = 5 * time.Second
)

// ErrUnconfirmed is returned if a single report was sent over UDP.
var ErrUnconfirmed = errors.New("UDP has no acknowledgments: the record was sent, not confirmed")

// Config configures an [Agent].
type Config struct {
	Interval time.Duration // between two reports; must be positive
	Once     bool          // report once and return
	Health   string        // address that answers health checks, "" for none; not with Once
	Target   sysmetric.Target
	Attrs    []slog.Attr // of each record
	Stderr   io.Writer   // of progress lines
}

// An Agent reports the metrics of this host. Each Agent runs once.
type Agent struct {
	opts    Config
	handler *role.Handler
	monitor *monitor
	udp     bool // whether the server is reached over UDP
	prints  bool // whether records are printed instead of sent
}

// New returns an agent that logs with the configuration. The error is about the
// configuration.
func New(cfg role.Config, opts Config) (*Agent, error) {
	sys, err := role.Lookup("Sysmetric")
	if err != nil {
		return nil, err
	}
	m := &monitor{interval: opts.Interval}
	if opts.Health != "" {
		cfg.Filters = append(slices.Clip(cfg.Filters), m.filter)
	}
	h, err := role.New(sys, cfg)
	if err != nil {
		return nil, err
	}
	m.stats = h.Stats
	a := &Agent{opts: opts, handler: h, monitor: m, prints: cfg.Variant == role.VariantBasic}
	a.udp = !a.prints && strings.HasPrefix(strings.ToLower(cfg.Server), "udp://")
	return a, nil
}

// Run reports until the context ends, and then delivers the remaining records. It
// returns an error if records are lost.
func (a *Agent) Run(ctx context.Context) error {
	defer a.handler.Close()
	sys := sysmetric.New(a.handler)
	if a.opts.Once {
		if err := sys.Probe(ctx, a.opts.Target, OnceWindow, a.opts.Attrs...); err != nil {
			return err
		}
		return a.deliver(ctx)
	}
	if a.opts.Health != "" {
		server, err := health.Listen(a.opts.Health, a.monitor.check)
		if err != nil {
			return err
		}
		defer server.Close()
		fmt.Fprintf(a.opts.Stderr, "synlogger: health checks are answered at %s\n", server.URL())
	}
	// The tracker outlives the context, because it logs two records when it is
	// terminated.
	tracker, err := sys.Track(context.WithoutCancel(ctx), a.opts.Target, a.opts.Interval, a.opts.Attrs...)
	if err != nil {
		return err
	}
	if !a.prints {
		fmt.Fprintf(a.opts.Stderr, "synlogger: reporting this host every %v; press Ctrl-C to stop\n", a.opts.Interval)
	}
	select {
	case <-ctx.Done():
	case <-tracker.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), ShutdownTimeout)
	defer cancel()
	err = tracker.Terminate(last)
	if lost := a.deliver(last); err == nil {
		err = lost
	}
	return err
}

// deliver sends the remaining records and prints how many were sent. It returns an
// error if records are lost.
func (a *Agent) deliver(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, ShutdownTimeout)
	defer cancel()
	err := a.handler.Shutdown(ctx)
	stats := a.handler.Stats()
	if lost := stats.Dropped.Total(); lost > 0 {
		cause := err
		if cause == nil {
			cause = errors.New(stats.LastError)
		}
		return fmt.Errorf("%d of %d records lost: %w", lost, stats.Accepted, cause)
	}
	if err != nil { // the spool does not contain all of the unsent records
		return err
	}
	switch {
	case a.opts.Once && a.udp:
		return ErrUnconfirmed
	case a.udp:
		fmt.Fprintf(a.opts.Stderr, "synlogger: records sent over UDP, not confirmed: %d\n", stats.Sent)
	case stats.Spooled > 0:
		fmt.Fprintf(a.opts.Stderr, "synlogger: records sent: %d, spooled for the next start: %d: %s\n",
			stats.Sent, stats.Spooled, stats.LastError)
	case !a.prints:
		fmt.Fprintf(a.opts.Stderr, "synlogger: records sent: %d\n", stats.Sent)
	}
	return nil
}
