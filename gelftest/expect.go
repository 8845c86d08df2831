package gelftest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/gelf"
)

// Expect waits until a record with this message and these fields has arrived, and
// returns the first one. Records that do not match are ignored. After
// [WaitTimeout] it ends the test and prints the nearest record.
//
// Fields are pairs of a name and a value:
//
//	srv.Expect(t, "Round finished", "n", 3, "owner", "me", "token", nil)
//
// Names are those in Graylog: fields of your program, and message, source, level,
// timestamp and full_message. The record may have other fields too. Values are
// compared as Graylog stores them:
//
//   - nil means that the record must not have the field.
//   - Numbers of all types are compared by value: 3 equals int64(3) and 3.0, but
//     not "3".
//   - A bool equals the text "true" or "false".
//   - A [time.Duration] equals a number of seconds.
//   - A [time.Time] equals the timestamp if both differ by less than a
//     millisecond, and a text in RFC 3339 of the same instant.
//   - An error or [fmt.Stringer] equals its text.
func (s *Server) Expect(t testing.TB, message string, fields ...any) Record {
	t.Helper()
	want := newExpectation(t, message, fields)
	seen := 0
	for deadline := time.Now().Add(WaitTimeout); ; time.Sleep(pollInterval) {
		expired := time.Now().After(deadline)
		if s.Len() > seen {
			records := s.records(seen)
			for _, r := range records {
				if r.Err == nil && want.matches(r.Message) {
					return r
				}
			}
			seen += len(records)
		}
		if expired {
			t.Fatalf("gelftest: %s", s.unexpected(want))
		}
	}
}

// Expect waits until src has a record with this message and these fields, and
// returns the first one. Src is usually a handler that keeps its records in
// memory. Fields are compared as by [Server.Expect]. After [WaitTimeout], Expect
// ends the test and prints the nearest record.
func Expect(t testing.TB, src interface{ Records() []gelf.Message }, message string, fields ...any) gelf.Message {
	t.Helper()
	want := newExpectation(t, message, fields)
	deadline := time.Now().Add(WaitTimeout)
	for pause := pollInterval; ; pause = min(2*pause, 50*time.Millisecond) {
		expired := time.Now().After(deadline)
		messages := src.Records()
		for _, m := range messages {
			if want.matches(m) {
				return m
			}
		}
		if expired {
			t.Fatalf("gelftest: %s", want.report(messages))
		}
		time.Sleep(pause)
	}
}

// unexpected describes a server without the expected record.
func (s *Server) unexpected(want expectation) string {
	var records []Record
	var messages []gelf.Message
	var rejected error
	for _, r := range s.Records() {
		if r.Err != nil {
			rejected = r.Err
			continue
		}
		records = append(records, r)
		messages = append(messages, r.Message)
	}
	var b strings.Builder
	b.WriteString(want.report(messages))
	if i := want.nearest(messages); i >= 0 {
		for _, f := range records[i].Findings {
			fmt.Fprintf(&b, "\n\t\tGraylog: %s", f)
		}
		fmt.Fprintf(&b, "\n\tits frame: %.1000s", records[i].Frame)
	}
	if rejected != nil {
		fmt.Fprintf(&b, "\n\t%d frames are rejected, the last one because: %v", s.Len()-len(records), rejected)
	}
	for _, err := range s.store.lastErrors(3) {
		fmt.Fprintf(&b, "\n\t%v", err)
	}
	fmt.Fprintf(&b, "\n\t%d connections are open", s.Conns())
	return b.String()
}
