package gelftest

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/gelf"
)

// memory is a handler that keeps its records in memory.
type memory struct {
	mu      sync.Mutex
	records []gelf.Message
}

func (m *memory) Records() []gelf.Message {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.records)
}

func (m *memory) add(t *testing.T, frames ...string) {
	t.Helper()
	for _, frame := range frames {
		msg, _, err := gelf.Decode([]byte(frame))
		if err != nil {
			t.Error(err)
			continue
		}
		m.mu.Lock()
		m.records = append(m.records, msg)
		m.mu.Unlock()
	}
}

func TestExpectComparesFields(t *testing.T) {
	instant := time.Date(2026, 11, 27, 8, 0, 0, 123_400_000, time.FixedZone("", 3600))
	const record = `{"host":"h","short_message":"m","timestamp":1764226800.1234,"level":6,"_i":3,"_f":0.1,` +
		`"_big":9223372036854775807,"_text":"3","_yes":"true","_error":"failed","_d":0.0015,` +
		`"_at":"2026-11-27T07:00:00.1234Z","_level_name":"INFO"}`
	for _, tt := range []struct {
		name  string
		field string
		value any
		want  bool
	}{
		{"int", "i", 3, true},
		{"another int", "i", 4, false},
		{"int64", "i", int64(3), true},
		{"uint8", "i", uint8(3), true},
		{"float64", "i", 3.0, true},
		{"a number and a text", "i", "3", false},
		{"a text and a number", "text", 3, false},
		{"float", "f", 0.1, true},
		{"float32", "f", float32(0.1), true},
		{"NaN", "f", math.NaN(), false},
		{"the largest int64", "big", int64(math.MaxInt64), true},
		{"a float64 near the largest int64", "big", float64(math.MaxInt64), false},
		{"a uint64 above the largest int64", "big", uint64(math.MaxInt64) + 1, false},
		{"text", "text", "3", true},
		{"another text", "text", "4", false},
		{"a named text", "text", named("3"), true},
		{"bool", "yes", true, true},
		{"another bool", "yes", false, false},
		{"error", "error", errors.New("failed"), true},
		{"another error", "error", io.EOF, false},
		{"duration", "d", 1500 * time.Microsecond, true},
		{"another duration", "d", 1501 * time.Microsecond, false},
		{"time", "at", instant, true},
		{"another time", "at", instant.Add(1), false},
		{"stringer", "level_name", slog.LevelInfo, true},
		{"a field that must be missing", "no", nil, true},
		{"a field that must not exist", "i", nil, false},
		{"a missing field", "no", "", false},
		{"a slice", "text", []string{"3"}, false},
		{"host", "source", "h", true},
		{"level", "level", 6, true},
		{"timestamp", "timestamp", time.Unix(1764226800, 123_400_000), true},
		{"another timestamp", "timestamp", time.Unix(1764226800, 124_400_000), false},
	} {
		synctest.Test(t, func(t *testing.T) {
			var mem memory
			mem.add(t, record)
			failed := failure(t, func(t testing.TB) {
				if got := Expect(t, &mem, "m", tt.field, tt.value); !cmp.Equal(got, mem.records[0]) {
					t.Errorf("returned %v", got)
				}
			})
			if (failed == "") != tt.want {
				t.Errorf("%s: %v equals the field %s: %v, want %v", tt.name, tt.value, tt.field, failed == "", tt.want)
			}
		})
	}
}

type named string

// TestExpectWaits covers a record that arrives among others, a minute after the
// test began and 9 s after Expect was called.
func TestExpectWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mem memory
		time.Sleep(51 * time.Second)
		go func() {
			for n := range 10 {
				time.Sleep(900 * time.Millisecond)
				mem.add(t, fmt.Sprintf(`{"short_message":"m","_n":%d}`, n))
			}
		}()
		if got := Expect(t, &mem, "m", "n", 9); got.Fields["n"] != int64(9) {
			t.Errorf("returned %v", got)
		}
	})
}

