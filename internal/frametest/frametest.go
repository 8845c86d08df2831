// Package frametest checks GELF frames in tests of the packages that encode or send them.
package frametest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/aimakerspace/synlogger/gelf"
)

// Decode checks what every frame must comply with, and returns the stored record.
func Decode(t testing.TB, frame []byte) gelf.Message {
	t.Helper()
	if n := bytes.IndexByte(frame, 0); n < 0 || n != len(frame)-1 {
		t.Fatalf("the frame of %d bytes has its first NUL at %d", len(frame), n)
	}
	frame = frame[:len(frame)-1]
	if len(frame) >= gelf.MaxFrame {
		t.Errorf("the frame has %d bytes, want at most %d", len(frame), gelf.MaxFrame-1)
	}
	if err := strict(frame); err != nil {
		t.Fatalf("the frame is not strict JSON: %v\n%.2000s", err, frame)
	}
	msg, findings, err := gelf.Decode(frame)
	if err != nil {
		t.Fatalf("Graylog rejects the frame: %v\n%.2000s", err, frame)
	}
	for _, f := range findings {
		if f.Action != gelf.ActionAltered || f.Reason != "white space around the text is removed" {
			t.Errorf("Graylog does not store %v\n%.2000s", f, frame)
		}
	}
	return msg
}

// strict returns an error unless the text is a JSON object whose members are strings and numbers
// with different names.
func strict(text []byte) error {
	if !json.Valid(text) {
		return fmt.Errorf("not valid")
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	if start, err := dec.Token(); err != nil || start != json.Delim('{') {
		return fmt.Errorf("begins with %v, %v", start, err)
	}
	seen := make(map[string]bool)
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return err
		}
		if seen[name.(string)] {
			return fmt.Errorf("%q occurs twice", name)
		}
		seen[name.(string)] = true
		value, err := dec.Token()
		if err != nil {
			return err
		}
		switch value.(type) {
		case string, float64:
		default:
			return fmt.Errorf("%q is %v, neither a string nor a number", name, value)
		}
	}
	return nil
}

// Fields returns the stored fields of a record, except for those that every record has.
func Fields(msg gelf.Message) map[string]any {
	m := make(map[string]any)
	for name, value := range msg.Fields {
		switch name {
		case "event", "seq", "level_name", "level_number":
		default:
			m[name] = value
		}
	}
	if msg.FullMessage != "" {
		m["full_message"] = msg.FullMessage
	}
	return m
}
