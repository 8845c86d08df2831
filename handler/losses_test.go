package handler

import (
	"fmt"
	"testing"

	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/gelftest"
)

// TestLossesAreRecorded checks that Graylog gets the number of dropped records, even if
// Close follows at once, and that each loss is counted.
func TestLossesAreRecorded(t *testing.T) {
	for _, policy := range []delivery.Overflow{delivery.OverflowDropNewest, delivery.OverflowDropOldest} {
		for _, outages := range []int{1, 2} {
			t.Run(fmt.Sprintf("%v, %d outages", policy, outages), func(t *testing.T) {
				srv := gelftest.NewServer(t)
				d := fast
				d.QueueBytes, d.Overflow = 20_000, policy
				h := connect(t, srv, Config{Delivery: d})
				for n := range outages { // the second one within noticePause
					srv.Stop()
					for range 1000 {
						h.Handle(t.Context(), record("m"))
					}
					srv.Start()
					flushed(t, h)
					if n < outages-1 { // otherwise the next outage would lose what is in the server's buffer
						until(t, "the server reads all records", func() bool {
							s := h.Stats()
							return srv.Len() == int(s.Sent) && s.Queued == 0 && receivedLosses(t, srv) == s.Dropped
						})
					}
				}
				if err := h.Close(); err != nil {
					t.Fatal(err)
				}
				s := h.Stats()
				balanced(t, s)
				srv.WaitLen(int(s.Sent))
				if d := receivedLosses(t, srv); d != s.Dropped || d.Total() == 0 {
					t.Errorf("Graylog got %+v, counted %+v", d, s.Dropped)
				}
			})
		}
	}
}

// receivedLosses returns the losses that the server has received.
func receivedLosses(t *testing.T, srv *gelftest.Server) (d delivery.Dropped) {
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