func TestExpectPrintsNearestRecord(t *testing.T) {
	for _, tt := range []struct {
		name   string
		frames []string
		fields []any
		want   string
	}{
		{
			name:   "no records",
			fields: []any{"n", 1},
			want:   `gelftest: no record "Round finished" with n=1 after 10s; 0 records in total`,
		},
		{
			name: "a record with the message",
			frames: []string{
				`{"short_message":"Round finished","_n":2,"_owner":"me"}`,
				`{"short_message":"Round finished","_n":3,"_token":"x"}`,
				`{"short_message":"Round finished","_n":4,"_owner":"you"}`,
				`{"short_message":"Round started","_n":3,"_owner":"me"}`,
			},
			fields: []any{"n", 3, "owner", "me", "token", nil, "late", time.Second},
			want: `gelftest: no record "Round finished" with n=3 owner="me" token=<nil> late=1s after 10s` +
				"\n\tnearest of 4 records: \"Round finished\"" +
				"\n\t\tn is 2, want 3" +
				"\n\t\tlate is missing, want 1s",
		},
		{
			name: "the newest of equally near records",
			frames: []string{
				`{"short_message":"Round finished","_owner":"first","_token":"x"}`,
				`{"short_message":"Round finished","_owner":"last","_token":"y"}`,
			},
			fields: []any{"owner", "me", "token", nil},
			want: `gelftest: no record "Round finished" with owner="me" token=<nil> after 10s` +
				"\n\tnearest of 2 records: \"Round finished\"" +
				"\n\t\towner is \"last\", want \"me\"" +
				"\n\t\ttoken is \"y\", want no such field",
		},
		{
			name:   "a similar message",
			frames: []string{`{"short_message":"Round failed"}`, `{"short_message":"Started"}`},
			want:   "gelftest: no record \"Round finished\" after 10s\n\tnearest of 2 records: \"Round failed\"",
		},
		{
			name:   "an odd number of arguments",
			fields: []any{"n", 1, "owner"},
			want: `gelftest: Expect: argument owner is not followed by a value or not a name: ` +
				`give pairs of a name and a value, such as "owner", "me"`,
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			var mem memory
			mem.add(t, tt.frames...)
			got := failure(t, func(t testing.TB) { Expect(t, &mem, "Round finished", tt.fields...) })
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.name, diff)
			}
		})
	}
}

func TestServerExpect(t *testing.T) {
	srv := NewServer(t)
	c, err := net.Dial("tcp", srv.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		io.WriteString(c, "{}\x00") // rejected
		for n := range 200 {
			fmt.Fprintf(c, "{\"short_message\":\"m\",\"_n\":%d,\"_ok\":true}\x00", n)
			time.Sleep(100 * time.Microsecond)
		}
	}()
	for _, n := range []int{150, 3} {
		got := srv.Expect(t, "m", "n", n)
		if got.Fields["n"] != int64(n) || got.Conn != 1 || len(got.Findings) != 1 {
			t.Errorf("returned %+v", got)
		}
	}
	<-done
}

func TestServerExpectTimesOut(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for WaitTimeout")
	}
	t.Parallel()
	srv := NewServer(t)
	c, err := net.Dial("tcp", srv.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	io.WriteString(c, "{\"host\":\"h\",\"short_message\":\"m\",\"_n\":1,\"_ok\":true}\x00{}\x00\x00")
	got := failure(t, func(t testing.TB) { srv.Expect(t, "m", "n", 1, "ok", true) })
	for _, want := range []string{
		`gelftest: no record "m" with n=1 ok=true after 10s`,
		"\n\tnearest of 1 records: \"m\"\n\t\tok is missing, want true",
		"\n\t\tGraylog: _ok dropped: boolean is not stored",
		"\n\tits frame: {\"host\":\"h\"",
		"\n\t1 frames are rejected, the last one because: gelf: neither short_message nor message",
		"of the stream: empty",
		"\n\t0 connections are open",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the test ends with\n%s\nwithout %q", got, want)
		}
	}
}
