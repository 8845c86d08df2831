package sysmetric

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/gelf"
	"github.com/aimakerspace/synlogger/role"
)

func messages(records []gelf.Message) []string {
	var texts []string
	for _, m := range records {
		texts = append(texts, m.Message)
	}
	return texts
}

// TestProbesDoNotDrift covers 1,000 probes 10 ms apart.
func TestProbesDoNotDrift(t *testing.T) {
	const every, probes = 10 * time.Millisecond, 1000
	synctest.Test(t, func(t *testing.T) {
		h := role.Sysmetric(role.Config{Name: "unit", Variant: role.VariantTest})
		defer h.Close()
		start := time.Now()
		tracker, err := New(h).Track(t.Context(), Target{}, every)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(probes*every - every/2)
		if err := tracker.Terminate(t.Context()); err != nil {
			t.Error(err)
		}
		records := h.Records()
		if len(records) != probes+2 {
			t.Fatalf("%d records, want %d probes and two at the end", len(records), probes)
		}
		for k, m := range records[:probes] {
			if due := start.Add(time.Duration(k) * every); m.Message != msgProbed || !m.Timestamp.Equal(due) {
				t.Fatalf("record %d is %q of %v, want a probe of %v", k, m.Message, m.Timestamp, due)
			}
		}
		if got := messages(records[probes:]); !cmp.Equal(got, []string{msgStopped, msgTerminated}) {
			t.Errorf("at the end: %q", got)
		}
	})
}

// TestProbesDoNotDriftOnRealClock covers 50 probes 100 ms apart. On a machine that
// is blocked for that long, a probe is missing: then the test tries again.
func TestProbesDoNotDriftOnRealClock(t *testing.T) {
	t.Parallel()
	const every, probes, tries = 100 * time.Millisecond, 50, 3
	for try := 1; ; try++ {
		problem := probeOnRealClock(t, every, probes)
		if problem == "" {
			return
		}
		t.Logf("try %d: %s", try, problem)
		if try == tries {
			t.Fatal("a probe was late, missing or repeated in every try")
		}
	}
}

// probeOnRealClock returns what is wrong with the probes, or "".
func probeOnRealClock(t *testing.T, every time.Duration, probes int) string {
	h := role.Sysmetric(role.Config{Name: "unit", Variant: role.VariantTest})
	defer h.Close()
	start := time.Now().Truncate(time.Millisecond) // as the records are
	tracker, err := New(h).Track(t.Context(), Target{}, every)
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Duration(probes)*every - every/2)
	if err := tracker.Terminate(t.Context()); err != nil {
		t.Error(err)
	}
	records := h.Records()
	if len(records) != probes+2 {
		return "records: " + strings.Join(messages(records), ", ")
	}
	for k, m := range records[:probes] {
		due := start.Add(time.Duration(k) * every)
		if late := m.Timestamp.Sub(due); late < 0 || late >= every {
			return "probe due at " + due.String() + " was logged at " + m.Timestamp.String()
		}
	}
	return ""
}

// A slowHandler waits before it logs a record.
type slowHandler struct {
	slog.Handler
	pause func() time.Duration
}

func (h slowHandler) Handle(ctx context.Context, r slog.Record) error {
	time.Sleep(h.pause())
	return h.Handler.Handle(ctx, r)
}

// TestLateProbeReplacesMissed covers a handler that takes 25 ms for the third
// probe: the probes of these 25 ms are missing, and later ones keep their times.
func TestLateProbeReplacesMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := role.Sysmetric(role.Config{Name: "unit", Variant: role.VariantTest})
		defer h.Close()
		n := 0
		slow := slowHandler{h, func() time.Duration {
			if n++; n == 3 {
				return 25 * time.Millisecond
			}
			return 0
		}}
		start := time.Now()
		tracker, err := New(slow).Track(t.Context(), Target{}, 10*time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(75 * time.Millisecond)
		if err := tracker.Terminate(t.Context()); err != nil {
			t.Error(err)
		}
		var at []time.Duration
		for _, m := range h.Records() {
			if m.Message == msgProbed {
				at = append(at, m.Timestamp.Sub(start)/time.Millisecond)
			}
		}
		if diff := cmp.Diff([]time.Duration{0, 10, 20, 50, 60, 70}, at); diff != "" {
			t.Errorf("probes at these ms (-want +got):\n%s", diff)
		}
	})
}

func TestTrackOneAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := role.Sysmetric(role.Config{Name: "unit", Variant: role.VariantTest})
		defer h.Close()
		sys := New(h)
		var first *Tracker
		if first.IsTracking() || !errors.Is(first.Terminate(t.Context()), ErrNotTracking) || first.Err() != nil {
			t.Error("a nil tracker is tracking")
		}
		<-first.Done()

		first, err := sys.Track(t.Context(), Target{Class: "A"}, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		bound := sys.WithAttrs([]slog.Attr{slog.Int("bound", 1)}).(*Handler)
		other, err := bound.Track(t.Context(), Target{Class: "B"}, time.Minute)
		if !errors.Is(err, ErrTracking) || other != nil || !first.IsTracking() {
			t.Errorf("Track while tracking: %v, %v; want ErrTracking", other, err)
		}
		time.Sleep(1500 * time.Millisecond)
		if err := first.Terminate(t.Context()); err != nil || first.IsTracking() || first.Err() != nil {
			t.Errorf("Terminate: %v, IsTracking %v, Err %v", err, first.IsTracking(), first.Err())
		}
		if err := first.Terminate(t.Context()); !errors.Is(err, ErrNotTracking) {
			t.Errorf("second Terminate: %v, want ErrNotTracking", err)
		}
		second, err := bound.Track(t.Context(), Target{Class: "C"}, time.Second, slog.String("job", "7"))
		if err != nil || second == first || !second.IsTracking() {
			t.Fatalf("Track after Terminate: %p, %v", second, err)
		}
		synctest.Wait()
		if err := second.Terminate(t.Context()); err != nil {
			t.Error(err)
		}

		type line struct {
			Message, Level, Class string
			Resolution            any
			Bound, Job            any
		}
		var got []line
		for _, m := range h.Records() {
			class, _ := m.Fields["ID_class"].(string)
			got = append(got, line{
				m.Message, m.Fields["level_name"].(string), class, m.Fields["resolution"],
				m.Fields["bound"], m.Fields["job"],
			})
		}
		want := []line{
			{msgProbed, "INFO", "A", 1.0, nil, nil},
			{msgProbed, "INFO", "A", 1.0, nil, nil},
			{msgStopped, "INFO", "A", 1.0, nil, nil},
			{msgTerminated, "INFO", "A", 1.0, nil, nil},
			{msgSkipped, "WARNING", "A", 1.0, nil, nil},
			{msgProbed, "INFO", "C", 1.0, int64(1), "7"},
			{msgStopped, "INFO", "C", 1.0, int64(1), "7"},
			{msgTerminated, "INFO", "C", 1.0, int64(1), "7"},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestInvalidResolution(t *testing.T) {
	_, h := plainHandler(t, role.Config{})
	for _, d := range []time.Duration{0, -time.Second} {
		if tracker, err := h.Track(t.Context(), Target{}, d); !errors.Is(err, ErrResolution) || tracker != nil {
			t.Errorf("Track with resolution %v: %v, %v", d, tracker, err)
		}
		if err := h.Probe(t.Context(), Target{}, d); !errors.Is(err, ErrResolution) {
			t.Errorf("Probe over %v: %v", d, err)
		}
	}
}

var errJobOver = errors.New("the job is over")

func TestTrackerEndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := role.Sysmetric(role.Config{Name: "unit", Variant: role.VariantTest})
		defer h.Close()
		sys := New(h)
		ctx, cancel := context.WithCancelCause(t.Context())
		tracker, err := sys.Track(ctx, Target{}, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		cancel(errJobOver)
		if tracker.IsTracking() {
			t.Error("tracking although the context is done")
		}
		<-tracker.Done()
		if !errors.Is(tracker.Err(), errJobOver) {
			t.Errorf("Err %v, want %v", tracker.Err(), errJobOver)
		}
		if _, err := sys.Track(ctx, Target{}, time.Second); !errors.Is(err, errJobOver) {
			t.Errorf("Track with a context that is done: %v", err)
		}
		if err := tracker.Terminate(t.Context()); !errors.Is(err, ErrNotTracking) {
			t.Errorf("Terminate after the context: %v", err)
		}
		want := []string{msgProbed, msgStopped, msgTerminated, msgSkipped}
		if diff := cmp.Diff(want, messages(h.Records())); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// TestTerminateWaits covers a handler that takes a second for each record.
func TestTerminateWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := role.Sysmetric(role.Config{Name: "unit", Variant: role.VariantTest})
		defer h.Close()
		sys := New(slowHandler{h, func() time.Duration { return time.Second }})
		tracker, err := sys.Track(t.Context(), Target{}, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if err := tracker.Terminate(ctx); !errors.Is(err, context.DeadlineExceeded) || tracker.IsTracking() {
			t.Errorf("%v, IsTracking %v", err, tracker.IsTracking())
		}
		if _, err := sys.Track(ctx, Target{}, time.Minute); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Track while the last tracker is ending: %v", err)
		}
		next, err := sys.Track(t.Context(), Target{}, time.Minute)
		if err != nil || next == tracker || !next.IsTracking() {
			t.Fatalf("Track after the last tracker: %v", err)
		}
		time.Sleep(2 * time.Second)
		if err := next.Terminate(t.Context()); err != nil {
			t.Error(err)
		}
		want := []string{msgProbed, msgStopped, msgTerminated, msgProbed, msgStopped, msgTerminated}
		if diff := cmp.Diff(want, messages(h.Records())); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

type panickingHandler struct{ slog.Handler }

func (panickingHandler) Handle(context.Context, slog.Record) error { panic("no more") }

// TestTrackerEndsWithPanic covers a handler that panics.
func TestTrackerEndsWithPanic(t *testing.T) {
	h := New(panickingHandler{slog.NewTextHandler(new(lockedBuffer), nil)})
	tracker, err := h.Track(t.Context(), Target{}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	<-tracker.Done()
	if err := tracker.Err(); tracker.IsTracking() || err == nil || !strings.Contains(err.Error(), "no more") {
		t.Errorf("IsTracking %v, %v", tracker.IsTracking(), err)
	}
	if err := tracker.Terminate(t.Context()); !errors.Is(err, ErrNotTracking) {
		t.Errorf("Terminate: %v", err)
	}
}

// TestTrackFromManyGoroutines starts and ends trackers in 8 goroutines.
func TestTrackFromManyGoroutines(t *testing.T) {
	h := role.Sysmetric(role.Config{Name: "unit", Variant: role.VariantTest})
	defer h.Close()
	sys := New(h)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 25 {
				slog.New(sys).Info("between")
				tracker, err := sys.Track(t.Context(), Target{}, time.Millisecond)
				if errors.Is(err, ErrTracking) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				if err := tracker.Terminate(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	count := make(map[string]int)
	for _, m := range h.Records() {
		count[m.Message]++
	}
	if count["between"] != 8*25 || count[msgStopped] == 0 || count[msgStopped] != count[msgTerminated] {
		t.Errorf("records: %v", count)
	}
	if sys.shared.tracker.IsTracking() {
		t.Error("a tracker is still tracking")
	}
}

// TestCallerFields checks that the debugging fields of a tracker's records name the
// caller of Track.
func TestCallerFields(t *testing.T) {
	records, h := plainHandler(t, role.Config{Debug: true})
	tracker, err := h.Track(t.Context(), Target{}, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if err := tracker.Terminate(t.Context()); err != nil {
		t.Error(err)
	}
	if err := h.Probe(t.Context(), Target{}, time.Millisecond); err != nil {
		t.Error(err)
	}
	for _, m := range records.Records() {
		if function, _ := m.Fields["function"].(string); !strings.HasSuffix(function, "TestCallerFields") {
			t.Errorf("%q is from %q", m.Message, function)
		}
	}
}

func TestProbeEndsWithContext(t *testing.T) {
	records, h := plainHandler(t, role.Config{})
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errJobOver)
	if err := h.Probe(ctx, Target{}, time.Hour); !errors.Is(err, errJobOver) || len(records.Records()) != 0 {
		t.Errorf("%v, %d records", err, len(records.Records()))
	}
}
