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

// Of the generated frames, the seed and how many there are.
const (
	seed      = 1
	generated = 600
)

// A sample is a frame that is shown to Decode and to Graylog.
type sample struct {
	name  string
	frame []byte

	want gelf.Message
	lost error // what Decode says

	at origin
}

// An origin tells a frame from all others: the pen that it goes to, and the
// port that it comes from.
type origin struct{ pen, port int }

// costsOthers tells of frames that Graylog loses together with what it writes
// in the same batch.
func (s *sample) costsOthers() bool {
	return s.lost != nil && strings.Contains(s.lost.Error(), "all that it writes with it")
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
		for s.costsOthers() { // those of the table are enough: each takes seconds
			s.frame = g.frame()
			s.want, _, s.lost = gelf.Decode(s.frame)
		}
	}
	return all
}

// TestRealGraylogDecode holds that Decode is right about each rule, and about
// frames that touch several.
func TestRealGraylogDecode(t *testing.T) {
	srv := graylogtest.Open(t)
	if !strings.HasPrefix(srv.Version, "7.") {
		t.Skipf("Decode knows the rules of Graylog 7, and this is %s", srv.Version)
	}
	all := samples()
	pens := srv.NewIsolatedInputs(graylogtest.TCP, assign(all))
	stored := make([]int, len(pens)) // how many should be
	for _, s := range all {
		if !s.costsOthers() {
			s.at.port = srv.Send(pens[s.at.pen].Input, s.frame)
		}
		if s.lost == nil {
			stored[s.at.pen]++
		}
	}
	for i, p := range pens {
		srv.Wait(p.Query(), stored[i])
	}
	for _, s := range all {
		if s.costsOthers() {
			s.at.port = srv.Send(pens[s.at.pen].Input, s.frame)
			srv.Settle(pens[s.at.pen].Input, pens[s.at.pen].Stream, "")
		}
	}
	documents := make(map[origin]graylogtest.Document)
	for i, p := range pens {
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
	t.Logf("%d frames in %d indices of Graylog %s, %d of them lost as they should be", len(all), len(pens), srv.Version, lost)
}

// compare fails the test if Graylog has stored something else than Decode says.
// There is no document for what Graylog has lost.
func compare(t *testing.T, s *sample, document graylogtest.Document) {
	t.Helper()
	switch {
	case s.lost != nil && document == nil:
		return
	case s.lost != nil:
		t.Errorf("%s: %.300q\nis stored as %.1000s\nbut Decode: %v", s.name, s.frame, fmt.Sprint(document), s.lost)
		return
	case document == nil:
		t.Errorf("%s: %.300q\nis not stored, but Decode has %.1000s", s.name, s.frame, fmt.Sprint(s.want))
		return
	}
	want, got := s.want, document.Message()
	if want.Source == "" {
		want.Source = "127.0.0.1"
	}
	if age := time.Since(got.Timestamp); want.Timestamp.IsZero() && -time.Minute < age && age < 10*time.Minute {
		want.Timestamp = got.Timestamp // that of arrival
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: %.300q\nis not what Decode says (-Decode +Graylog):\n%.2000s", s.name, s.frame, diff)
	}
}

// assign gives each frame a pen and returns how many pens there are. The first
// value of a field fixes its type in the index, so that frames which differ in
// that are in different pens.
func assign(all []*sample) int {
	var pens []map[string]string // types by field
next:
	for _, s := range all {
		own := types(s)
		for i, pen := range pens {
			if fits(pen, own) {
				s.at.pen = i
				for name, typ := range own {
					pen[name] = typ
				}
				continue next
			}
		}
		s.at.pen = len(pens)
		pens = append(pens, own)
	}
	return len(pens)
}

func fits(pen, frame map[string]string) bool {
	for name, typ := range frame {
		if has, ok := pen[name]; ok && has != typ {
			return false
		}
	}
	return len(pen) < 900 // an index takes 1,000 fields
}

// types says which type each field of a frame has, if it is stored, or would
// have if nothing else were wrong with it.
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
			continue // the same in each index, or not in it
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

// TestRealGraylogReader holds that Reader ends a connection where Graylog does,
// and gives the frames that Graylog stores.
func TestRealGraylogReader(t *testing.T) {
	const first, last = `{"host":"h","short_message":"1 first"}`, `{"host":"h","short_message":"3 last"}`
	long := func(n int) string { // a frame of n bytes
		const start, end = `{"host":"h","short_message":"2 long","full_message":"`, `"}`
		return start + strings.Repeat("x", n-len(start)-len(end)) + end
	}
	tests := []struct {
		name        string
		start, rest string // of the stream; Graylog has a second between them
		want        []string
		port        int
	}{
		{name: "two frames", start: first + "\x00", rest: last + "\x00"},
		{name: "a frame in two pieces", start: first + "\x00" + last[:20], rest: last[20:] + "\x00"},
		{name: "no JSON between two frames", start: first + "\x00{]\x00", rest: last + "\x00"},
		{name: "an empty frame", start: first + "\x00\x00", rest: last + "\x00"},
		{name: "a frame of one byte", start: first + "\x00{\x00", rest: last + "\x00"},
		{name: "a frame without its NUL", start: first + "\x00", rest: last},
		{name: "the longest frame", start: first + "\x00" + long(gelf.MaxFrame) + "\x00", rest: last + "\x00"},
		{name: "a longer one", start: first + "\x00" + long(gelf.MaxFrame+1) + "\x00", rest: last + "\x00"},
	}
	srv := graylogtest.Open(t)
	pen := srv.NewIsolatedInputs(graylogtest.TCP, 1)[0]
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
		conn := srv.Dial(pen.Input).(*net.TCPConn)
		tc.port = conn.LocalAddr().(*net.TCPAddr).Port
		io.WriteString(conn, tc.start) // an error shows in what is stored
		if closes := errors.As(err, new(*gelf.FrameError)); closes != hangsUp(conn) {
			t.Errorf("%s: Reader: %v, but Graylog closes the connection: %v", tc.name, err, !closes)
		}
		io.WriteString(conn, tc.rest)
		conn.CloseWrite()
	}
	srv.Wait(pen.Query(), stored)
	srv.Settle(pen.Input, pen.Stream, "")
	for _, tc := range tests {
		var got []string
		for _, d := range srv.Search(fmt.Sprintf("%s AND gl2_remote_port:%d", pen.Query(), tc.port)) {
			got = append(got, d.Message().Message)
		}
		slices.Sort(got)
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s: messages (-Reader +Graylog):\n%s", tc.name, diff)
		}
	}
}

