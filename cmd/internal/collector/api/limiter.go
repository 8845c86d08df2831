package api

import (
	"context"
	"errors"
	"time"
)

// requestLimits bound how many requests of a kind run at once, and how many more may
// wait.
var requestLimits = map[string]requestLimit{
	"query":  {concurrent: 8, waiting: 64, wait: 10 * time.Second},
	"health": {concurrent: 8, waiting: 16, wait: time.Second},
	"wait":   {concurrent: 64},
	"tail":   {concurrent: 32},
	"export": {concurrent: 3},
}

// QueryTimeout is the longest time of a query, including its wait.
var QueryTimeout = requestLimits["query"].wait + requestTime

// MaxRequests returns how many requests may run or wait at once.
func MaxRequests() int {
	all := 0
	for _, limit := range requestLimits {
		all += limit.concurrent + limit.waiting
	}
	return all
}

type requestLimit struct {
	concurrent, waiting int
	wait                time.Duration // the longest time to wait
}

var errBusy = errors.New("too many such requests at once: try again")

// A limiter limits how many requests of a kind run at once.
type limiter struct {
	running, waiting chan struct{}
	wait             time.Duration
}

func newLimiter(limit requestLimit) *limiter {
	return &limiter{make(chan struct{}, limit.concurrent), make(chan struct{}, limit.waiting), limit.wait}
}

// acquire waits until the request may run; release ends the request. acquire returns errBusy
// if too many requests wait already, or if the wait takes too long.
func (l *limiter) acquire(ctx context.Context) error {
	select {
	case l.running <- struct{}{}:
		return nil
	default:
	}
	select {
	case l.waiting <- struct{}{}:
		defer func() { <-l.waiting }()
	default:
		return errBusy
	}
	timer := time.NewTimer(l.wait)
	defer timer.Stop()
	select {
	case l.running <- struct{}{}:
		return nil
	case <-timer.C:
		return errBusy
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *limiter) release() { <-l.running }
