package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/query"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/rest"
)

// serveHealth answers 200 if Err returns nil and the store can be read.
func (a *API) serveHealth(w http.ResponseWriter, r *http.Request, _ rest.Params) error {
	if err := errors.Join(a.store.Ping(r.Context()), a.collector.Err()); err != nil {
		rest.WriteError(w, http.StatusServiceUnavailable, err)
		return nil
	}
	return rest.WriteJSON(w, http.StatusOK, healthAnswer{"ok"})
}

// maxBody is more than any request needs, in bytes.
const maxBody = 4 << 10

var errMedia = errors.New("the body must be JSON: send Content-Type: application/json")

// serveClear deletes all records. It requires a header that a page of another site
// cannot send.
func (a *API) serveClear(w http.ResponseWriter, r *http.Request, _ rest.Params) error {
	if r.Header.Get("X-Requested-By") == "" {
		rest.WriteError(
			w,
			http.StatusForbidden,
			errors.New("the header X-Requested-By is missing: send it with any value"),
		)
		return nil
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return errMedia
	}
	var body clearRequest
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&body); err != nil || body.Confirm != "clear" {
		return fmt.Errorf(`%w: to delete all records, send {"confirm": "clear"}`, query.ErrInvalid)
	}
	n, err := a.collector.Clear(r.Context())
	if err != nil {
		return err
	}
	return rest.WriteJSON(w, http.StatusOK, clearAnswer{n})
}

// serveOpenAPI answers with the description of the API.
func (a *API) serveOpenAPI(w http.ResponseWriter, _ *http.Request, _ rest.Params) error {
	return rest.WriteJSON(w, http.StatusOK, rest.Describe(a.table()))
}
