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
	"github.com/aimakerspace/synlogger/cmd/internal/collector/rest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/store"
)

// Bounds of a live tail.
const (
	tailEvery   = 250 * time.Millisecond // least time between two events
	tailRecords = 200                    // newest records in one event
	tailCut     = 10_000                 // characters of a text, by default
	tailBeat    = 15 * time.Second       // time of silence after which a comment is sent
)

// A tailEvent is an event of /api/tail: new records in the order of their arrival, and
// how many new records it leaves out.
type tailEvent struct {
	Records []record.Record `json:"records"`
	Skipped int             `json:"skipped"`
}

// A tailFailure is the last event of a tail that failed.
type tailFailure struct {
	Error string `json:"error"`
}

// serveTail sends matching records as they are stored. The id of an event is the id of
// the last record that was examined, so a client that reconnects with Last-Event-ID
// gets each record once.
func (a *API) serveTail(w http.ResponseWriter, r *http.Request, p rest.Params) error {
	f, err := search.NewFilter(queryOf(p))
	if err != nil {
		return err
	}
	v, err := viewOf(p)
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
	out := rest.NewSlowWriter(w)
	send := func(format string, args ...any) bool {
		_, err := fmt.Fprintf(out, format+"\n\n", args...)
		return err == nil && out.Flush() == nil // the client has gone
	}
	if !send("retry: 1000\nid: %d\n: records follow as they come", seen) || r.Method == http.MethodHead {
		return nil
	}
	beat := time.NewTicker(tailBeat)
	defer beat.Stop()
	for {
		more := a.store.Changed()
		event, last, err := a.tailAfter(r.Context(), f, v, seen)
		if err != nil { // the client reconnects
			if data, bad := json.Marshal(tailFailure{err.Error()}); bad == nil && r.Context().Err() == nil {
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
		case <-time.After(tailEvery): // collects records for the next event
		case <-r.Context().Done():
			return nil
		}
	}
}

// tailStart returns the id after which the tail starts: by default, the last id. An id
// in the future comes from an earlier store, so all records are new to the client.
func (a *API) tailStart(r *http.Request, p rest.Params) (int64, error) {
	last := a.store.Summary().LastID
	seen := last
	if p.Has("after") {
		seen = queryOf(p).After
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

// tailAfter returns the newest matching records after an id, and the last id that it
// examined.
func (a *API) tailAfter(ctx context.Context, f store.Filter, v record.View,
	seen int64) (e tailEvent, last int64, err error) {
	f.After, f.Before = seen, 0
	snap := a.store.Snapshot(f)
	page := record.Page{View: v, Limit: tailRecords}
	err = errors.Join(snap.Descend(ctx, page.Add), page.Err)
	if err == nil && page.Full() {
		older := snap.Restrict(0, page.Records[len(page.Records)-1].ID)
		e.Skipped, err = search.Count(ctx, older, math.MaxInt)
	}
	slices.Reverse(page.Records)
	e.Records = page.Records
	return e, snap.Hi - 1, err
}
