package sysmetric

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"sync/atomic"
	"time"
)

// What a tracker logs. Searches in Graylog look for these texts.
const (
	msgProbed     = "Probed system's hardware usage successfully."
	msgStopped    = "Sysmetric operations stopped."
	msgTerminated = "Tracking terminated with exit code 0"
	msgSkipped    = "Attempted to terminate in non-tracking state. Command skipped."
)

var (
	// ErrNotTracking is returned for a tracker that has ended already.
	ErrNotTracking = errors.New("sysmetric: not tracking")
	// ErrResolution is returned for a time between probes that is not positive.
	ErrResolution = errors.New("sysmetric: invalid resolution")
)

// A Target is what the host is tracked for. It stands on the tracker's records,
// blank parts left out.
type Target struct {
	Path     string // field ID_path, of a file
	Class    string // field ID_class
	Function string // field ID_function
}

// A Tracker logs the state of the host at a fixed interval. Its methods may be
// called from several goroutines at once, and of a nil Tracker, which tracks
// nothing.
type Tracker struct {
	handler *Handler
	reader  reader
	attrs   []slog.Attr
	every   time.Duration
	pc      uintptr // of the caller of Track, for debugging fields

	ctx        context.Context
	cancel     context.CancelFunc
	terminated atomic.Bool
	done       chan struct{}
	err        error // why it ended, set before done is closed
}

// Track logs the state of the host at once and then at each multiple of the
// resolution, until the context ends or [Tracker.Terminate] is called. Its
// records have the message "Probed system's hardware usage successfully.", the
// level Info, the hardware fields, the field resolution in seconds, the target
// and the attributes. A probe that comes too late for the next one takes its
// place, so that none drifts.
//
// While a tracker of this handler, or of one made from it, is tracking, that
// one is returned, and nothing else happens. The error is [ErrResolution], or
// the context's if it has ended already.
func (h *Handler) Track(ctx context.Context, target Target, resolution time.Duration, attrs ...slog.Attr) (*Tracker, error) {
	if resolution <= 0 {
		return nil, fmt.Errorf("%w %v: use a positive duration, such as 1s", ErrResolution, resolution)
	}
	pc := callerPC()
	for {
		t, started, err := h.trackOnce(ctx, target, resolution, attrs, pc)
		if started || err != nil || t.IsTracking() {
			return t, err
		}
		// The last tracker is about to end.
		select {
		case <-t.done:
		case <-ctx.Done():
			return nil, fmt.Errorf("sysmetric: track: %w", context.Cause(ctx))
		}
	}
}

// trackOnce returns the last tracker, or a new one if that has ended.
func (h *Handler) trackOnce(ctx context.Context, target Target, every time.Duration, attrs []slog.Attr, pc uintptr) (t *Tracker, started bool, err error) {
	s := h.shared
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tracker != nil && !s.tracker.ended() {
		return s.tracker, false, nil
	}
	if ctx.Err() != nil {
		return nil, false, fmt.Errorf("sysmetric: track: %w", context.Cause(ctx))
	}
	t = &Tracker{
		handler: h,
		reader:  reader{host: s.reader.host, window: min(recordWindow, every/2)},
		attrs:   slices.Concat(target.attrs(every), attrs),
		every:   every,
		pc:      pc,
		done:    make(chan struct{}),
	}
	t.ctx, t.cancel = context.WithCancel(ctx)
	s.tracker = t
	go t.run()
	return t, true, nil
}

// Probe logs one record as a tracker would, with its percentages and rates over
// the time that it is given, for which it waits. The error is that of the
// wrapped handler, or the context's, if that ends before.
func (h *Handler) Probe(ctx context.Context, target Target, over time.Duration, attrs ...slog.Attr) error {
	if over <= 0 {
		return fmt.Errorf("%w %v: use a positive duration, such as 200ms", ErrResolution, over)
	}
	r := reader{host: h.shared.reader.host}
	r.read()
	r.failing = nil // to be said with the record
	select {
	case <-time.After(over):
	case <-ctx.Done():
		return fmt.Errorf("sysmetric: probe: %w", context.Cause(ctx))
	}
	record := slog.NewRecord(time.Now(), slog.LevelInfo, msgProbed, callerPC())
	record.AddAttrs(slices.Concat(target.attrs(over), attrs)...)
	return h.handle(ctx, record, &r)
}

