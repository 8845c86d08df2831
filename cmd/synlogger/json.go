package main

import (
	"encoding/json"
	"io"
	"strconv"
	"strings"
)

// A failure is what --json prints for a command that failed before it had
// anything else to report, such as a wrong flag.
type failure struct {
	OK    bool   `json:"ok"`
	Error string `json:"error"`
}

// A printedError is the error of a command that has printed its JSON object.
type printedError struct{ error }

func (e printedError) Unwrap() error { return e.error }

// wantsJSON reports whether a command line contains --json. It does not depend
// on the command's flags, because a command line with a wrong flag is not parsed
// to its end.
func wantsJSON(args []string) bool {
	for _, arg := range args {
		if arg == "--" {
			return false
		}
		if arg == "--json" {
			return true
		}
		if text, ok := strings.CutPrefix(arg, "--json="); ok {
			value, err := strconv.ParseBool(text)
			return err != nil || value
		}
	}
	return false
}

// printJSON writes v as indented JSON.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
