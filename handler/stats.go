package handler

import "time"

// Stats are the counters of a handler and all handlers made from it with
// WithAttrs and WithGroup, since its start. At any moment
//
//	Accepted = Sent + Queued + Dropped.Total()
//
// holds, so that it can be said of each record what has become of it.
type Stats struct {
	Accepted    uint64 // records that were to be delivered
	Sent        uint64 // records that the kernel has taken, or the Writer
	SentBytes   uint64
	Queued      uint64 // records that wait in memory
	QueuedBytes uint64
	Dropped     Dropped

	Filtered uint64 // records that a filter took out; they are not among the accepted ones
	Diverted uint64 // records that went to standard error, being logged after Close; neither are they

	Connects      uint64    // connections made
	LastError     string    // of the delivery, "" if there was none
	LastErrorTime time.Time // zero if there was none
}

// Dropped counts the records that were lost, by the reason.
type Dropped struct {
	QueueFull uint64 // no room in the queue
	Closed    uint64 // not sent when the handler was shut down
	Panic     uint64 // a filter or another callback panicked
	Failed    uint64 // the Writer returned an error
}

// Total returns the number of all records that were dropped.
func (d Dropped) Total() uint64 { return d.QueueFull + d.Closed + d.Panic + d.Failed }
