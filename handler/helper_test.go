package handler

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/censor"
	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/gelftest"
	"github.com/aimakerspace/synlogger/internal/field"
	"github.com/aimakerspace/synlogger/internal/frametest"
	"github.com/aimakerspace/synlogger/internal/jsontext"
)

// A capture is a writer that keeps the frames as they would be sent.
type capture struct {
	mu     sync.Mutex
	frames [][]byte
}

func (c *capture) Write(line []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	frame := bytes.Clone(line)
	frame[len(frame)-1] = 0
	c.frames = append(c.frames, frame)
	return len(line), nil
}

// reports collects the errors that OnError is called with.
type reports struct {
	mu   sync.Mutex
	errs []error
}

func (r *reports) add(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errs = append(r.errs, err)
}

// A mark is an error that a test reports to find out that all earlier errors were reported.
type mark int64

var marks atomic.Int64

func (m mark) Error() string {
	return fmt.Sprintf("mark %d: all earlier errors were reported", int64(m))
}

// of returns the errors that the handler has reported so far.
func (r *reports) of(h *Handler) []error {
	want := mark(marks.Add(1))
	limit := time.Now().Add(gelftest.WaitTimeout)
	for i := 0; ; i++ {
		if i%1000 == 0 { // once a second, because it is dropped while many errors are queued
			h.client.Report(want)
		}
		r.mu.Lock()
		marked := slices.ContainsFunc(r.errs, func(err error) bool { return errors.Is(err, want) })
		r.errs = slices.DeleteFunc(r.errs, func(err error) bool { return errors.As(err, new(mark)) })
		errs := slices.Clone(r.errs)
		r.mu.Unlock()
		if marked || time.Now().After(limit) {
			return errs
		}
		time.Sleep(time.Millisecond)
	}
}

// exactly returns the n errors that the handler has reported. It fails the test if there are more
// or fewer.
func (r *reports) exactly(t *testing.T, h *Handler, n int) []error {
	t.Helper()
	errs := r.of(h)
	if len(errs) != n {
		t.Fatalf("OnError was called with %q, want %d errors", errs, n)
	}
	return errs
}

// newCapture returns a handler and the capture of its frames.
func newCapture(t testing.TB, opts Config) (*Handler, *capture) {
	t.Helper()
	if opts.Host == "" {
		opts.Host = "node-a"
	}
	opts.AddEvent, opts.AddLevelName, opts.AddLevelNumber = true, true, true
	if opts.Delivery.OnError == nil {
		opts.Delivery.OnError = func(err error) {
			if !aboutKeys(err) {
				t.Errorf("OnError: %v", err)
			}
		}
	}
	c := new(capture)
	opts.Writer = c
	h, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return h, c
}

// aboutKeys reports whether an error is about the names and kinds of attributes.
func aboutKeys(err error) bool {
	var key *KeyError
	return errors.As(err, &key) || errors.Is(err, ErrManyFields) || errors.Is(err, ErrKeysUnchecked)
}

var testTime = time.Date(2023, 11, 14, 22, 13, 20, 123456789, time.UTC)

func record(msg string, attrs ...slog.Attr) slog.Record {
	r := slog.NewRecord(testTime, slog.LevelInfo, msg, 0)
	r.AddAttrs(attrs...)
	return r
}

// handle logs a record and returns its frame, or nil if there is none.
func handle(t testing.TB, h slog.Handler, c *capture, r slog.Record) []byte {
	t.Helper()
	before := len(c.frames)
	if err := h.Handle(context.Background(), r); err != nil {
		t.Errorf("Handle: %v", err)
	}
	if len(c.frames) == before {
		return nil
	}
	return c.frames[len(c.frames)-1]
}

var (
	decode = frametest.Decode
	fields = frametest.Fields
)

type attrs = []slog.Attr

type stored = map[string]any

