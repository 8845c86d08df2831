package handler

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/gelftest"
)

// TestFlushLevel checks that Handle returns after a record from FlushLevel on was sent,
// and that other records do not wait.
func TestFlushLevel(t *testing.T) {
	srv := gelftest.NewServer(t)
	h := connect(t, srv, Config{FlushLevel: slog.LevelError, FlushTimeout: gelftest.WaitTimeout, Delivery: fast})
	for i := range 5 {
		slog.New(h).Error("failed", "i", i)
		if s := h.Stats(); s.Sent != uint64(i+1) || s.Queued != 0 {
			t.Fatalf("after record %d counted %+v", i, s)
		}
	}
	srv.WaitLen(5)
	srv.Stop()
	slog.New(h).Warn("below FlushLevel") // would wait for a long time if it were flushed
}

// TestFlushLevelOutage checks that only the first record of an outage waits.
func TestFlushLevelOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var conns []*discardConn
		up := false
		h, err := New(Config{
			FlushLevel:   slog.LevelError,
			FlushTimeout: 3 * time.Second,
			Delivery: delivery.Config{
				OnError:    func(error) {},
				MinBackoff: time.Hour,
				MaxBackoff: time.Hour,
				Dial: func(context.Context, string, string) (net.Conn, error) {
					if !up {
						return nil, errors.New("no server")
					}
					conns = append(conns, &discardConn{closed: make(chan struct{})})
					return conns[len(conns)-1], nil
				},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		log := func() time.Duration {
			start := time.Now()
			slog.New(h).Error("failed")
			return time.Since(start)
		}
		if took := log(); took != 3*time.Second {
			t.Errorf("the first record waits %v", took)
		}
		for range 10 {
			if took := log(); took != 0 {
				t.Errorf("a further record waits %v", took)
			}
		}
		up = true
		if err := h.Flush(t.Context()); err != nil {
			t.Error(err)
		}
		up = false
		conns[0].Close()
		synctest.Wait()
		if took := log(); took != 3*time.Second {
			t.Errorf("the first record of the second outage waits %v", took)
		}
		h.Shutdown(ended())
	})
}