// callerPC returns the place that called the function which calls it.
func callerPC() uintptr {
	var pcs [1]uintptr
	runtime.Callers(3, pcs[:])
	return pcs[0]
}

func (t Target) attrs(resolution time.Duration) []slog.Attr {
	attrs := []slog.Attr{slog.Float64("resolution", resolution.Seconds())}
	for _, a := range []slog.Attr{slog.String("ID_path", t.Path), slog.String("ID_class", t.Class), slog.String("ID_function", t.Function)} {
		if a.Value.String() != "" {
			attrs = append(attrs, a)
		}
	}
	return attrs
}

// run probes until the tracker is to end.
func (t *Tracker) run() {
	defer close(t.done)
	defer t.cancel()
	start := time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-t.ctx.Done():
			t.stop()
			return
		case <-timer.C:
		}
		if t.err = t.log(t.ctx, slog.LevelInfo, msgProbed); t.err != nil {
			return
		}
		due := time.Since(start)/t.every + 1
		timer.Reset(time.Until(start.Add(due * t.every)))
	}
}

// stop logs that tracking has ended. The context that has ended must not keep
// the records from being logged. They repeat the shares and rates of the last
// probe, which may be a moment ago.
func (t *Tracker) stop() {
	t.reader.repeat()
	ctx := context.WithoutCancel(t.ctx)
	t.err = cmp.Or(t.log(ctx, slog.LevelInfo, msgStopped), t.log(ctx, slog.LevelInfo, msgTerminated))
	if t.err == nil && !t.terminated.Load() {
		t.err = context.Cause(t.ctx)
	}
}

// log logs a record of the tracker's. What becomes of it, the handler accounts
// for; the error is a panic of the handler's, which must not end the process.
func (t *Tracker) log(ctx context.Context, level slog.Level, msg string) (panicked error) {
	defer func() {
		if p := recover(); p != nil {
			panicked = fmt.Errorf("sysmetric: the handler panicked: %v", p)
		}
	}()
	if t.handler.Enabled(ctx, level) {
		r := slog.NewRecord(time.Now(), level, msg, t.pc)
		r.AddAttrs(t.attrs...)
		_ = t.handler.handle(ctx, r, &t.reader)
	}
	return nil
}

// IsTracking reports whether further probes are to come.
func (t *Tracker) IsTracking() bool {
	return t != nil && !t.terminated.Load() && t.ctx.Err() == nil && !t.ended()
}

func (t *Tracker) ended() bool {
	select {
	case <-t.done:
		return true
	default:
		return false
	}
}

// Done returns a channel that is closed when the tracker has ended, after its
// last record.
func (t *Tracker) Done() <-chan struct{} {
	if t == nil {
		ended := make(chan struct{})
		close(ended)
		return ended
	}
	return t.done
}

// Err returns why the tracker has ended: nil after [Tracker.Terminate] and while
// it has not, the cause of its context's end, or what a handler panicked with.
func (t *Tracker) Err() error {
	if t == nil || !t.ended() {
		return nil
	}
	return t.err
}

// Terminate ends the tracker and waits until it has logged that. For a tracker
// that does not track it returns [ErrNotTracking] and logs a warning. If the
// context ends before, the tracker ends a little later.
func (t *Tracker) Terminate(ctx context.Context) error {
	if t == nil {
		return ErrNotTracking
	}
	if tracking := t.IsTracking(); !tracking || !t.terminated.CompareAndSwap(false, true) {
		_ = t.log(ctx, slog.LevelWarn, msgSkipped)
		return ErrNotTracking
	}
	t.cancel()
	select {
	case <-t.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("sysmetric: the tracker has not ended yet: %w", context.Cause(ctx))
	}
}
