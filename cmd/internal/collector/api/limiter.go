package api

import (
	"context"
	"errors"
	"time"
)

// gateLimits bound how many requests of a kind run at once, and how many more
// wait for their turn. Altogether they are fewer than maxConns.
var requestLimits = map[string]requestLimit{
	"query":  {concurrent: 8, waiting: 64, wait: 10 * time.Second},
	"health": {concurrent: 8, waiting: 16, wait: time.Second},
	"wait":   {concurrent: 64},
	"tail":   {concurrent: 32},
	"export": {concurrent: 3},
}

// queryTime bounds the time of a query: its turn and its run.
var QueryTimeout = requestLimits["query"].wait + requestTime

// maxRequests returns how many requests may run or wait at once.
func MaxRequests() int {
	all := 0
	for _, limit := range requestLimits {
		all += limit.concurrent + limit.waiting
	}
	return all
}

type requestLimit struct {
	concurrent, waiting int
	wait                time.Duration // for a place
}

var errBusy = errors.New("too many such requests at once: try again")

// A gate lets in as many requests of a kind as its limit says.
type limiter struct {
	running, waiting chan struct{}
	wait             time.Duration
}

func newLimiter(limit requestLimit) *limiter {
	return &limiter{make(chan struct{}, limit.concurrent), make(chan struct{}, limit.waiting), limit.wait}
}

// enter takes a place, which leave gives back. It returns errBusy if too many
// wait for one already, or if it gets none in time.
func (g *limiter) enter(ctx context.Context) error {
	select {
	case g.running <- struct{}{}:
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
	case g.running <- struct{}{}:
		return nil
	case <-timer.C:
		return errBusy
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g *limiter) leave() { <-g.running }
