package rest

import (
	"context"
	"errors"
	"time"
)

// A Limit is a limit for requests of one kind.
type Limit struct {
	Concurrent, Waiting int
	MaxWait             time.Duration // longest time to wait
}

// ErrBusy is the error of a request beyond the limit.
var ErrBusy = errors.New("too many such requests at once: try again")

// A Limiter limits how many requests of one kind run at once.
type Limiter struct {
	running, waiting chan struct{}
	wait             time.Duration
}

// NewLimiter returns a limiter.
func NewLimiter(limit Limit) *Limiter {
	return &Limiter{make(chan struct{}, limit.Concurrent), make(chan struct{}, limit.Waiting), limit.MaxWait}
}

// acquire waits until the request may run; release ends the request. acquire returns
// ErrBusy if too many requests wait already, or if the wait takes too long.
func (l *Limiter) acquire(ctx context.Context) error {
	select {
	case l.running <- struct{}{}:
		return nil
	default:
	}
	select {
	case l.waiting <- struct{}{}:
		defer func() { <-l.waiting }()
	default:
		return ErrBusy
	}
	timer := time.NewTimer(l.wait)
	defer timer.Stop()
	select {
	case l.running <- struct{}{}:
		return nil
	case <-timer.C:
		return ErrBusy
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l *Limiter) release() { <-l.running }
