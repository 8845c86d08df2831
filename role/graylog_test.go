package role

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/big"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/gelf"
	"github.com/aimakerspace/synlogger/handler"
	"github.com/aimakerspace/synlogger/internal/graylogtest"
)

// recordsPerRole is the number of records per role that are sent to a real Graylog.
const recordsPerRole = 1000

// TestRealGraylogRoles logs hostile records through each role and checks that Graylog
// stores every field of every record, in the stream of the role and in no other. It
// uses the inputs and streams of the content pack if Graylog has them.
//
// In an index with other data, a field may already have a type. So all names have a
// prefix, except for those that are the subject of the test: their values are whole
// numbers, which any type accepts.
func TestRealGraylogRoles(t *testing.T) {
	srv := graylogtest.Open(t)
	type party struct {
		Role
		input  graylogtest.Input
		stream graylogtest.Stream
		want   []gelf.Message // by seq - 1
	}
	var parties []*party
	titles := make(map[string]string) // of the roles' streams, by their ids
	for _, r := range All() {
		p := &party{r, srv.Input(r.Input), srv.Stream(r.Stream, graylogtest.Contains("logger", r.Prefix)), nil}
		parties = append(parties, p)
		titles[p.stream.ID] = r.Stream
	}
	for _, p := range parties {
		srv.Settle(p.input, p.stream, p.Prefix+"settle")
	}
	run := strings.ToLower(rand.Text())
	for _, p := range parties {
		p.want = logHostile(t, p.Role, p.input.Addr, run)
	}
	for _, p := range parties {
		docs := srv.Wait(fmt.Sprintf("conf_run:%s AND logger:%sconformance", run, p.Prefix), recordsPerRole)
		seen, fields := make(map[int64]bool), 0
		for _, d := range docs {
			got := d.Message()
			seq, _ := got.Fields["seq"].(int64)
			if seq < 1 || seq > recordsPerRole || seen[seq] {
				t.Errorf("%s: the seq %d is invalid or not unique: %.300s", p.Name, seq, fmt.Sprint(d))
				continue
			}
			seen[seq] = true
			fields += len(got.Fields)
			if diff := cmp.Diff(p.want[seq-1], got); diff != "" {
				t.Errorf("%s, record %d (-Decode +Graylog):\n%.2000s", p.Name, seq, diff)
			}
			var in []string
			for _, id := range d.Streams() {
				if title, ok := titles[id]; ok {
					in = append(in, title)
				}
			}
			if diff := cmp.Diff([]string{p.Stream}, in); diff != "" {
				t.Errorf("%s, record %d is in the wrong streams (-want +got):\n%s", p.Name, seq, diff)
			}
		}
		if len(seen) != recordsPerRole {
			t.Errorf("%s: %d of %d records are stored", p.Name, len(seen), recordsPerRole)
		}
		t.Logf("%d records with %d fields from %s in the %s of Graylog %s",
			len(seen), fields, p.Prefix+"conformance", p.Stream, srv.Version)
	}
}