// A storedTest describes the stored fields of a record with the message "m".
type storedTest struct {
	name  string
	opts  Config
	with  func(slog.Handler) slog.Handler
	attrs attrs
	want  stored
}

func passAll(_ context.Context, r slog.Record) (slog.Record, bool) { return r, true }

// runStored logs the attributes of each test in three ways, which must have the same result: with the
// call; bound to the handler; and with the call through a filter, for which the handler assembles the
// whole record.
func runStored(t *testing.T, tests []storedTest) {
	for _, tc := range tests {
		for _, way := range []string{"call", "bound", "filtered"} {
			t.Run(tc.name+"/"+way, func(t *testing.T) {
				opts := tc.opts
				if way == "filtered" {
					opts.Filters = append([]Filter{passAll}, opts.Filters...)
				}
				root, c := newCapture(t, opts)
				h, with := slog.Handler(root), tc.attrs
				if tc.with != nil {
					h = tc.with(h)
				}
				if way == "bound" {
					h, with = h.WithAttrs(with), nil
				}
				msg := decode(t, handle(t, h, c, record("m", with...)))
				if diff := cmp.Diff(tc.want, fields(msg)); diff != "" {
					t.Errorf("stored fields (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// with returns a function that binds the attributes.
func with(a ...slog.Attr) func(slog.Handler) slog.Handler {
	return func(h slog.Handler) slog.Handler { return h.WithAttrs(a) }
}

const censored = censor.Mark

// plain reports whether the index stores a text as text, not as a date.
func plain(text string) bool {
	return field.KindOf(jsontext.AppendString(nil, text)) == field.KindText
}

// fast is a configuration that reconnects at once.
var fast = delivery.Config{MinBackoff: time.Millisecond, MaxBackoff: 20 * time.Millisecond}

// connect returns a handler that sends to the server. It is closed at the end of the test.
func connect(t *testing.T, srv *gelftest.Server, cfg Config) *Handler {
	t.Helper()
	if cfg.Delivery.OnError == nil {
		cfg.Delivery.OnError = func(error) {}
	}
	cfg.Server, cfg.Host, cfg.Logger = srv.URL(), "node-a", "TTP_unit"
	h, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

// ended returns a canceled context.
func ended() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// flushed waits until all records are sent or dropped.
func flushed(t *testing.T, h *Handler) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), gelftest.WaitTimeout)
	defer cancel()
	var u *delivery.UndeliveredError
	if err := h.Flush(ctx); err != nil && (!errors.As(err, &u) || u.Queued > 0) {
		t.Fatal(err)
	}
}

// until waits for a condition.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for limit := time.Now().Add(gelftest.WaitTimeout); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("timeout after %v: %s", gelftest.WaitTimeout, what)
		}
	}
}

// balanced checks that the counters are consistent.
func balanced(t testing.TB, s Stats) {
	t.Helper()
	if s.Accepted != s.Sent+s.Queued+s.Dropped.Total() {
		t.Errorf("accepted %d, but sent %d + queued %d + dropped %d", s.Accepted, s.Sent, s.Queued, s.Dropped.Total())
	}
}

// stderrOf returns what a function writes to standard error.
func stderrOf(t *testing.T, f func()) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func(was *os.File) { os.Stderr = was }(os.Stderr)
	os.Stderr = w
	f()
	w.Close()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	return string(text)
}

// A discardConn is a connection that discards what is written.
type discardConn struct {
	net.Conn
	once   sync.Once
	closed chan struct{}
}

func dialDiscard(context.Context, string, string) (net.Conn, error) {
	return &discardConn{closed: make(chan struct{})}, nil
}

func (c *discardConn) Write(b []byte) (int, error) { return len(b), nil }
func (c *discardConn) Read([]byte) (int, error)    { <-c.closed; return 0, io.EOF }
func (c *discardConn) Close() error                { c.once.Do(func() { close(c.closed) }); return nil }

func (c *discardConn) SetWriteDeadline(time.Time) error { return nil }
