package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/dashboard"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/query"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/rest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
)

// WriteFailure answers with an error.
func WriteFailure(w http.ResponseWriter, err error) { rest.WriteError(w, statusOf(err), err) }

// statusOf returns the HTTP status of an error.
func statusOf(err error) int {
	switch {
	case errors.Is(err, query.ErrInvalid), errors.Is(err, record.ErrNoStream):
		return http.StatusBadRequest
	case errors.Is(err, dashboard.ErrNoTab), errors.Is(err, search.ErrNoRecord):
		return http.StatusNotFound
	case errors.Is(err, errMedia):
		return http.StatusUnsupportedMediaType
	case errors.Is(err, rest.ErrBusy):
		return http.StatusTooManyRequests
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusGatewayTimeout
	case errors.Is(err, context.Canceled):
		return http.StatusServiceUnavailable // the collector is stopping
	}
	return http.StatusInternalServerError
}
