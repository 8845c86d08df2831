package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"time"

	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/role"
	"github.com/aimakerspace/synlogger/sysmetric"
)

// A grid is a small federation: a director, a TTP and three workers.
type grid struct {
	id      string // value of the field demo in each record, different in each run
	test    string // address of the input Test Logs, "" if there is none
	parties []*party

	director, ttp *slog.Logger
	workers       []worker
	hosts         []*sysmetric.Handler // of the workers
}

// A party has one handler.
type party struct {
	role    role.Role
	handler *role.Handler
}

// A worker logs what one party of the training would.
type worker struct {
	*slog.Logger
	name    string
	samples int
}

// newGrid returns a grid whose parties log to the server of their role, which has
// the form of [role.Config].
func newGrid(server func(role.Role) string, tls delivery.TLS) (*grid, error) {
	g := &grid{id: fmt.Sprintf("demo-%08x", rand.Uint32())}
	var errs []error
	join := func(roleName, name string, cfg role.Config) slog.Handler {
		h, err := g.join(roleName, name, cfg, server, tls)
		if err != nil {
			errs = append(errs, err)
			return slog.DiscardHandler
		}
		return h
	}
	g.director = slog.New(join("Director", "synergos", role.Config{Censor: []string{"password"}}))
	g.ttp = slog.New(join("TTP", "ttp-1", role.Config{FilePath: "/srv/ttp/train.go"}))
	for _, w := range []worker{
		{name: "hospital-1", samples: 4200},
		{name: "bank-2", samples: 9100},
		{name: "clinic-3", samples: 1300},
	} {
		w.Logger = slog.New(join("Worker", w.name, role.Config{Debug: true}))
		g.workers = append(g.workers, w)
		g.hosts = append(g.hosts, sysmetric.New(join("Sysmetric", w.name, role.Config{})))
	}
	if err := errors.Join(errs...); err != nil {
		g.close()
		return nil, err
	}
	return g, nil
}

// join adds a party and returns its handler.
func (g *grid) join(
	roleName, name string,
	cfg role.Config,
	server func(role.Role) string,
	tls delivery.TLS,
) (slog.Handler, error) {
	r, err := role.Lookup(roleName)
	if err != nil {
		return nil, err
	}
	cfg.Server, cfg.Name = server(r), name
	cfg.Delivery.TLS, cfg.Level = tls, slog.LevelDebug
	h, err := role.New(r, cfg)
	if err != nil {
		return nil, err
	}
	g.parties = append(g.parties, &party{r, h})
	return h.WithAttrs([]slog.Attr{slog.String("demo", g.id)}), nil
}

func (g *grid) close() {
	for _, p := range g.parties {
		p.handler.Close()
	}
}

// reachable returns an address to connect to, given one that a server listens on.
func reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return addr
}

// run runs experiments until the context ends. It calls afterFirst when the first
// one is complete.
func (g *grid) run(ctx context.Context, w io.Writer, afterFirst func()) {
	g.sendForeign()
	for i, host := range g.hosts {
		target := sysmetric.Target{Path: "/srv/worker", Class: "Worker", Function: g.workers[i].name}
		tracker, err := host.Track(ctx, target, time.Second)
		if err != nil {
			continue // the context has ended
		}
		defer func() { <-tracker.Done() }()
	}
	for n := 1; ctx.Err() == nil; n++ {
		g.experiment(ctx, w, n)
		if n == 1 && ctx.Err() == nil {
			afterFirst()
		}
	}
}
