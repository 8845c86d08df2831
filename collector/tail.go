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
	seen := c.store.counts.Load().next - 1
	if p.has("after") {
		seen = p.query().After
	}
	if last := r.Header.Get("Last-Event-ID"); last != "" {
		if seen, err = strconv.ParseInt(last, 10, 64); err != nil || seen < 0 {
			return fmt.Errorf("%w: Last-Event-ID %q: use the id of an event", ErrQuery, last)
		}
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no")
	out := &slowWriter{w: w, to: http.NewResponseController(w)}
	if _, err := fmt.Fprintf(out, "retry: 1000\nid: %d\n: records follow as they come\n\n", seen); err != nil || out.flush() != nil {
		return nil // the client is gone
	}
	if r.Method == http.MethodHead {
		return nil
	}
	tick := time.NewTimer(0)
	defer tick.Stop()
	beat := time.NewTicker(tailBeat)
	defer beat.Stop()
	for {
		select {
		case <-r.Context().Done():
			return nil
		case <-beat.C:
			if _, err := fmt.Fprint(out, ": still here\n\n"); err != nil || out.flush() != nil {
				return nil
			}
			continue
		case <-tick.C:
		}
		more := c.turn.next()
		event, last, err := c.tailAfter(r.Context(), f, seen)
		if err != nil {
			return nil
		}
		if last > seen {
			seen = last
			if len(event.Records) > 0 {
				data, err := json.Marshal(event)
				if err != nil {
					return nil
				}
				if _, err := fmt.Fprintf(out, "id: %d\nevent: records\ndata: %s\n\n", seen, data); err != nil || out.flush() != nil {
					return nil
				}
				beat.Reset(tailBeat)
			}
			tick.Reset(tailEvery)
			continue
		}
		select {
		case <-more:
			tick.Reset(tailEvery)
		case <-beat.C:
			tick.Reset(0)
			if _, err := fmt.Fprint(out, ": still here\n\n"); err != nil || out.flush() != nil {
				return nil
			}
		case <-r.Context().Done():
			return nil
		}
	}
}

// tailAfter returns the newest records behind an id that match, and the last id
// that it looked at.
func (c *Collector) tailAfter(ctx context.Context, f filter, seen int64) (e tailEvent, last int64, err error) {
	f.after, f.before = seen, 0
	sp := c.store.span(f)
	last = sp.hi - 1
	e.Records = []Record{}
	var bad error
	err = c.store.descend(ctx, sp, func(id int64, r *row) bool {
		rec, err := r.brief(briefTexts).record(id)
		if err != nil {
			bad = err
			return false
		}
		e.Records = append(e.Records, rec)
		return len(e.Records) < tailRecords
	})
	if err = errors.Join(err, bad); err == nil && len(e.Records) == tailRecords {
		sp.hi = e.Records[tailRecords-1].ID
		e.Skipped, err = c.store.count(ctx, sp, math.MaxInt)
	}
	slices.Reverse(e.Records)
	return e, last, err
}

// A slowWriter gives each write a deadline of its own: a reader that goes on
// reading may take as long as it likes.
type slowWriter struct {
	w  http.ResponseWriter
	to *http.ResponseController
}

func (s *slowWriter) Write(p []byte) (int, error) {
	// A server that cannot set it has no such deadline of ours either.
	_ = s.to.SetWriteDeadline(time.Now().Add(tailWrite))
	return s.w.Write(p)
}

func (s *slowWriter) flush() error {
	_ = s.to.SetWriteDeadline(time.Now().Add(tailWrite))
	return s.to.Flush()
}
