// Package demo runs a small grid whose parties do not train, but log what the
// parties of a real grid would. The grid logs to a collector or to a Graylog.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collect"
	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/doctor"
	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/role"
)

// ErrUnconfirmed is returned if all records were sent over UDP.
var ErrUnconfirmed = errors.New("UDP has no acknowledgments: the records were sent, not confirmed")

// Local runs a collector and a grid that logs to it, until the context ends or
// after length if that is not 0. It returns an error if a stream does not contain
// all records that were sent to it.
func Local(ctx context.Context, opts collector.Config, length time.Duration, stdout, stderr io.Writer) error {
	c, err := collect.New(opts, stderr)
	if err != nil {
		return err
	}
	// The collector outlives the grid, because it stores what the grid sent last.
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- c.Run(running) }()
	finish := func(err error) error {
		stop()
		return errors.Join(err, <-ended)
	}

	collect.PrintInputs(stdout, c)
	fmt.Fprintln(stdout)
	addr := make(map[string]string)
	for _, in := range c.Inputs() {
		addr[in.Title] = reachable(in.Addr)
	}
	g, err := newGrid(func(r role.Role) string { return addr[r.Input] }, delivery.TLS{})
	if err != nil {
		return finish(err)
	}
	defer g.close()
	g.test = addr["Test Logs"]
	account := func() error { return g.accountStored(c, stdout) }
	g.runFor(ctx, length, stdout, "Open "+c.PageURL(), account)
	return finish(account())
}

// A Remote runs a grid that logs to a Graylog.
type Remote struct {
	server string
	tls    delivery.TLS
	inputs []*doctor.Doctor // in the order of role.All
}

// NewRemote returns a demo that logs to the server, which has the form of
// [role.Config], on the ports of the roles. The error is about the server.
func NewRemote(server string, tls delivery.TLS) (*Remote, error) {
	r := &Remote{server: server, tls: tls}
	for _, rl := range role.All() {
		d, err := doctor.New(doctor.Config{
			Role:    rl,
			Server:  server,
			Name:    "doctor",
			TLS:     tls,
			Timeout: accountTimeout,
		})
		if err != nil {
			return nil, err
		}
		r.inputs = append(r.inputs, d)
	}
	return r, nil
}

// Run tries the inputs and runs the grid until the context ends, or after length
// if that is not 0. It returns an error if an input accepts no records or not all
// records were sent, and [ErrUnconfirmed] if the server is reached over UDP.
func (r *Remote) Run(ctx context.Context, length time.Duration, stdout io.Writer) error {
	g, err := newGrid(func(role.Role) string { return r.server }, r.tls)
	if err != nil {
		return err
	}
	defer g.close()
	if err := r.tryInputs(ctx, stdout); err != nil {
		return err
	}
	account := func() error { return g.accountSent(stdout) }
	g.runFor(ctx, length, stdout, fmt.Sprintf("Search Graylog for demo:%q", g.id), account)
	if err := account(); err != nil {
		return err
	}
	if strings.HasPrefix(strings.ToLower(r.server), "udp://") {
		return ErrUnconfirmed
	}
	return nil
}

// tryInputs tries all inputs at once. It prints the failed steps and returns an
// error if an input accepts no records.
func (r *Remote) tryInputs(ctx context.Context, stdout io.Writer) error {
	reports := make([]doctor.Report, len(r.inputs))
	accepted := make([]bool, len(r.inputs))
	var all sync.WaitGroup
	for i, d := range r.inputs {
		all.Go(func() { reports[i], accepted[i] = d.TryServer(ctx) })
	}
	all.Wait()
	refused := 0
	for i, r := range role.All() {
		if accepted[i] {
			continue
		}
		refused++
		for _, s := range reports[i].Steps {
			if s.Status == doctor.StatusFailed {
				fmt.Fprintf(stdout, "%s, %s: ", r.Input, reports[i].Server)
				s.Print(stdout)
			}
		}
	}
	if refused > 0 && ctx.Err() == nil {
		return fmt.Errorf("%d of %d inputs accept no records", refused, len(r.inputs))
	}
	return ctx.Err()
}

// runFor runs the grid until the context ends, or after length if that is not 0.
// Without a length it prints an account and where to look after the first
// experiment.
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
		_ = account() // the final account reports the same errors
		fmt.Fprintf(stdout, "\n%s. The grid keeps logging; press Ctrl-C to stop.\n\n", look)
	})
}
