package handler

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/gelf"
	"github.com/aimakerspace/synlogger/gelftest"
)

// connectUDP returns a handler that sends datagrams to the server.
func connectUDP(t *testing.T, addr string, d delivery.Config) *Handler {
	t.Helper()
	if d.OnError == nil {
		d.OnError = func(err error) { t.Errorf("OnError: %v", err) }
	}
	h, err := New(Config{
		Server:   "udp://" + addr,
		Host:     "node-a",
		Logger:   "TTP_unit",
		Level:    slog.LevelDebug,
		Delivery: d,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

var compressions = map[string]delivery.Compress{
	"gzip":         delivery.CompressGzip,
	"zlib":         delivery.CompressZlib,
	"uncompressed": delivery.CompressNone,
}

// kinds returns records with every kind of attribute.
func kinds() (all []slog.Record) {
	for i, a := range (attrs{
		slog.String("text", "a \"quoted\" \\ text, <&> \u2028 é 世界 🎉"),
		slog.String("empty", ""),
		slog.String("invalid", "a\xffb\x00c"),
		slog.Int("int", -1),
		slog.Int64("min", math.MinInt64),
		slog.Int64("max", math.MaxInt64),
		slog.Uint64("uint", math.MaxUint64),
		slog.Float64("float", 0.1),
		slog.Float64("large", 1e300),
		slog.Float64("small", 5e-324),
		slog.Float64("nan", math.NaN()),
		slog.Float64("inf", math.Inf(-1)),
		slog.Bool("true", true),
		slog.Duration("duration", 1500*time.Millisecond),
		slog.Time("time", testTime),
		slog.Any("err", errors.New("failed")),
		slog.Any("nil", nil),
		slog.Any("slice", []any{1, "two", 3.5}),
		slog.Any("map", map[string]any{"a": 1, "b": map[string]any{"c": "d"}}),
		slog.Any("struct", struct{ A, B int }{1, 2}),
		slog.Any("url", &url.URL{Scheme: "https", Host: "example.org"}),
		slog.Group("group", slog.Int("a", 1), slog.Group("inner", slog.String("b", "c"))),
		slog.String("host", "reserved"),
		slog.String("key with spaces.and-dots", "v"),
		slog.String("long", strings.Repeat("long ", 5000)),
	}) {
		levels := []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError}
		r := slog.NewRecord(testTime.Add(time.Duration(i)*time.Millisecond), levels[i%len(levels)], "message "+a.Key, 0)
		r.AddAttrs(a)
		all = append(all, r)
	}
	return all
}

// TestUDP checks that a record arrives by UDP as it does by TCP.
func TestUDP(t *testing.T) {
	srv := gelftest.NewServer(t)
	h := connect(t, srv, Config{Level: slog.LevelDebug, Delivery: fast})
	records := kinds()
	for _, r := range records {
		h.Handle(t.Context(), r)
	}
	want := srv.Wait(len(records))
	for name, compress := range compressions {
		t.Run(name, func(t *testing.T) {
			srv := gelftest.NewServer(t)
			h := connectUDP(t, srv.Addr(), delivery.Config{Compress: compress})
			for i, r := range records { // one by one, because UDP does not preserve the order
				h.Handle(t.Context(), r)
				got := srv.Wait(i + 1)[i]
				if got.Err != nil {
					t.Fatalf("%s: %v", r.Message, got.Err)
				}
				if diff := cmp.Diff(want[i].Message, got.Message); diff != "" {
					t.Errorf("%s (-TCP +UDP):\n%s", r.Message, diff)
				}
				if at := r.Time.Truncate(time.Millisecond); !got.Timestamp.Equal(at) {
					t.Errorf("%s: the time is %v, want %v", r.Message, got.Timestamp, at)
				}
			}
			if err := h.Flush(t.Context()); err != nil {
				t.Error(err)
			}
			if s := h.Stats(); s.Sent != uint64(len(records)) || s.Queued != 0 {
				t.Errorf("counted %+v", s)
			}
			if errs := srv.Errors(); len(errs) > 0 {
				t.Errorf("the server got %v", errs)
			}
		})
	}
}

// TestUDPTimestamps checks that no time is off by a millisecond.
func TestUDPTimestamps(t *testing.T) {
	srv := gelftest.NewServer(t)
	h := connectUDP(t, srv.Addr(), delivery.Config{Compress: delivery.CompressNone})
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	const n = 1000
	for i := range n {
		at := start.Add(time.Duration(i) * time.Millisecond)
		h.Handle(t.Context(), slog.NewRecord(at, slog.LevelInfo, fmt.Sprint(i), 0))
		if i%50 == 49 {
			srv.WaitLen(i + 1) // otherwise the buffer of the socket would overflow
		}
	}
	for _, r := range srv.Wait(n) {
		var i int
		fmt.Sscan(r.Message.Message, &i)
		if want := start.Add(time.Duration(i) * time.Millisecond); !r.Timestamp.Equal(want) {
			t.Errorf("record %d has the time %v, want %v", i, r.Timestamp, want)
		}
	}
}

// noise returns a text of n bytes that cannot be compressed much.
func noise(n int) string {
	raw := make([]byte, n)
	rand.Read(raw)
	return base64.RawStdEncoding.EncodeToString(raw)[:n]
}

// TestUDPLong checks that a record in several datagrams arrives whole, and that one
// which would need too many lists what was cut.
func TestUDPLong(t *testing.T) {
	for name, compress := range compressions {
		t.Run(name, func(t *testing.T) {
			srv := gelftest.NewServer(t)
			h := connectUDP(t, srv.Addr(), delivery.Config{Compress: compress})
			several := noise(20_000)
			h.Handle(t.Context(), record("several", slog.String("text", several)))
			if r := srv.Wait(1)[0]; r.Fields["text"] != several || r.Fields["truncated"] != nil {
				t.Errorf("a record in several datagrams arrived as %.200s", r.Frame)
			}
			r := record("many")
			for i := range 100 {
				r.AddAttrs(slog.String(fmt.Sprint("text", i), noise(20_000)))
			}
			h.Handle(t.Context(), r)
			got := srv.Wait(2)[1]
			cut, _ := got.Fields["truncated"].(string)
			if got.Err != nil || got.Message.Message != "many" || cut == "" {
				t.Fatalf("a record of 2 MB arrived with truncated %q, error %v: %.200s", cut, got.Err, got.Frame)
			}
			if len(got.Frame) < 128*1408/2 {
				t.Errorf("the frame has only %d of %d possible bytes", len(got.Frame), 128*1408)
			}
			listed := strings.Split(cut, ",")
			missing := 0
			for i := range 100 {
				text, _ := got.Fields[fmt.Sprint("text", i)].(string)
				if len(text) == 20_000 {
					continue
				}
				missing++
				if !strings.Contains(","+cut+",", fmt.Sprintf(",text%d,", i)) && len(listed) < 20 {
					t.Errorf("text%d has %d bytes, but truncated does not list it: %s", i, len(text), cut)
				}
			}
			if missing == 0 {
				t.Error("no text was cut")
			}
			h.Handle(t.Context(), record("next", slog.Int("i", 1)))
			if r := srv.Wait(3)[2]; r.Message.Message != "next" {
				t.Errorf("the next record arrived as %.200s", r.Frame)
			}
		})
	}
}

// TestUDPRefused checks that a closed port is reported, and that delivery resumes when
// the server starts.
func TestUDPRefused(t *testing.T) {
	srv := gelftest.NewServer(t)
	srv.Stop()
	var reported atomic.Int64
	d := fast
	d.OnError = func(err error) {
		reported.Add(1)
		if !strings.Contains(err.Error(), "udp://"+srv.Addr()) {
			t.Errorf("the error does not contain the address of the server: %v", err)
		}
	}
	h := connectUDP(t, srv.Addr(), d)
	until(t, "the closed port is reported", func() bool {
		h.Handle(t.Context(), record("m"))
		return reported.Load() > 2
	})
	balanced(t, h.Stats())
	srv.Start()
	until(t, "records arrive", func() bool {
		h.Handle(t.Context(), record("m"))
		return srv.Len() > 0
	})
	if err := h.Close(); err != nil {
		t.Error(err)
	}
}

// TestUDPUnknownHost checks that an unknown host is reported and that the records stay
// in the queue.
func TestUDPUnknownHost(t *testing.T) {
	var reported atomic.Int64
	d := fast
	d.OnError = func(error) { reported.Add(1) }
	h := connectUDP(t, "no..name:12201", d)
	h.Handle(context.Background(), record("m"))
	until(t, "the unknown host is reported", func() bool { return reported.Load() > 0 })
	h.Shutdown(ended())
	if s := h.Stats(); s.Dropped.Closed != 1 {
		t.Errorf("counted %+v", s)
	}
}

// TestUDPSizes checks that frames of all sizes around the limits of a datagram and of
// 128 chunks arrive.
func TestUDPSizes(t *testing.T) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.(*net.UDPConn).SetReadBuffer(256 << 10) // like Graylog
	h := connectUDP(t, conn.LocalAddr().String(), delivery.Config{Compress: delivery.CompressNone})
	r := gelf.NewPacketReader(conn)
	for _, n := range []int{1000, 1200, 1250, 1270, 1290, 1420, 2700, 2850, 150_000, 181_000, 182_000, 190_000} {
		want := strings.Repeat("x", min(n, gelf.MaxField))
		sized := record("m", slog.String("text", want))
		for i, key := range []string{"a", "b", "c", "d", "e"} {
			length := min(max(n-(i+1)*len(want), 0), gelf.MaxField)
			sized.AddAttrs(slog.String(key, strings.Repeat("z", length)))
		}
		h.Handle(t.Context(), sized)
		conn.SetReadDeadline(time.Now().Add(gelftest.WaitTimeout))
		frame, _, err := r.Next()
		if err != nil {
			t.Fatalf("size %d: %v", n, err)
		}
		m, _, err := gelf.Decode(bytes.Clone(frame))
		if err != nil {
			t.Fatalf("size %d: %v", n, err)
		}
		if m.Fields["text"] != want && m.Fields["truncated"] == nil {
			t.Errorf("size %d: %d bytes of the text arrived, but truncated is missing", n, len(m.Text("text")))
		}
	}
}

// TestUDPLookup checks that DialTimeout also limits the lookup of a name, and that
// Shutdown does not wait for it.
func TestUDPLookup(t *testing.T) {
	silent, err := net.ListenPacket("udp", "127.0.0.1:0") // a name server that does not answer
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	was := net.DefaultResolver
	defer func() { net.DefaultResolver = was }()
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", silent.LocalAddr().String())
	}}
	var seen reports
	h, err := New(Config{
		Server:   "udp://graylog.example",
		Delivery: delivery.Config{DialTimeout: 50 * time.Millisecond, OnError: seen.add},
	})
	if err != nil {
		t.Fatal(err)
	}
	h.Handle(t.Context(), record("m"))
	until(t, "the timeout is reported", func() bool { return len(seen.of(h)) > 0 })
	var dns *net.DNSError
	if err := seen.of(h)[0]; !errors.As(err, &dns) || !dns.IsTimeout {
		t.Errorf("reported %v", err)
	}
	if err := h.Shutdown(ended()); err == nil {
		t.Error("Shutdown returns nil")
	}
}
