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

	"github.com/aimakerspace/synlogger/handler"
)

const rounds = 5

// experiment logs one training run.
func (g *grid) experiment(ctx context.Context, w io.Writer, n int) {
	name := fmt.Sprintf("exp-%d", n)
	director, ttp := g.director.With("experiment", name), g.ttp.With("experiment", name)
	model := slog.Group("model", "name", "resnet18", "layers", 18)
	director.Info("Experiment started", model, "parties", len(g.workers))
	director.Debug("Registry opened", "user", "director", "password", "not for Graylog")
	if !pause(ctx) {
		return
	}
	for _, worker := range g.workers {
		took := jitter(80 * time.Millisecond)
		worker.Info("Data aligned", "experiment", name, "samples", worker.samples, "took", took)
	}
	loss := 1.0
	for round := 1; round <= rounds; round++ {
		ttp.Info("Round started", "round", round, "of", rounds)
		if !pause(ctx) {
			return
		}
		loss *= 0.6 + rand.Float64()/5
		for i, worker := range g.workers {
			g.train(worker.With("experiment", name, "round", round), i, n, round, loss*(0.9+rand.Float64()/5))
			if !pause(ctx) {
				return
			}
		}
		took := jitter(40 * time.Millisecond)
		ttp.Info("Weights aggregated", "round", round, "loss", loss, "accuracy", 1-loss, "took", took)
		fmt.Fprintf(w, "experiment %s: round %d of %d, loss %.3f\n", name, round, rounds, loss)
	}
	director.Info("Experiment finished", "loss", loss, "rounds", rounds)
}

var errUpload = errors.New("upload gradients: connection reset by peer")

// train logs one worker's part of a round. In the third round of each experiment
// one worker logs a failure.
func (g *grid) train(log *slog.Logger, worker, experiment, round int, loss float64) {
	if round == 3 && worker == experiment%len(g.workers) {
		log.Warn("Link is slow", "latency", jitter(900*time.Millisecond))
		log.Error("Upload of gradients failed, tried again", "attempt", 1, "err", handler.WithStack(errUpload))
	}
	log.Info("Epoch trained", "loss", loss, "accuracy", 1-loss, "took", jitter(120*time.Millisecond))
}

// sendForeign sends a record like another library's. The page shows which of its
// fields Graylog changes or drops.
func (g *grid) sendForeign() {
	if g.test == "" {
		return
	}
	conn, err := net.Dial("tcp", g.test)
	if err != nil {
		return // the account reports inputs that cannot be reached
	}
	defer conn.Close()
	io.WriteString(conn, `{"version":"1.1","host":"elsewhere","short_message":"A record of another GELF library",`+
		`"level":6,"_demo":"`+g.id+`","_ok":true,"_owner":null,"_user name":"x","_source":"lost",`+
		`"_big":18446744073709551615}`+"\x00")
}

// pause waits for a moment and reports whether the context is still valid.
func pause(ctx context.Context) bool {
	select {
	case <-time.After(jitter(100 * time.Millisecond)):
		return true
	case <-ctx.Done():
		return false
	}
}

// jitter returns a random duration around d.
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d) }
