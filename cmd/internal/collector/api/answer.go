package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/dashboard"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/query"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
)

func WriteFailure(w http.ResponseWriter, err error) { WriteError(w, statusOf(err), err) }

// statusOf returns the status that tells of an error.
func statusOf(err error) int {
	switch {
	case errors.Is(err, query.ErrInvalid), errors.Is(err, record.ErrNoStream):
		return http.StatusBadRequest
	case errors.Is(err, dashboard.ErrNoTab), errors.Is(err, search.ErrNoRecord):
		return http.StatusNotFound
	case errors.Is(err, errMedia):
		return http.StatusUnsupportedMediaType
	case errors.Is(err, errBusy):
		return http.StatusTooManyRequests
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusGatewayTimeout
	case errors.Is(err, context.Canceled):
		return http.StatusServiceUnavailable // the collector ends
	}
	return http.StatusInternalServerError
}

func WriteError(w http.ResponseWriter, status int, err error) {
	answer := errorAnswer{Error: err.Error()}
	if at := (*query.Error)(nil); errors.As(err, &at) {
		answer.Position = &at.Pos
	}
	_ = writeJSON(w, status, answer)
}

// writeJSON answers with a value. What goes wrong then is the client's, who is
// gone, or reads so slowly that others would have to wait.
func writeJSON(w http.ResponseWriter, status int, v any) error {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	enc := json.NewEncoder(newSlowWriter(w))
	enc.SetIndent("", "  ")
	_ = enc.Encode(v)
	return nil
}
