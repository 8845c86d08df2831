package rest

import (
	"testing"
	"time"
)

// Requests beyond the limit are rejected, and at once if too many wait already.
func TestLimiter(t *testing.T) {
	g := NewLimiter(Limit{Concurrent: 1, Waiting: 1, MaxWait: time.Hour})
	if err := g.acquire(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := make(chan error, 1)
	go func() { second <- g.acquire(t.Context()) }()
	for len(g.waiting) == 0 {
		time.Sleep(time.Millisecond)
	}
	if err := g.acquire(t.Context()); err != ErrBusy {
		t.Errorf("one too many to wait: %v", err)
	}
	g.release()
	if err := <-second; err != nil {
		t.Errorf("one that waits: %v", err)
	}
	g.wait = time.Millisecond
	if err := g.acquire(t.Context()); err != ErrBusy {
		t.Errorf("a request beyond the limit: %v", err)
	}
}
