package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/health"
	"github.com/aimakerspace/synlogger/handler"
)

// A monitor checks whether the agent reports, and whether its records arrive.
type monitor struct {
	interval time.Duration        // between two reports
	stats    func() handler.Stats // of the agent's handler

	mu       sync.Mutex
	reported time.Time // of the last record, zero before the first
	sent     uint64    // records sent at the last check
	arrived  time.Time // the last check that found new sent records, or none waiting
}

// reportSlack is how late a report may be, in addition to three intervals.
const reportSlack = 5 * time.Second

// filter keeps the time of each record.
func (m *monitor) filter(_ context.Context, r slog.Record) (slog.Record, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reported = time.Now()
	return r, true
}

// check returns an error if the agent does not report. A server that cannot be reached
// is not an error of the agent, which keeps the records: restarting it would not help.
func (m *monitor) check() (health.Delivery, error) {
	stats := m.stats()
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	d := health.Delivery{Sent: stats.Sent, Queued: stats.Queued, Dropped: stats.Dropped.Total()}
	if stats.Sent != m.sent || stats.Queued == 0 {
		m.sent, m.arrived = stats.Sent, now
	}
	if stats.LastErrorTime.After(m.arrived) {
		d.Error = stats.LastError
	}
	if m.reported.IsZero() {
		return d, errors.New("the agent has not reported yet")
	}
	if silent := now.Sub(m.reported); silent > 3*m.interval+reportSlack {
		return d, fmt.Errorf("the agent reports every %v, but its last report was %v ago",
			m.interval, silent.Round(time.Second))
	}
	return d, nil
}