// logHostile logs through a role to the input at addr and returns the records that
// Graylog should store.
func logHostile(t *testing.T, r Role, addr, run string) []gelf.Message {
	t.Helper()
	cfg := Config{
		Server:   addr,
		Name:     "conformance",
		Host:     "node-a",
		Level:    slog.LevelDebug,
		Debug:    true,
		FilePath: "/srv/run.py",
		Censor:   []string{"password", "token", "db.user"},
		Filters:  []Filter{AddAttrs(slog.Bool("conf_filtered", true), slog.String("token", "of the filter"))},
	}
	cfg.Delivery.OnError = func(err error) {
		if key := (*handler.KeyError)(nil); !errors.As(err, &key) { // expected, because keys collide
			t.Error(err)
		}
	}
	sent, err := New(r, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer sent.Close()
	var lines bytes.Buffer
	cfg.Variant, cfg.Writer = VariantBasic, &lines
	written, err := New(r, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer written.Close()
	for i := range recordsPerRole {
		for _, h := range []slog.Handler{sent, written} {
			h, rec := hostile(h.WithAttrs([]slog.Attr{slog.String("conf_run", run)}), i)
			if err := h.Handle(context.Background(), rec); err != nil {
				t.Fatal(err)
			}
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), graylogtest.WaitTimeout)
	defer cancel()
	if err := sent.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	if stats := sent.Stats(); stats.Sent != recordsPerRole {
		t.Errorf("%s: %+v", r.Name, stats)
	}
	var want []gelf.Message
	for frame := range bytes.Lines(lines.Bytes()) {
		msg, findings, err := gelf.Decode(bytes.TrimSuffix(frame, []byte("\n")))
		if err != nil || findings != nil {
			t.Errorf("%s: %.300s: %v, %v", r.Name, frame, findings, err)
		}
		want = append(want, msg)
	}
	if len(want) != recordsPerRole {
		t.Fatalf("%s: %d lines", r.Name, len(want))
	}
	return want
}

var hostileStart = time.Now()

// hostile returns the i-th record and its handler. The values are in a group of the
// call, bound, or in an open group.
func hostile(h slog.Handler, i int) (slog.Handler, slog.Record) {
	var values []slog.Attr
	for j := range 8 {
		values = append(values, hostileValues[(8*i+j)%len(hostileValues)](i))
	}
	if i%25 == 0 {
		values = append(values,
			slog.String("long", strings.Repeat("世", 11_000)),
			slog.Any("long_err", errors.New(strings.Repeat("x", 33_000+i))))
	}
	pc, _, _, _ := runtime.Caller(0)
	level := goldenLevels[i%len(goldenLevels)]
	msg := fmt.Sprintf("a\x00b \"quoted\" \xff <script>\u2028 世界 🚀 %d", i)
	rec := slog.NewRecord(hostileStart.Add(time.Duration(i)*1234567*time.Nanosecond), level, msg, pc)
	group := slog.Attr{Key: "conf", Value: slog.GroupValue(values...)}
	switch i % 3 {
	case 0:
		rec.AddAttrs(group)
		rec.AddAttrs(hostileNames(i)...)
	case 1:
		h = h.WithAttrs([]slog.Attr{group})
		rec.AddAttrs(hostileNames(i)...)
	case 2:
		h = h.WithGroup("conf")
		rec.AddAttrs(values...)
	}
	return h, rec
}

// hostileNames returns attributes with reserved names.
func hostileNames(i int) []slog.Attr {
	names := []string{
		"source", "_message", "message", "timestamp", "_level", "level", "host", "short_message", "full_message",
		"facility", "version", "logger", "event", "seq", "level_name", "level_number", "streams", "id", "_id",
		"__id", "gl2_source_input", "line", "type", "index", "ttl", "",
	}
	attrs := make([]slog.Attr, 0, 8)
	for j := range 8 {
		n := 8*i + j
		attrs = append(attrs, slog.Int(names[n%len(names)], n))
	}
	return attrs
}

// hostileValues are attributes of each kind. An attribute with the same name always has
// the same kind.
var hostileValues = []func(i int) slog.Attr{
	func(i int) slog.Attr { return slog.String("text", fmt.Sprint("héllo\t世界 🚀 ", i)) },
	func(i int) slog.Attr { return slog.String("blank", strings.Repeat(" \t\n", i%3)) },
	func(i int) slog.Attr { return slog.String("control", "a\x00\x01\x1f\x7f") },
	func(i int) slog.Attr { return slog.String("utf8", fmt.Sprint("a\xffb\xc3\xed\xa0\x80", i)) },
	func(i int) slog.Attr { return slog.String("nbsp", "\u00a0") },
	func(i int) slog.Attr { return slog.String("json", `{"a":"\"\\`) },
	func(i int) slog.Attr { return slog.Int("int", i-500) },
	func(i int) slog.Attr { return slog.Int64("min_int", math.MinInt64+int64(i)) },
	func(i int) slog.Attr { return slog.Uint64("max_int", math.MaxInt64-uint64(i)) },
	func(i int) slog.Attr { return slog.Uint64("max_uint", math.MaxUint64-uint64(i)) },
	func(i int) slog.Attr { return slog.Any("big", new(big.Int).Lsh(big.NewInt(1), uint(70+i%100))) },
	func(i int) slog.Attr { return slog.Float64("whole", float64(i)) },
	func(i int) slog.Attr { return slog.Float64("float", math.Sqrt(float64(i))) },
	func(i int) slog.Attr { return slog.Float64("small", math.Ldexp(1, -i-60)) },
	func(i int) slog.Attr { return slog.Float64("large", math.Ldexp(1, i%127)) },
	func(i int) slog.Attr { return slog.Float64("beyond", math.Ldexp(1.5, 128+i%800)) },
	func(i int) slog.Attr {
		return slog.Float64("nan", []float64{math.NaN(), math.Inf(1), math.Inf(-1)}[i%3])
	},
	func(i int) slog.Attr { return slog.Bool("bool", i%2 == 0) },
	func(i int) slog.Attr { return slog.Any("null", nil) },
	func(i int) slog.Attr { return slog.Any("nil_pointer", (*time.Time)(nil)) },
	func(i int) slog.Attr { return slog.Duration("took", time.Duration(i)*1001*time.Microsecond) },
	func(i int) slog.Attr { return slog.Time("when", goldenTime.Add(time.Duration(i))) },
	func(i int) slog.Attr { return slog.Any("err", fmt.Errorf("round %d: %w", i, io.ErrUnexpectedEOF)) },
	func(i int) slog.Attr { return slog.Any("trace", traced(i)) },
	func(i int) slog.Attr { return slog.Any("stringer", netip.AddrFrom4([4]byte{10, 0, 0, byte(i)})) },
	func(i int) slog.Attr { return slog.Any("panics", panicking{}) },
	func(i int) slog.Attr { return slog.Any("valuer", valuer{}) },
	func(i int) slog.Attr { return slog.Any("bytes", []byte{'a', byte(i), 0xff}) },
	func(i int) slog.Attr { return slog.Any("list", []any{i, "a", nil, true, 2.0, math.NaN(), io.EOF}) },
	func(i int) slog.Attr {
		return slog.Any("map", map[string]any{"b": i, "a": map[int]string{2: "x"}, "password": "p"})
	},
	func(i int) slog.Attr { return slog.Any("struct", struct{ Password, Name string }{"p", fmt.Sprint(i)}) },
	func(i int) slog.Attr { return slog.Any("func", func() {}) },
	func(i int) slog.Attr { return slog.Any("cycle", cyclic()) },
	func(i int) slog.Attr { return slog.Int("password", i%2) },
	func(i int) slog.Attr {
		return slog.Group("db", "user", "u", "host", "h", slog.Group("deep", "token", i))
	},
	func(i int) slog.Attr {
		return slog.Group("gröup", slog.Group("none"), slog.Int("källa", i), slog.Int("a.b c", i))
	},
	func(i int) slog.Attr { return slog.Group("", slog.Int("inline", i)) },
	func(i int) slog.Attr { return slog.Int("twice", i) },
	func(i int) slog.Attr { return slog.Int("twice", -i) },
}

// A traced error has a stack, which it writes for %+v.
type traced int

func (e traced) Error() string { return fmt.Sprint("trace ", int(e)) }

func (e traced) Format(s fmt.State, verb rune) {
	io.WriteString(s, e.Error())
	if verb == 'v' && s.Flag('+') {
		io.WriteString(s, "\nmain.main\n\t/srv/main.go:"+fmt.Sprint(int(e)))
	}
}
