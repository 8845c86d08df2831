// Package output prints the JSON of commands with --json.
package output

import (
	"encoding/json"
	"io"
)

// A PrintedError wraps the error of a command that has already printed its JSON
// object.
type PrintedError struct{ Err error }

func (e *PrintedError) Error() string { return e.Err.Error() }

// Unwrap returns the error of the command.
func (e *PrintedError) Unwrap() error { return e.Err }

// JSON writes v as indented JSON.
func JSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
