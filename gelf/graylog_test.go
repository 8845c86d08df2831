package gelf_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/gelf"
	"github.com/aimakerspace/synlogger/internal/graylogtest"
)

// Generated frames.
const (
	seed      = 1
	generated = 600 // frames
)

// A sample is a frame that Decode and Graylog read.
type sample struct {
	name  string
	frame []byte

	want gelf.Message // of Decode
	lost error        // of Decode

	at origin
}

// An origin identifies a frame in Graylog: the input that received it, and the port from
// which it was sent.
type origin struct{ input, port int }

// costsOthers reports whether Graylog loses other messages together with the frame.
func (s *sample) costsOthers() bool {
	return s.lost != nil && strings.Contains(s.lost.Error(), "all others of its batch")
}

func samples() []*sample {
	var all []*sample
	add := func(name string, frame []byte) *sample {
		s := &sample{name: name, frame: frame}
		s.want, _, s.lost = gelf.Decode(frame)
		all = append(all, s)
		return s
	}
	names, frames := gelf.RuleFrames()
	for i := range frames {
		add(names[i], frames[i])
	}
	g := newGenerator(seed)
	for i := range generated {
		s := add(fmt.Sprintf("frame %d of seed %d", i, seed), g.frame())
		for s.costsOthers() { // slow, and rules has such frames
			s.frame = g.frame()
			s.want, _, s.lost = gelf.Decode(s.frame)
		}
	}
	return all
}

// TestRealGraylogDecode compares Decode with Graylog, for each rule and for generated
// frames.
func TestRealGraylogDecode(t *testing.T) {
	srv := graylogtest.Open(t)
	if !strings.HasPrefix(srv.Version, "7.") {
		t.Skipf("Decode implements Graylog 7; the server is version %s", srv.Version)
	}
	all := samples()
	inputs := srv.NewIsolatedInputs(graylogtest.TCP, assign(all))
	stored := make([]int, len(inputs)) // expected messages
	for _, s := range all {
		if !s.costsOthers() {
			s.at.port = srv.Send(inputs[s.at.input].Input, s.frame)
		}
		if s.lost == nil {
			stored[s.at.input]++
		}
	}
	for i, p := range inputs {
		srv.Wait(p.Query(), stored[i])
	}
	for _, s := range all {
		if s.costsOthers() {
			s.at.port = srv.Send(inputs[s.at.input].Input, s.frame)
			srv.Settle(inputs[s.at.input].Input, inputs[s.at.input].Stream, "")
		}
	}
	documents := make(map[origin]graylogtest.Document)
	for i, p := range inputs {
		srv.Settle(p.Input, p.Stream, "")
		for _, d := range srv.Search(p.Query()) {
			documents[origin{i, d.RemotePort()}] = d
		}
	}
	lost := 0
	for _, s := range all {
		compare(t, s, documents[s.at])
		if s.lost != nil {
			lost++
		}
	}
	t.Logf("%d frames in %d indices of Graylog %s, %d of them rejected", len(all), len(inputs), srv.Version, lost)
}

// compare fails the test if Graylog has not stored what Decode returned. The document is
// nil if Graylog has stored nothing.
func compare(t *testing.T, s *sample, document graylogtest.Document) {
	t.Helper()
	switch {
	case s.lost != nil && document == nil:
		return
	case s.lost != nil:
		t.Errorf("%s: %.300q\nis stored as %.1000s\nbut Decode returns the error %v",
			s.name, s.frame, fmt.Sprint(document), s.lost)
		return
	case document == nil:
		t.Errorf("%s: %.300q\nis not stored, but Decode returns %.1000s", s.name, s.frame, fmt.Sprint(s.want))
		return
	}
	want, got := s.want, document.Message()
	if want.Source == "" {
		want.Source = "127.0.0.1"
	}
	if age := time.Since(got.Timestamp); want.Timestamp.IsZero() && -time.Minute < age && age < 10*time.Minute {
		want.Timestamp = got.Timestamp // time of arrival
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: %.300q\nis stored differently (-Decode +Graylog):\n%.2000s", s.name, s.frame, diff)
	}
}

// assign sets the input of each frame, and returns the number of inputs. The first value of
// a field sets its type in the index, so frames with different types of a field need
// different inputs.
func assign(all []*sample) int {
	var inputs []map[string]string // types by field
next:
	for _, s := range all {
		own := types(s)
		for i, input := range inputs {
			if fits(input, own) {
				s.at.input = i
				for name, typ := range own {
					input[name] = typ
				}
				continue next
			}
		}
		s.at.input = len(inputs)
		inputs = append(inputs, own)
	}
	return len(inputs)
}

func fits(input, frame map[string]string) bool {
	for name, typ := range frame {
		if has, ok := input[name]; ok && has != typ {
			return false
		}
	}
	return len(input) < 900 // an index accepts 1,000 fields
}

