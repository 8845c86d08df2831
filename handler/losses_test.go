package handler

import (
	"fmt"
	"testing"

	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/gelftest"
)

// TestLossesAreRecorded checks that Graylog gets the number of lost records, also
// when Close follows at once, and that no loss is left out.
func TestLossesAreRecorded(t *testing.T) {
	for _, policy := range []delivery.Overflow{delivery.OverflowDropNewest, delivery.OverflowDropOldest} {
		for _, outages := range []int{1, 2} {
			t.Run(fmt.Sprintf("policy %d, %d outages", policy, outages), func(t *testing.T) {
				srv := gelftest.NewServer(t)
				d := fast
				d.QueueBytes, d.Overflow = 20_000, policy
				h := connect(t, srv, Config{Delivery: d})
				for n := range outages { // the second within noticePause
					srv.Stop()
					for range 1000 {
						h.Handle(t.Context(), record("m"))
					}
					srv.Start()
					flushed(t, h)
					if n < outages-1 { // lest the next outage costs what is in the server's buffer
						until(t, "all is read", func() bool {
							s := h.Stats()
							return srv.Len() == int(s.Sent) && s.Queued == 0 && told(t, srv) == s.Dropped
						})
					}
				}
				if err := h.Close(); err != nil {
					t.Fatal(err)
				}
				s := h.Stats()
				balanced(t, s)
				srv.WaitLen(int(s.Sent))
				if d := told(t, srv); d != s.Dropped || d.Total() == 0 {
					t.Errorf("Graylog was told of %+v, counted %+v", d, s.Dropped)
				}
			})
		}
	}
}

// told returns the losses that the server was told of.
func told(t *testing.T, srv *gelftest.Server) (d delivery.Dropped) {
	t.Helper()
	for _, r := range srv.Records() {
		full, ok := r.Fields["dropped_queue_full"].(int64)
		if !ok {
			continue
		}
		oldest := r.Fields["dropped_oldest"].(int64)
		d.QueueFull += uint64(full)
		d.Oldest += uint64(oldest)
		if r.Message.Message != fmt.Sprintf("%d records dropped", full+oldest) || r.Level != 4 {
			t.Errorf("level %d: %s", r.Level, r.Message.Message)
		}
	}
	return d
}
