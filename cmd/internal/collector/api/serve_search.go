package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/rest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
)

// serveSearch answers with records, and with the start of the next page if there may
// be one.
func (a *API) serveSearch(w http.ResponseWriter, r *http.Request, p rest.Params) error {
	v, err := viewOf(p)
	if err != nil {
		return err
	}
	q := queryOf(p)
	records, more, err := search.Search(r.Context(), a.store, q, v)
	if err != nil {
		return err
	}
	answer := searchAnswer{Records: records}
	switch n := len(records); {
	case !more:
	case q.Oldest:
		answer.After = records[n-1].ID
	default:
		answer.Before = records[n-1].ID
	}
	return rest.WriteJSON(w, http.StatusOK, answer)
}

// serveWait answers 200 when n records match, and 504 if the timeout comes first. Both
// answers have the number of matching records.
func (a *API) serveWait(w http.ResponseWriter, r *http.Request, p rest.Params) error {
	n, timeout := p.Int("n"), p.Duration("timeout")
	// An error means that the server sets no deadline.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(timeout + 2*requestTime))
	ctx, cancel := context.WithTimeout(r.Context(), timeout+requestTime)
	defer cancel()
	waiting, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	count, err := search.Wait(ctx, waiting, a.store, queryOf(p), n)
	answer := waitAnswer{Count: count, Wanted: n}
	switch {
	case err == nil:
		return rest.WriteJSON(w, http.StatusOK, answer)
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
		answer.Error = fmt.Sprintf("%d of %d records after %v", count, n, timeout)
		return rest.WriteJSON(w, http.StatusGatewayTimeout, answer)
	}
	return err
}
