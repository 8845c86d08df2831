package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/dashboard"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/query"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
)

func WriteFailure(w http.ResponseWriter, err error) { WriteError(w, statusOf(err), err) }

// statusOf returns the HTTP status of an error.
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
		return http.StatusServiceUnavailable // the collector is stopping
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

// writeJSON answers with a value. It ignores errors of the connection: the client has
// gone, or reads too slowly.
func writeJSON(w http.ResponseWriter, status int, v any) error {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	enc := json.NewEncoder(newSlowWriter(w))
	enc.SetIndent("", "  ")
	_ = enc.Encode(v)
	return nil
}

// A slowWriter sets a new deadline for each piece that it writes. A client may be
// slow, but must not stop reading.
type slowWriter struct {
	w     http.ResponseWriter
	to    *http.ResponseController
	begun bool // something was written
}

func newSlowWriter(w http.ResponseWriter) *slowWriter {
	return &slowWriter{w: w, to: http.NewResponseController(w)}
}

// slowPiece is the number of bytes that a client must read within tailWrite.
const slowPiece = 64 << 10

func (s *slowWriter) Write(p []byte) (n int, err error) {
	s.begun = true
	for len(p) > 0 && err == nil {
		// An error means that the server sets no deadline.
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
