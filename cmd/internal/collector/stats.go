package collector

import (
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/api"
)

// Stats returns the counters as they are now.
func (c *Collector) Stats() api.Stats {
	held := c.store.Summary()
	s := api.Stats{
		Started: c.started.UTC(),
		Stored:  c.counters.stored.Load(),
		Queued:  int64(c.queue.Len()),
		Pruned:  c.counters.pruned.Load(),
		Lost:    c.counters.lost.Load(),
		Rate:    c.counters.readRate(time.Now()),
		Streams: api.Streams(held),
		Records: held.Records,

		Persistent: !c.store.Temporary(),
		Retention: api.Retention{
			MaxRecords: c.cfg.MaxRecords,
			MaxAge:     c.cfg.MaxAge.Seconds(),
			MaxBytes:   c.cfg.MaxBytes,
		},
		StoreBytes: c.store.Size(),
	}
	if s.Records > 0 {
		s.Oldest = &held.Oldest
	}
	if err := c.counters.storeError(); err != nil {
		s.StoreError = err.Error()
	}
	if err := c.store.Damage(); err != nil {
		s.Damage = err.Error()
	}
	for _, in := range c.inputs {
		i := in.Stats()
		s.Received += i.Records + i.Refused
		s.Bytes += i.Bytes
		s.Inputs = append(s.Inputs, i)
	}
	s.Refused, s.Newest = c.refusals.Read()
	return s
}
