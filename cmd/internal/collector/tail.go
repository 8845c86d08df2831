package collector

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// The bounds of a live tail.
const (
	tailEvery   = 250 * time.Millisecond // between two events
	tailRecords = 200                    // in one event, the newest
	tailCut     = 10_000                 // characters of a text, unless told
	tailBeat    = 15 * time.Second       // a comment, when nothing comes
	tailWrite   = 10 * time.Second       // a reader that takes nothing for so long is cut off
)

// A tailEvent is what /api/tail sends: new records in the order of their
// arrival, and how many more came that are left out.
type tailEvent struct {
	Records []Record `json:"records"`
	Skipped int      `json:"skipped"`
}

// serveTail sends the records that match as they are stored. An event's id is
// that of the last record looked at, so that a client that comes again with
// Last-Event-ID gets each record once.
func (c *Collector) serveTail(w http.ResponseWriter, r *http.Request, p params) error {
	f, err := newFilter(p.query())
	if err != nil {
		return err
	}
	v, err := p.view()
	if err != nil {
		return err
	}
	seen, err := c.tailStart(r, p)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no")
	out := newSlowWriter(w)
	send := func(format string, args ...any) bool {
		_, err := fmt.Fprintf(out, format+"\n\n", args...)
		return err == nil && out.flush() == nil // else the client is gone
	}
	if !send("retry: 1000\nid: %d\n: records follow as they come", seen) || r.Method == http.MethodHead {
		return nil
	}
	beat := time.NewTicker(tailBeat)
	defer beat.Stop()
	for {
		more := c.turn.next()
		event, last, err := c.tailAfter(r.Context(), f, v, seen)
		if err != nil { // the client comes again
			if data, bad := json.Marshal(errorAnswer{Error: err.Error()}); bad == nil && r.Context().Err() == nil {
				send("event: failure\ndata: %s", data)
			}
			return nil
		}
		seen = last
		if len(event.Records) > 0 {
			data, err := json.Marshal(event)
			if err != nil || !send("id: %d\nevent: records\ndata: %s", seen, data) {
				return nil
			}
			beat.Reset(tailBeat)
		}
		for waiting := true; waiting; {
			select {
			case <-more:
				waiting = false
			case <-beat.C:
				if !send(": still here") {
					return nil
				}
			case <-r.Context().Done():
				return nil
			}
		}
		select {
		case <-time.After(tailEvery): // what comes together is sent together
		case <-r.Context().Done():
			return nil
		}
	}
}

// tailStart returns the id that the tail begins behind: the last one unless told.
// An id that is still to come is of another store, before the collector started
// anew: then all is new.
func (c *Collector) tailStart(r *http.Request, p params) (int64, error) {
	last := c.store.counts.Load().next - 1
	seen := last
	if p.has("after") {
		seen = p.query().After
	}
	if text := r.Header.Get("Last-Event-ID"); text != "" {
		var err error
		if seen, err = strconv.ParseInt(text, 10, 64); err != nil || seen < 0 {
			return 0, fmt.Errorf("%w: Last-Event-ID %q: use the id of an event", ErrQuery, text)
		}
	}
	if seen > last {
		seen = 0
	}
	return seen, nil
}

// tailAfter returns the newest records behind an id that match, and the last id
// that it looked at.
func (c *Collector) tailAfter(ctx context.Context, f filter, v view, seen int64) (e tailEvent, last int64, err error) {
	f.after, f.before = seen, 0
	sp := c.store.span(f)
	h := harvest{view: v, limit: tailRecords}
	err = errors.Join(c.store.descend(ctx, sp, h.add), h.err)
	if err == nil && h.full() {
		rest := sp
		rest.hi = h.records[len(h.records)-1].ID
		e.Skipped, err = c.store.count(ctx, rest, math.MaxInt)
	}
	slices.Reverse(h.records)
	e.Records = h.records
	return e, sp.hi - 1, err
}

// A slowWriter gives each piece of what is written a deadline of its own: a
// reader may take as long as it likes if it continues to read.
type slowWriter struct {
	w     http.ResponseWriter
	to    *http.ResponseController
	begun bool // something was written
}

func newSlowWriter(w http.ResponseWriter) *slowWriter {
	return &slowWriter{w: w, to: http.NewResponseController(w)}
}

// slowPiece is how much a reader has to take within tailWrite, in bytes.
const slowPiece = 64 << 10

func (s *slowWriter) Write(p []byte) (n int, err error) {
	s.begun = true
	for len(p) > 0 && err == nil {
		// A server that cannot set it has no such deadline of ours either.
		_ = s.to.SetWriteDeadline(time.Now().Add(tailWrite))
		var written int
		written, err = s.w.Write(p[:min(len(p), slowPiece)])
		n += written
		p = p[written:]
	}
	return n, err
}

func (s *slowWriter) flush() error {
	_ = s.to.SetWriteDeadline(time.Now().Add(tailWrite))
	return s.to.Flush()
}