// hangsUp tells whether the server closes the connection within a second.
func hangsUp(conn net.Conn) bool {
	conn.SetReadDeadline(time.Now().Add(time.Second))
	_, err := conn.Read(make([]byte, 1))
	return !errors.Is(err, os.ErrDeadlineExceeded)
}

// TestRealGraylogCompressed holds that Decode is right about compressed frames,
// which come by UDP.
func TestRealGraylogCompressed(t *testing.T) {
	srv := graylogtest.Open(t)
	pen := srv.NewIsolatedInputs(graylogtest.UDP, 1)[0]
	names, frames := gelf.CompressedFrames()
	var all []*sample
	stored := 0
	for i := range frames {
		s := &sample{name: names[i], frame: frames[i]}
		s.want, _, s.lost = gelf.Decode(s.frame)
		s.at.port = srv.Send(pen.Input, s.frame)
		all = append(all, s)
		if s.lost == nil {
			stored++
		}
	}
	srv.Wait(pen.Query(), stored)
	srv.Settle(pen.Input, pen.Stream, "")
	documents := make(map[int]graylogtest.Document)
	for _, d := range srv.Search(pen.Query()) {
		documents[d.RemotePort()] = d
	}
	for _, s := range all {
		compare(t, s, documents[s.at.port])
	}
}
