package handler

import "github.com/aimakerspace/synlogger/delivery"

// Stats are the counters of a handler and of all handlers made from it with WithAttrs
// and WithGroup.
type Stats struct {
	delivery.Stats

	Filtered uint64 // records dropped by a filter
	Diverted uint64 // records written to standard error because they were logged after Close
	Panicked uint64 // records dropped because a filter or another callback panicked

	// Retyped counts values of another kind than the first one of their key. They
	// are stored as text, or in a field with _text, _date or _float at the end of
	// its name, because Graylog could lose their records otherwise.
	Retyped uint64
}

// Stats returns the counters. Records that are filtered, diverted or panicked are not
// among the accepted ones.
func (h *Handler) Stats() Stats {
	return Stats{
		Stats:    h.client.Stats(),
		Filtered: h.filtered.Load(),
		Diverted: h.diverted.Load(),
		Panicked: h.panicked.Load(),
		Retyped:  h.format.Retyped(),
	}
}
