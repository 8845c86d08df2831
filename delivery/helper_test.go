package delivery

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aimakerspace/synlogger/delivery/internal/conn"
	"github.com/aimakerspace/synlogger/gelftest"
)

type attrs = []slog.Attr

// A testHandler is a [slog.Handler] that encodes records in the simplest way and sends
// them with a client. Attributes become fields; groups are not supported.
type testHandler struct {
	*Client
	attrs attrs
	seq   *atomic.Uint64
}

// testConfig configures a testHandler.
type testConfig struct {
	Server   string
	Delivery Config
}

func open(cfg testConfig) (*testHandler, error) {
	c, err := New(cfg.Server, cfg.Delivery)
	if err != nil {
		return nil, err
	}
	return &testHandler{Client: c, seq: new(atomic.Uint64)}, nil
}

func (h *testHandler) Enabled(context.Context, slog.Level) bool { return true }

func (h *testHandler) WithGroup(string) slog.Handler { panic("not supported") }

func (h *testHandler) WithAttrs(a attrs) slog.Handler {
	h2 := *h
	h2.attrs = append(slices.Clip(h.attrs), a...)
	return &h2
}

func (h *testHandler) Handle(_ context.Context, r slog.Record) error {
	frame := map[string]any{
		"version":       "1.1",
		"host":          "node-a",
		"short_message": r.Message,
		"level":         6,
		"_seq":          h.seq.Add(1),
	}
	add := func(a slog.Attr) bool {
		value := a.Value.Any()
		if err, ok := value.(error); ok {
			value = err.Error()
		}
		frame["_"+a.Key] = value
		return true
	}
	for _, a := range h.attrs {
		add(a)
	}
	r.Attrs(add)
	text, err := json.Marshal(frame)
	if err != nil {
		return err
	}
	return h.Send(append(text, 0), r.Level >= slog.LevelWarn)
}

var testTime = time.Date(2023, 11, 14, 22, 13, 20, 123456789, time.UTC)

func record(msg string, attrs ...slog.Attr) slog.Record {
	r := slog.NewRecord(testTime, slog.LevelInfo, msg, 0)
	r.AddAttrs(attrs...)
	return r
}

// reports collects what OnError is called with.
type reports struct {
	mu   sync.Mutex
	errs []error
}

func (r *reports) add(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errs = append(r.errs, err)
}

// of returns the errors that the client has reported so far.
func (r *reports) of(h *testHandler) []error {
	limit := time.Now().Add(gelftest.WaitTimeout)
	for h.reporter.busy() && time.Now().Before(limit) {
		time.Sleep(time.Millisecond)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.errs)
}

// busy reports whether there are errors that OnError has not returned from.
func (r *reporter) busy() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.waiting) > 0
}

// An acceptingLink accepts everything and discards it.
type acceptingLink struct{ written int }

func (q *acceptingLink) Write(_ context.Context, frames []byte) (int, error) {
	q.written += len(frames)
	return len(frames), nil
}
func (q *acceptingLink) Reached() int                { return q.written }
func (q *acceptingLink) TrialTime() time.Duration    { return 0 }
func (q *acceptingLink) Gone() <-chan struct{}       { return nil }
func (q *acceptingLink) Cause() error                { return nil }
func (q *acceptingLink) Finish(context.Context) bool { return false }
func (q *acceptingLink) Close()                      {}

// A closableLink is an acceptingLink that the server can close.
type closableLink struct {
	acceptingLink
	closed chan struct{}
}

func newClosableLink() *closableLink { return &closableLink{closed: make(chan struct{})} }

func (l *closableLink) Gone() <-chan struct{} { return l.closed }
func (l *closableLink) Cause() error          { return conn.ErrClosed }
