package delivery

import "time"

// Stats are the counters of a client. At any moment
//
//	Accepted = Sent + Queued + Dropped.Total()
//
// so they account for every frame.
type Stats struct {
	Accepted    uint64 // frames that were to be delivered
	Sent        uint64 // frames that the server's kernel acknowledged, as far as is known, or written to the Writer
	SentBytes   uint64
	Queued      uint64 // frames in memory and on disk, including those of a former process
	QueuedBytes uint64
	Spooled     uint64 // frames on disk: queued ones and, after Close, those that RedeliverBytes keeps
	SpoolBytes  uint64 // size of the spool on disk
	Dropped     Dropped

	Connects      uint64    // connections made
	Redelivered   uint64    // frames sent again on a new connection
	LastError     string    // of the delivery, "" if there was none
	LastErrorTime time.Time // zero if there was none
}

// Dropped counts lost frames by reason.
type Dropped struct {
	QueueFull uint64 // the queue was full
	Oldest    uint64 // dropped in favor of newer ones
	Closed    uint64 // not delivered when the client was shut down
	Damaged   uint64 // unreadable in the spool
	Failed    uint64 // the Writer returned an error, or UDP cannot carry the frame
}

// Total returns the number of all dropped frames.
func (d Dropped) Total() uint64 {
	return d.QueueFull + d.Oldest + d.Closed + d.Damaged + d.Failed
}
