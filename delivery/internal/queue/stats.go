package queue

// Stats are the counters of a queue, in frames and bytes.
type Stats struct {
	In, Delivered, Queued         uint64
	DeliveredBytes, QueuedBytes   uint64
	Spooled, SpoolBytes           uint64
	Full, Oldest, Closed, Damaged uint64 // dropped, by reason
}

// Stats returns the counters, which are consistent with each other. A frame that did
// not fit into the queue is not counted in In.
func (q *Queue) Stats() Stats {
	q.mu.Lock()
	defer q.mu.Unlock()
	frames, size := q.uncounted()
	in := q.in + uint64(frames)
	s := Stats{
		In:             in,
		Delivered:      q.delivered,
		Queued:         in - q.out,
		DeliveredBytes: q.bytes,
		QueuedBytes:    uint64(q.queuedBytes + size),
		Full:           q.full,
		Oldest:         q.oldest,
		Closed:         q.givenUp,
		Damaged:        q.damaged,
	}
	if q.spooler != nil && q.spooler.log != nil {
		spooled := q.spooler.log.Stats()
		s.Spooled, s.SpoolBytes = uint64(spooled.Frames), uint64(spooled.Bytes)
	}
	return s
}
