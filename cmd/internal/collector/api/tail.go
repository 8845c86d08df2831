package api

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

	"github.com/aimakerspace/synlogger/cmd/internal/collector/query"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/store"
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
	Records []record.Record `json:"records"`
	Skipped int             `json:"skipped"`
}

// serveTail sends the records that match as they are stored. An event's id is
// that of the last record looked at, so that a client that comes again with
// Last-Event-ID gets each record once.
func (a *API) serveTail(w http.ResponseWriter, r *http.Request, p params) error {
	f, err := search.NewFilter(p.query())
	if err != nil {
		return err
	}
	v, err := p.view()
	if err != nil {
		return err
	}
	seen, err := a.tailStart(r, p)
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
		more := a.store.Changed()
		event, last, err := a.tailAfter(r.Context(), f, v, seen)
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
func (a *API) tailStart(r *http.Request, p params) (int64, error) {
	last := a.store.Summary().LastID
	seen := last
	if p.has("after") {
		seen = p.query().After
	}
	if text := r.Header.Get("Last-Event-ID"); text != "" {
		var err error
		if seen, err = strconv.ParseInt(text, 10, 64); err != nil || seen < 0 {
			return 0, fmt.Errorf("%w: Last-Event-ID %q: use the id of an event", query.ErrInvalid, text)
		}
	}
	if seen > last {
		seen = 0
	}
	return seen, nil
}

// tailAfter returns the newest records behind an id that match, and the last id
// that it looked at.
func (a *API) tailAfter(ctx context.Context, f store.Filter, v record.View, seen int64) (e tailEvent, last int64, err error) {
	f.After, f.Before = seen, 0
	sp := a.store.Snapshot(f)
	h := record.Page{View: v, Limit: tailRecords}
	err = errors.Join(sp.Descend(ctx, h.Add), h.Err)
	if err == nil && h.Full() {
		older := sp.Restrict(0, h.Records[len(h.Records)-1].ID)
		e.Skipped, err = search.Count(ctx, older, math.MaxInt)
	}
	slices.Reverse(h.Records)
	e.Records = h.Records
	return e, sp.Hi - 1, err
}