// types returns the type of each field of a frame. For a rejected frame, these are the
// types that the fields would have.
func types(s *sample) map[string]string {
	found := make(map[string]string)
	if s.lost == nil {
		for name, v := range s.want.Fields {
			found[name] = fmt.Sprintf("%T", v)
		}
		return found
	}
	var members map[string]any
	d := json.NewDecoder(strings.NewReader(string(s.frame)))
	d.UseNumber()
	if d.Decode(&members) != nil {
		return found
	}
	for key, v := range members {
		name := strings.ReplaceAll(strings.TrimSpace(strings.TrimPrefix(key, "_")), ".", "_")
		switch name {
		case "version", "host", "short_message", "message", "full_message", "timestamp", "level", "source", "streams":
			continue // fixed types
		case "file", "facility":
			v = "" // always text
		}
		switch v := v.(type) {
		case json.Number:
			found[name] = "int64"
			if strings.ContainsAny(v.String(), ".eE") {
				found[name] = "float64"
			}
		case bool, nil:
		default:
			found[name] = "string"
		}
	}
	return found
}

// TestRealGraylogReader checks that Reader returns an error where Graylog closes the
// connection, and otherwise the frames that Graylog stores.
func TestRealGraylogReader(t *testing.T) {
	const first, last = `{"host":"h","short_message":"1 first"}`, `{"host":"h","short_message":"3 last"}`
	long := func(n int) string { // a frame of n bytes
		const start, end = `{"host":"h","short_message":"2 long","full_message":"`, `"}`
		return start + strings.Repeat("x", n-len(start)-len(end)) + end
	}
	tests := []struct {
		name        string
		start, rest string // of the stream
		want        []string
		port        int
	}{
		{name: "two frames", start: first + "\x00", rest: last + "\x00"},
		{name: "a frame in two pieces", start: first + "\x00" + last[:20], rest: last[20:] + "\x00"},
		{name: "invalid JSON between two frames", start: first + "\x00{]\x00", rest: last + "\x00"},
		{name: "an empty frame", start: first + "\x00\x00", rest: last + "\x00"},
		{name: "a frame of one byte", start: first + "\x00{\x00", rest: last + "\x00"},
		{name: "a frame without its NUL", start: first + "\x00", rest: last},
		{name: "the longest frame", start: first + "\x00" + long(gelf.MaxFrame) + "\x00", rest: last + "\x00"},
		{name: "a longer frame", start: first + "\x00" + long(gelf.MaxFrame+1) + "\x00", rest: last + "\x00"},
	}
	srv := graylogtest.Open(t)
	input := srv.NewIsolatedInputs(graylogtest.TCP, 1)[0]
	stored := 0
	for i := range tests {
		tc := &tests[i]
		r := gelf.NewReader(strings.NewReader(tc.start + tc.rest))
		frame, err := r.Next()
		for ; err == nil; frame, err = r.Next() {
			if m, _, err := gelf.Decode(frame); err == nil {
				tc.want = append(tc.want, m.Message)
			}
		}
		stored += len(tc.want)
		conn := srv.Dial(input.Input).(*net.TCPConn)
		tc.port = conn.LocalAddr().(*net.TCPAddr).Port
		io.WriteString(conn, tc.start) // an error shows in the stored messages
		if errors.As(err, new(*gelf.FrameError)) {
			if !closes(conn) {
				t.Errorf("%s: Reader: %v, but Graylog does not close the connection", tc.name, err)
			}
		} else {
			time.Sleep(200 * time.Millisecond) // Graylog must read the two parts separately
		}
		io.WriteString(conn, tc.rest)
		conn.CloseWrite()
	}
	srv.Wait(input.Query(), stored)
	srv.Settle(input.Input, input.Stream, "")
	for _, tc := range tests {
		var got []string
		for _, d := range srv.Search(fmt.Sprintf("%s AND gl2_remote_port:%d", input.Query(), tc.port)) {
			got = append(got, d.Message().Message)
		}
		slices.Sort(got)
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s: messages (-Reader +Graylog):\n%s", tc.name, diff)
		}
	}
}

// closes reports whether the server closes the connection.
func closes(conn net.Conn) bool {
	conn.SetReadDeadline(time.Now().Add(graylogtest.WaitTimeout))
	_, err := conn.Read(make([]byte, 1))
	return !errors.Is(err, os.ErrDeadlineExceeded)
}

// TestRealGraylogCompressed compares Decode with Graylog for compressed frames, which
// are sent over UDP.
func TestRealGraylogCompressed(t *testing.T) {
	srv := graylogtest.Open(t)
	input := srv.NewIsolatedInputs(graylogtest.UDP, 1)[0]
	names, frames := gelf.CompressedFrames()
	var all []*sample
	stored := 0
	for i := range frames {
		s := &sample{name: names[i], frame: frames[i]}
		s.want, _, s.lost = gelf.Decode(s.frame)
		s.at.port = srv.Send(input.Input, s.frame)
		all = append(all, s)
		if s.lost == nil {
			stored++
		}
	}
	srv.Wait(input.Query(), stored)
	srv.Settle(input.Input, input.Stream, "")
	documents := make(map[int]graylogtest.Document)
	for _, d := range srv.Search(input.Query()) {
		documents[d.RemotePort()] = d
	}
	for _, s := range all {
		compare(t, s, documents[s.at.port])
	}
}
