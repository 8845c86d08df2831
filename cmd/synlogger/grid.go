package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"time"

	"github.com/aimakerspace/synlogger/handler"
	"github.com/aimakerspace/synlogger/role"
	"github.com/aimakerspace/synlogger/sysmetric"
)

// A grid is a small federation whose parties only pretend to train, but really
// log.
type grid struct {
	id      string // stands in each record, to tell this run's from others
	test    string // address of the input Test Logs, "" if there is none
	parties []*party

	director, ttp *slog.Logger
	workers       []worker
	hosts         []*sysmetric.Handler // of the workers
}

// A party is one handler.
type party struct {
	role    role.Role
	handler *role.Handler
}

type worker struct {
	*slog.Logger
	name    string
	samples int
}

// newGrid returns a grid whose parties log to the server of their role, in the
// form of [role.Config].
func newGrid(server func(role.Role) string, tls handler.TLS, id string) (*grid, error) {
	g := &grid{id: id}
	var errs []error
	join := func(roleName, name string, cfg role.Config) slog.Handler {
		r, err := role.Lookup(roleName)
		if err != nil {
			errs = append(errs, err)
			return slog.DiscardHandler
		}
		cfg.Server, cfg.Name = server(r), name
		cfg.TLS, cfg.Level = tls, slog.LevelDebug
		h, err := role.New(r, cfg)
		if err != nil {
			errs = append(errs, err)
			return slog.DiscardHandler
		}
		g.parties = append(g.parties, &party{r, h})
		return h.WithAttrs([]slog.Attr{slog.String("demo", id)})
	}
	g.director = slog.New(join("Director", "synergos", role.Config{Censor: []string{"password"}}))
	g.ttp = slog.New(join("TTP", "ttp-1", role.Config{FilePath: "/srv/ttp/train.go"}))
	for _, w := range []worker{{name: "hospital-1", samples: 4200}, {name: "bank-2", samples: 9100}, {name: "clinic-3", samples: 1300}} {
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

// reachable returns an address to connect to, for one to listen on.
func reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return addr
}

func (g *grid) close() {
	for _, p := range g.parties {
		p.handler.Close()
	}
}

// flush waits until the records of a role are sent, and returns how many there
// were.
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

// run lets the grid work until the context ends, and calls afterFirst when the
// first experiment has.
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

const rounds = 5

// experiment logs what the parties of one training run would.
func (g *grid) experiment(ctx context.Context, w io.Writer, n int) {
	name := fmt.Sprintf("exp-%d", n)
	director, ttp := g.director.With("experiment", name), g.ttp.With("experiment", name)
	director.Info("Experiment started", slog.Group("model", "name", "resnet18", "layers", 18), "parties", len(g.workers))
	director.Debug("Registry opened", "user", "director", "password", "not for Graylog")
	if !wait(ctx) {
		return
	}
	for _, worker := range g.workers {
		worker.Info("Data aligned", "experiment", name, "samples", worker.samples, "took", jitter(80*time.Millisecond))
	}
	loss := 1.0
	for round := 1; round <= rounds; round++ {
		ttp.Info("Round started", "round", round, "of", rounds)
		if !wait(ctx) {
			return
		}
		loss *= 0.6 + rand.Float64()/5
		for i, worker := range g.workers {
			g.train(worker.With("experiment", name, "round", round), i, n, round, loss*(0.9+rand.Float64()/5))
			if !wait(ctx) {
				return
			}
		}
		ttp.Info("Weights aggregated", "round", round, "loss", loss, "accuracy", 1-loss, "took", jitter(40*time.Millisecond))
		fmt.Fprintf(w, "experiment %s: round %d of %d, loss %.3f\n", name, round, rounds, loss)
	}
	director.Info("Experiment finished", "loss", loss, "rounds", rounds)
}

// train logs one worker's part of a round. In the third round of each
// experiment one of them has trouble.
func (g *grid) train(log *slog.Logger, worker, experiment, round int, loss float64) {
	if round == 3 && worker == experiment%len(g.workers) {
		log.Warn("Link is slow", "latency", jitter(900*time.Millisecond))
		log.Error("Upload of gradients failed, tried again", "attempt", 1, "err", handler.WithStack(errUpload))
	}
	log.Info("Epoch trained", "loss", loss, "accuracy", 1-loss, "took", jitter(120*time.Millisecond))
}

var errUpload = errors.New("upload gradients: connection reset by peer")

// sendForeign sends a record as another library would, for the page to show
// what Graylog makes of it.
func (g *grid) sendForeign() {
	if g.test == "" {
		return
	}
	conn, err := net.Dial("tcp", g.test)
	if err != nil {
		return // the account tells of inputs that cannot be reached
	}
	defer conn.Close()
	frame := `{"version":"1.1","host":"elsewhere","short_message":"A record of another GELF library","level":6,` +
		`"_demo":"` + g.id + `","_ok":true,"_owner":null,"_user name":"x","_source":"lost","_big":18446744073709551615}` + "\x00"
	io.WriteString(conn, frame)
}

// wait waits for a moment and reports whether to go on.
func wait(ctx context.Context) bool {
	select {
	case <-time.After(jitter(100 * time.Millisecond)):
		return true
	case <-ctx.Done():
		return false
	}
}

func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d) }
