package handler

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/gelf"
	"github.com/aimakerspace/synlogger/gelftest"
)

// capture is a sink that keeps the frames as they would be sent.
type capture struct {
	mu     sync.Mutex
	frames [][]byte
}

func (c *capture) put(frame []byte, _ bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frames = append(c.frames, bytes.Clone(frame))
	return nil
}
func (c *capture) flush(context.Context) error    { return nil }
func (c *capture) sent(context.Context) bool      { return true }
func (c *capture) shutdown(context.Context) error { return nil }
func (c *capture) addStats(*Stats)                {}
func (c *capture) err() error                     { return nil }

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

// of returns the errors that the handler has reported so far.
func (r *reports) of(h *Handler) []error {
	for limit := time.Now().Add(gelftest.WaitTimeout); h.reporter.busy() && time.Now().Before(limit); {
		time.Sleep(time.Millisecond)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.errs)
}

// exactly returns the errors that the handler has reported, which must be n.
func (r *reports) exactly(t *testing.T, h *Handler, n int) []error {
	t.Helper()
	errs := r.of(h)
	if len(errs) != n {
		t.Fatalf("OnError was called with %q, not %d times", errs, n)
	}
	return errs
}

// busy reports whether there are errors that OnError has not returned from.
func (r *reporter) busy() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.waiting) > 0
}

// A line is a link to nowhere that its other end can hang up.
type line struct {
	quiet
	closed chan struct{}
}

func newLine() *line { return &line{closed: make(chan struct{})} }

func (l *line) gone() <-chan struct{} { return l.closed }
func (l *line) cause() error          { return errGone }

// streams makes a dialer of one that knows connections.
func streams(dial func(context.Context) (net.Conn, error)) dialer {
	return func(ctx context.Context) (link, error) {
		conn, err := dial(ctx)
		if err != nil {
			return nil, err
		}
		c := &counted{Conn: conn}
		return newStream(c, c, 64<<10, time.Minute, &trial{done: true}), nil
	}
}

// newCapture returns a handler and the sink that its frames go to.
func newCapture(t testing.TB, opts Options) (*Handler, *capture) {
	t.Helper()
	if opts.Host == "" {
		opts.Host = "node-a"
	}
	if opts.OnError == nil {
		opts.OnError = func(err error) {
			if !aboutKeys(err) {
				t.Errorf("OnError: %v", err)
			}
		}
	}
	h, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { new(reports).of(h) }) // OnError may use t
	c := new(capture)
	h.sink = c
	return h, c
}

// aboutKeys reports whether an error is about the names and kinds of attributes.
func aboutKeys(err error) bool {
	var key *KeyError
	return errors.As(err, &key) || errors.Is(err, errManyKeys) || errors.Is(err, errTooManyKeys)
}

var testTime = time.Date(2023, 11, 14, 22, 13, 20, 123456789, time.UTC)

func record(msg string, attrs ...slog.Attr) slog.Record {
	r := slog.NewRecord(testTime, slog.LevelInfo, msg, 0)
	r.AddAttrs(attrs...)
	return r
}

// handle logs a record and returns its frame, nil if there is none.
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

// decode checks all that has to hold of any frame, and returns what Graylog
// stores of it.
func decode(t testing.TB, frame []byte) gelf.Message {
	t.Helper()
	if n := bytes.IndexByte(frame, 0); n < 0 || n != len(frame)-1 {
		t.Fatalf("the frame of %d bytes has its first NUL at %d", len(frame), n)
	}
	frame = frame[:len(frame)-1]
	if len(frame) >= gelf.MaxFrame {
		t.Errorf("the frame has %d bytes, at most %d are to be sent", len(frame), gelf.MaxFrame-1)
	}
	if err := strict(frame); err != nil {
		t.Fatalf("the frame is not strict JSON: %v\n%.2000s", err, frame)
	}
	msg, findings, err := gelf.Decode(frame)
	if err != nil {
		t.Fatalf("Graylog refuses the frame: %v\n%.2000s", err, frame)
	}
	for _, f := range findings {
		if f.Action != gelf.Altered || f.Reason != "white space around the text is taken off" {
			t.Errorf("Graylog does not store %v\n%.2000s", f, frame)
		}
	}
	return msg
}

// strict returns an error unless the text is one JSON object whose members are
// texts and numbers under different names.
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
			return fmt.Errorf("%q stands in it twice", name)
		}
		seen[name.(string)] = true
		value, err := dec.Token()
		if err != nil {
			return err
		}
		switch value.(type) {
		case string, float64:
		default:
			return fmt.Errorf("%q is %v, neither a text nor a number", name, value)
		}
	}
	return nil
}

// fields returns the stored fields of a message that are not on every record.
func fields(msg gelf.Message) map[string]any {
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

type attrs = []slog.Attr

type stored = map[string]any

// A storedTest tells what Graylog stores of a record with the message "m".
type storedTest struct {
	name  string
	opts  Options
	with  func(slog.Handler) slog.Handler
	attrs attrs
	want  stored
}

func passAll(_ context.Context, r slog.Record) (slog.Record, bool) { return r, true }

// runStored logs each test's attributes in three ways that must not differ:
// with the call; bound to the handler; and with the call, through a filter,
// for which the handler puts the whole record together.
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
