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
	Sent        uint64 // records that have reached the server's kernel, as far as can be known, or the Writer
	SentBytes   uint64
	Queued      uint64 // records that wait, in memory or on disk, those of a former process among them
	QueuedBytes uint64
	Spooled     uint64 // records that are on disk: queued ones and, after Close, those that Redeliver keeps
	SpoolBytes  uint64 // what they take there
	Dropped     Dropped

	Filtered uint64 // records that a filter took out; they are not among the accepted ones
	Diverted uint64 // records that went to standard error, being logged after Close; neither are they

	// Retyped counts values of another kind than the first one of their key. They
	// are stored as text, or in a field with _text, _date or _float behind its
	// name, because Graylog could lose their records otherwise.
	Retyped uint64

	Connects      uint64    // connections made
	Redelivered   uint64    // records that were sent again on a new connection
	LastError     string    // of the delivery, "" if there was none
	LastErrorTime time.Time // zero if there was none
}

// Dropped counts the records that were lost, by the reason.
type Dropped struct {
	QueueFull uint64 // no room in the queue
	Oldest    uint64 // made room for newer ones
	Closed    uint64 // not sent when the handler was shut down
	Panic     uint64 // a filter or another callback panicked
	Damaged   uint64 // the spool could not give it back
	Failed    uint64 // the Writer returned an error
}

// Total returns the number of all records that were dropped.
func (d Dropped) Total() uint64 {
	return d.QueueFull + d.Oldest + d.Closed + d.Damaged + d.Panic + d.Failed
}
