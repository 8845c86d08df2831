package delivery

import (
	"cmp"
	"context"
	"fmt"
)

// An UndeliveredError is what [Handler.Flush], [Handler.Shutdown] and
// [Handler.Close] return if not all records logged before have reached the
// server.
type UndeliveredError struct {
	Queued  uint64 // records that were still queued; with Shutdown, those that are not in the spool either
	Dropped uint64 // records that were dropped since the last Flush
	Err     error  // why the wait ended, and why records are not delivered at present; may be nil
}

func (e *UndeliveredError) Error() string {
	text := fmt.Sprintf("handler: %d records not sent", e.Queued)
	switch {
	case e.Queued == 0:
		text = fmt.Sprintf("handler: %d records dropped", e.Dropped)
	case e.Dropped > 0:
		text += fmt.Sprintf(", %d dropped", e.Dropped)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *UndeliveredError) Unwrap() error { return e.Err }

// waitEnded returns why a wait for records has ended before they were sent: the
// context has, or the sender.
func waitEnded(ctx context.Context) error { return cmp.Or(context.Cause(ctx), ErrClosed) }
