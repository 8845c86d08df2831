package agent

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aimakerspace/synlogger/handler"
)

// TestMonitorSilence checks how long the agent may be silent.
func TestMonitorSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &monitor{interval: time.Minute, stats: func() handler.Stats { return handler.Stats{} }}
		check := func(want string) {
			t.Helper()
			_, err := m.check()
			if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
				t.Errorf("check returns %v, want %q", err, want)
			}
		}
		check("has not reported yet")
		if _, ok := m.filter(context.Background(), slog.Record{}); !ok {
			t.Error("the filter drops records")
		}
		check("")
		time.Sleep(3*time.Minute + reportSlack)
		check("")
		time.Sleep(time.Second)
		check("the agent reports every 1m0s, but its last report was 3m6s ago")
		m.filter(context.Background(), slog.Record{})
		check("")
	})
}

// TestMonitorDelivery checks when the monitor reports an error of the delivery.
func TestMonitorDelivery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var stats handler.Stats
		m := &monitor{interval: time.Second, stats: func() handler.Stats { return stats }}
		for _, step := range []struct {
			name         string
			sent, queued uint64
			fails        bool // since the last step
			want         string
		}{
			{"the first record waits", 0, 1, false, ""},
			{"the server is not reachable", 0, 2, true, "refused"},
			{"still not", 0, 3, false, "refused"},
			{"records are sent", 2, 1, false, ""},
			{"the next one waits", 2, 1, false, ""},
			{"the connection breaks", 2, 1, true, "refused"},
			{"it breaks again, but the queue is empty", 3, 0, true, ""},
			{"no record waits", 3, 0, false, ""},
		} {
			time.Sleep(time.Second)
			stats.Sent, stats.Queued = step.sent, step.queued
			if step.fails {
				stats.LastError, stats.LastErrorTime = "refused", time.Now()
			}
			if d, _ := m.check(); d.Error != step.want || d.Sent != step.sent || d.Queued != step.queued {
				t.Errorf("%s: %+v, want the error %q", step.name, d, step.want)
			}
		}
	})
}
