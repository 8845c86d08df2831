package collector

import (
	"context"
	"errors"
	"time"
)

// gateLimits bound how many requests of a kind run at once, and how many more
// wait for their turn. Altogether they are fewer than maxConns.
var gateLimits = map[string]gateLimit{
	"query":  {places: 8, waiting: 64, wait: 10 * time.Second},
	"health": {places: 8, waiting: 16, wait: time.Second},
	"wait":   {places: 64},
	"tail":   {places: 32},
	"export": {places: 3},
}

// queryTime bounds the time of a query: its turn and its run.
var queryTime = gateLimits["query"].wait + requestTime

type gateLimit struct {
	places, waiting int
	wait            time.Duration // for a place
}

var errBusy = errors.New("too many such requests at once: try again")

// A gate lets in as many requests of a kind as its limit says.
type gate struct {
	places, waiting chan struct{}
	wait            time.Duration
}

func newGate(limit gateLimit) *gate {
	return &gate{make(chan struct{}, limit.places), make(chan struct{}, limit.waiting), limit.wait}
}

// enter takes a place, which leave gives back. It returns errBusy if too many
// wait for one already, or if it gets none in time.
func (g *gate) enter(ctx context.Context) error {
	select {
	case g.places <- struct{}{}:
		return nil
	default:
	}
	select {
	case g.waiting <- struct{}{}:
		defer func() { <-g.waiting }()
	default:
		return errBusy
	}
	timer := time.NewTimer(g.wait)
	defer timer.Stop()
	select {
	case g.places <- struct{}{}:
		return nil
	case <-timer.C:
		return errBusy
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g *gate) leave() { <-g.places }
