package rest

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/query"
)

// WriteError answers with a status and an error.
func WriteError(w http.ResponseWriter, status int, err error) {
	answer := errorAnswer{Error: err.Error()}
	if at := (*query.Error)(nil); errors.As(err, &at) {
		answer.Position = &at.Pos
	}
	_ = WriteJSON(w, status, answer)
}

// WriteJSON answers with a value. It ignores errors of the connection: the client has
// gone, or reads too slowly.
func WriteJSON(w http.ResponseWriter, status int, v any) error {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	enc := json.NewEncoder(NewSlowWriter(w))
	enc.SetIndent("", "  ")
	_ = enc.Encode(v)
	return nil
}

// An errorAnswer is the answer to a request that failed.
type errorAnswer struct {
	Error    string `json:"error"`
	Position *int   `json:"position,omitempty"` // byte offset in q
}
