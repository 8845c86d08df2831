package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/role"
)

// accountTimeout bounds the wait for the last records.
const accountTimeout = 10 * time.Second

// accountStored prints how many records were sent, received and stored. It returns
// an error if a stream does not contain all records that were sent to it.
func (g *grid) accountStored(c *collector.Collector, w io.Writer) error {
	ctx, cancel := context.WithTimeout(context.Background(), accountTimeout)
	defer cancel()
	received := make(map[string]int64)
	var errs []error
	fmt.Fprintf(w, "\n%-18s %9s %9s %9s\n", "stream", "sent", "received", "stored")
	for _, r := range role.All() {
		accepted, err := g.flush(ctx, r)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", r.Stream, err))
		}
		stored, err := c.Wait(ctx, collector.Query{Stream: r.Name, Text: g.id}, accepted)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s contains %d of %d records: %w", r.Stream, stored, accepted, err))
		}
		for _, in := range c.Stats().Inputs {
			received[in.Title] = in.Records
		}
		fmt.Fprintf(w, "%-18s %9d %9d %9d\n", r.Stream, accepted, received[r.Input], stored)
	}
	return errors.Join(errs...)
}

// accountSent prints how many records were sent. It returns an error if some were
// not.
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

// flush waits until the records of a role are sent and returns their number.
func (g *grid) flush(ctx context.Context, r role.Role) (accepted int, err error) {
	var errs []error
	for _, p := range g.parties {
		if p.role != r {
			continue
		}
		errs = append(errs, p.handler.Flush(ctx))
		stats := p.handler.Stats()
		accepted += int(stats.Accepted)
		if n := stats.Dropped.Total(); n > 0 {
			errs = append(errs, fmt.Errorf("%d records dropped: %s", n, stats.LastError))
		}
	}
	return accepted, errors.Join(errs...)
}
