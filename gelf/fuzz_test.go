package gelf

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// FuzzDecode checks that Decode is deterministic, returns well-formed messages, and
// agrees with encoding/json about fields without findings.
func FuzzDecode(f *testing.F) {
	for _, tc := range rules {
		if frame := long(tc.frame); len(frame) < 4096 {
			f.Add([]byte(frame))
		}
	}
	f.Add(gzipped([]byte(with(`"_a":1`))))
	f.Add(zlibbed([]byte(with(`"_a":1`))))
	f.Fuzz(func(t *testing.T, frame []byte) {
		msg, findings, err := Decode(frame)
		again, findings2, err2 := Decode(frame)
		if d := cmp.Diff(msg, again, cmpopts.EquateNaNs()); d != "" {
			t.Errorf("the second message differs: %s", d)
		}
		if d := cmp.Diff(findings, findings2); d != "" || (err == nil) != (err2 == nil) {
			t.Errorf("the second findings differ: %s, %v, %v", d, err, err2)
		}
		if err != nil {
			if !strings.HasPrefix(err.Error(), "gelf: ") {
				t.Errorf("error %q", err)
			}
			return
		}
		wellFormed(t, msg)
		if frame[0] == '{' {
			agree(t, frame, msg, findings)
		}
	})
}

// wellFormed checks the properties of all messages.
func wellFormed(t *testing.T, msg Message) {
	if msg.Message == "" || msg.Level < -1 {
		t.Errorf("message %+v", msg)
	}
	if msg.Timestamp.Nanosecond()%1e6 != 0 || msg.Timestamp.Year() > 9999 {
		t.Errorf("timestamp %v", msg.Timestamp)
	}
	for name, v := range msg.Fields {
		if name == "" || !validName(name) || strings.Contains(name, ".") {
			t.Errorf("field %q", name)
		}
		switch v := v.(type) {
		case string:
			if v == "" || len(v) > MaxField || !utf8.ValidString(v) || v != javaTrim(v) {
				t.Errorf("field %s = %q", name, v)
			}
		case int64, float64:
		default:
			t.Errorf("field %s is a %T", name, v)
		}
	}
}

// agree compares the message with what encoding/json reads, for each field with an
// ordinary name and without a finding.
func agree(t *testing.T, frame []byte, msg Message, findings []Finding) {
	var want map[string]any
	d := json.NewDecoder(strings.NewReader(string(frame)))
	d.UseNumber()
	if !utf8.Valid(frame) || d.Decode(&want) != nil {
		return
	}
	found := make(map[string]bool)
	for _, f := range findings {
		found[f.Field] = true
	}
	for key := range want {
		if name := strings.TrimPrefix(key, "_"); javaTrim(name) != name {
			return // such a key may overwrite another field
		}
	}
	for key, v := range want {
		name, ok := strings.CutPrefix(key, "_")
		if !ok || found[key] || stdFieldOf(name) != stdNone || name == "source" || name == "" {
			continue
		}
		if strings.Contains(name, "\ufffd") {
			continue
		}
		got, ok := msg.Fields[name]
		if !ok {
			t.Errorf("field %s is lost without a finding", key)
		}
		switch v := v.(type) {
		case string:
			if got != v && !strings.Contains(v, "\ufffd") {
				t.Errorf("field %s = %q, want %q", key, got, v)
			}
		case json.Number:
			n, intErr := v.Int64()
			x, floatErr := v.Float64()
			if !(intErr == nil && got == n) && !(floatErr == nil && got == x) {
				t.Errorf("field %s = %v, want %v", key, got, v)
			}
		default:
			t.Errorf("field %s, a %T, has no finding", key, v)
		}
	}
}
