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

// Messages of a tracker. Searches in Graylog use them.
const (
	msgProbed     = "Probed system's hardware usage successfully."
	msgStopped    = "Sysmetric operations stopped."
	msgTerminated = "Tracking terminated with exit code 0"
	msgSkipped    = "Attempted to terminate in non-tracking state. Command skipped."
)

var (
	// ErrTracking means that the last tracker of the handler is still tracking.
	ErrTracking = errors.New("sysmetric: already tracking")
	// ErrNotTracking means that the tracker has ended.
	ErrNotTracking = errors.New("sysmetric: not tracking")
	// ErrResolution means that the time between probes is not positive.
	ErrResolution = errors.New("sysmetric: invalid resolution")
)

// A Target describes the code for which the host is tracked. It becomes fields of
// the tracker's records; empty strings are omitted.
type Target struct {
	Path     string // field ID_path, of a file
	Class    string // field ID_class
	Function string // field ID_function
}

// A Tracker logs the hardware usage of the host at a fixed interval. Its methods
// are safe for concurrent use. A nil *Tracker has ended.
type Tracker struct {
	handler    *Handler
	reader     reader
	attrs      []slog.Attr
	resolution time.Duration
	pc         uintptr // of the call of Track, for debugging fields

	ctx        context.Context
	cancel     context.CancelFunc
	terminated atomic.Bool
	done       chan struct{}
	err        error // why it ended, set before done is closed
}

// Track logs the hardware usage immediately and then at each multiple of the
// resolution, until ctx is done or [Tracker.Terminate] is called. Its records have
// the message "Probed system's hardware usage successfully.", the level Info, the
// hardware fields, the field resolution in seconds, the target and the attributes.
// A probe that is late by one or more intervals replaces those that it missed, so
// the others keep their times.
//
// A handler and those derived from it have one tracker at a time. While it is
// tracking, Track returns [ErrTracking]: terminate it before you track another
// target. If the tracker is about to end, Track waits for it. Other errors are
// [ErrResolution] and the cause of ctx.
func (h *Handler) Track(
	ctx context.Context, target Target, resolution time.Duration, attrs ...slog.Attr,
) (*Tracker, error) {
	if resolution <= 0 {
		return nil, fmt.Errorf("%w %v: use a positive duration, such as 1s", ErrResolution, resolution)
	}
	t := &Tracker{
		handler:    h,
		reader:     reader{host: h.shared.reader.host, window: min(recordWindow, resolution/2)},
		attrs:      slices.Concat(target.attrs(resolution), attrs),
		resolution: resolution,
		pc:         callerPC(),
		done:       make(chan struct{}),
	}
	for {
		last, err := h.start(ctx, t)
		if err != nil {
			return nil, err
		}
		if last == nil {
			return t, nil
		}
		select {
		case <-last.done:
		case <-ctx.Done():
			return nil, fmt.Errorf("sysmetric: track: %w", context.Cause(ctx))
		}
	}
}

// start starts a tracker. If the last tracker is about to end, start returns it
// instead.
func (h *Handler) start(ctx context.Context, t *Tracker) (last *Tracker, err error) {
	s := h.shared
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tracker != nil && s.tracker.IsTracking() {
		return nil, fmt.Errorf("%w: terminate the last tracker first", ErrTracking)
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("sysmetric: track: %w", context.Cause(ctx))
	}
	if s.tracker != nil && !s.tracker.ended() {
		return s.tracker, nil
	}
	t.ctx, t.cancel = context.WithCancel(ctx)
	s.tracker = t
	go t.run()
	return nil, nil
}

// Probe waits for a duration and then logs one record like a tracker, with
// percentages and rates over this duration. It returns the error of the wrapped
// handler, or the cause of ctx if ctx is done first.
func (h *Handler) Probe(ctx context.Context, target Target, over time.Duration, attrs ...slog.Attr) error {
	if over <= 0 {
		return fmt.Errorf("%w %v: use a positive duration, such as 200ms", ErrResolution, over)
	}
	r := reader{host: h.shared.reader.host}
	r.read()
	r.failing = nil // report failures with the record
	select {
	case <-time.After(over):
	case <-ctx.Done():
		return fmt.Errorf("sysmetric: probe: %w", context.Cause(ctx))
	}
	record := slog.NewRecord(time.Now(), slog.LevelInfo, msgProbed, callerPC())
	record.AddAttrs(slices.Concat(target.attrs(over), attrs)...)
	return h.handle(ctx, record, &r)
}

// callerPC returns the program counter of the call of its caller.
func callerPC() uintptr {
	var pcs [1]uintptr
	runtime.Callers(3, pcs[:])
	return pcs[0]
}

func (t Target) attrs(resolution time.Duration) []slog.Attr {
	attrs := []slog.Attr{slog.Float64("resolution", resolution.Seconds())}
	for _, a := range []slog.Attr{
		slog.String("ID_path", t.Path),
		slog.String("ID_class", t.Class),
		slog.String("ID_function", t.Function),
	} {
		if a.Value.String() != "" {
			attrs = append(attrs, a)
		}
	}
	return attrs
}

// run probes the host until ctx is done.
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
		next := time.Since(start)/t.resolution + 1
		timer.Reset(time.Until(start.Add(next * t.resolution)))
	}
}

// stop logs that tracking has ended, although ctx is done. The records repeat the
// percentages and rates of the last probe, which may be a moment ago.
func (t *Tracker) stop() {
	t.reader.repeat()
	ctx := context.WithoutCancel(t.ctx)
	t.err = cmp.Or(t.log(ctx, slog.LevelInfo, msgStopped), t.log(ctx, slog.LevelInfo, msgTerminated))
	if t.err == nil && !t.terminated.Load() {
		t.err = context.Cause(t.ctx)
	}
}

// log logs a record of the tracker. It returns an error if the handler panics, which
// must not end the process. Other errors are left to the handler.
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

// IsTracking reports whether the tracker will log further probes.
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

// Done returns a channel that is closed when the tracker has logged its last record.
func (t *Tracker) Done() <-chan struct{} {
	if t == nil {
		ended := make(chan struct{})
		close(ended)
		return ended
	}
	return t.done
}

// Err returns why the tracker has ended: the cause of its context, or the panic of
// a handler. It returns nil after [Tracker.Terminate] and while the tracker is
// running.
func (t *Tracker) Err() error {
	if t == nil || !t.ended() {
		return nil
	}
	return t.err
}

// Terminate ends the tracker and waits until it has logged its last record. If the
// tracker is not tracking, Terminate logs a warning and returns [ErrNotTracking].
// If ctx is done first, Terminate returns its cause, and the tracker ends later.
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
