package collector

import "time"

// Stats returns the counters as they are now.
func (c *Collector) Stats() Stats {
	held := c.store.summary()
	s := Stats{
		Started: c.started.UTC(),
		Stored:  c.tally.stored.Load(),
		Queued:  int64(c.queue.len()),
		Pruned:  c.tally.pruned.Load(),
		Lost:    c.tally.lost.Load(),
		Rate:    c.tally.readRate(time.Now()),
		Streams: streamsOf(held),
		Records: held.records,

		Persistent: !c.store.temporary(),
		Retention:  Retention{c.opts.MaxRecords, c.opts.MaxAge.Seconds(), c.opts.MaxBytes},
		StoreBytes: c.store.bytes(),
	}
	if s.Records > 0 {
		s.Oldest = &held.oldest
	}
	if err := c.tally.storeError(); err != nil {
		s.StoreError = err.Error()
	}
	if err := c.store.damaged(); err != nil {
		s.Damage = err.Error()
	}
	for _, in := range c.inputs {
		i := in.stats()
		s.Received += i.Records + i.Refused
		s.Bytes += i.Bytes
		s.Inputs = append(s.Inputs, i)
	}
	s.Refused, s.Newest = c.refusals.read()
	return s
}
