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

// TestDrift has 1,000 probes 10 ms apart.
func TestDrift(t *testing.T) {
	const every, probes = 10 * time.Millisecond, 1000
	synctest.Test(t, func(t *testing.T) {
		h := role.Sysmetric(role.Config{Name: "unit", Variant: role.Test})
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
			t.Fatalf("%d records, want %d probes and two about the end", len(records), probes)
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

// TestDriftReal has 50 probes 100 ms apart by a real clock. A machine that
// stands still for that long loses one: then it is tried again.
func TestDriftReal(t *testing.T) {
	t.Parallel()
	const every, probes, tries = 100 * time.Millisecond, 50, 3
	for try := 1; ; try++ {
		complaint := driftReal(t, every, probes)
		if complaint == "" {
			return
		}
		t.Logf("try %d: %s", try, complaint)
		if try == tries {
			t.Fatal("a probe was late, lost or doubled in every try")
		}
	}
}

func driftReal(t *testing.T, every time.Duration, probes int) string {
	h := role.Sysmetric(role.Config{Name: "unit", Variant: role.Test})
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
		return "there are " + strings.Join(messages(records), ", ")
	}
	for k, m := range records[:probes] {
		due := start.Add(time.Duration(k) * every)
		if late := m.Timestamp.Sub(due); late < 0 || late >= every {
			return "probe of " + due.String() + " came at " + m.Timestamp.String()
		}
	}
	return ""
}

// slowHandler takes its time for some records.
type slowHandler struct {
	slog.Handler
	pause func() time.Duration
}

func (h slowHandler) Handle(ctx context.Context, r slog.Record) error {
	time.Sleep(h.pause())
	return h.Handler.Handle(ctx, r)
}

// TestLateProbe has a handler that takes 25 ms for the third probe: the probes
// of those 25 ms are left out, and the next ones come when they would have.
func TestLateProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := role.Sysmetric(role.Config{Name: "unit", Variant: role.Test})
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

func TestTrackAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := role.Sysmetric(role.Config{Name: "unit", Variant: role.Test})
		defer h.Close()
		sys := New(h)
		var first *Tracker
		if first.IsTracking() || !errors.Is(first.Terminate(t.Context()), ErrNotTracking) || first.Err() != nil {
			t.Error("a nil tracker tracks")
		}
		<-first.Done()

		first, err := sys.Track(t.Context(), Target{Class: "A"}, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		bound := sys.WithAttrs([]slog.Attr{slog.Int("bound", 1)}).(*Handler)
		same, err := bound.Track(t.Context(), Target{Class: "B"}, time.Minute)
		if err != nil || same != first || !first.IsTracking() {
			t.Errorf("while tracking: %p, want %p; %v", same, first, err)
		}
		time.Sleep(1500 * time.Millisecond)
		if err := first.Terminate(t.Context()); err != nil || first.IsTracking() || first.Err() != nil {
			t.Errorf("terminated: %v, IsTracking %v, %v", err, first.IsTracking(), first.Err())
		}
		if err := first.Terminate(t.Context()); !errors.Is(err, ErrNotTracking) {
			t.Errorf("terminated twice: %v, want ErrNotTracking", err)
		}
		second, err := bound.Track(t.Context(), Target{Class: "C"}, time.Second, slog.String("job", "7"))
		if err != nil || second == first || !second.IsTracking() {
			t.Fatalf("after the end: %p, %v", second, err)
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
			got = append(got, line{m.Message, m.Fields["level_name"].(string), class, m.Fields["resolution"],
				m.Fields["bound"], m.Fields["job"]})
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
			t.Errorf("resolution %v: %v, %v", d, tracker, err)
		}
		if err := h.Probe(t.Context(), Target{}, d); !errors.Is(err, ErrResolution) {
			t.Errorf("probe over %v: %v", d, err)
		}
	}
}

var errJobOver = errors.New("the job is over")

func TestContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := role.Sysmetric(role.Config{Name: "unit", Variant: role.Test})
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
			t.Error("tracks although its context has ended")
		}
		<-tracker.Done()
		if !errors.Is(tracker.Err(), errJobOver) {
			t.Errorf("ended by %v, want %v", tracker.Err(), errJobOver)
		}
		if _, err := sys.Track(ctx, Target{}, time.Second); !errors.Is(err, errJobOver) {
			t.Errorf("track in a context that has ended: %v", err)
		}
		if err := tracker.Terminate(t.Context()); !errors.Is(err, ErrNotTracking) {
			t.Errorf("terminated after the context: %v", err)
		}
		want := []string{msgProbed, msgStopped, msgTerminated, msgSkipped}
		if diff := cmp.Diff(want, messages(h.Records())); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// TestTerminateWaits has a handler that takes a second for each record.
func TestTerminateWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := role.Sysmetric(role.Config{Name: "unit", Variant: role.Test})
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
			t.Errorf("track while the last one ends: %v", err)
		}
		next, err := sys.Track(t.Context(), Target{}, time.Minute)
		if err != nil || next == tracker || !next.IsTracking() {
			t.Fatalf("track after the last one: %v", err)
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

// TestTrackerDies has a handler that panics.
func TestTrackerDies(t *testing.T) {
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
		t.Errorf("terminated: %v", err)
	}
}

// TestTrackFromManyGoroutines starts and ends trackers in 8 goroutines at once.
func TestTrackFromManyGoroutines(t *testing.T) {
	h := role.Sysmetric(role.Config{Name: "unit", Variant: role.Test})
	defer h.Close()
	sys := New(h)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 25 {
				tracker, err := sys.Track(t.Context(), Target{}, time.Millisecond)
				if err != nil {
					t.Error(err)
					return
				}
				slog.New(sys).Info("beside")
				if err := tracker.Terminate(t.Context()); err != nil && !errors.Is(err, ErrNotTracking) {
					t.Error(err)
				}
				<-tracker.Done()
			}
		})
	}
	wg.Wait()
	count := make(map[string]int)
	for _, m := range h.Records() {
		count[m.Message]++
	}
	if count["beside"] != 8*25 || count[msgStopped] == 0 || count[msgStopped] != count[msgTerminated] {
		t.Errorf("records: %v", count)
	}
	if sys.shared.tracker.IsTracking() {
		t.Error("a tracker is left")
	}
}

// TestCaller covers the debugging fields of a tracker's records: they are those
// of the call of Track.
func TestCaller(t *testing.T) {
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
		if function, _ := m.Fields["function"].(string); !strings.HasSuffix(function, "TestCaller") {
			t.Errorf("%q is from %q", m.Message, function)
		}
	}
}

func TestProbeContext(t *testing.T) {
	records, h := plainHandler(t, role.Config{})
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errJobOver)
	if err := h.Probe(ctx, Target{}, time.Hour); !errors.Is(err, errJobOver) || len(records.Records()) != 0 {
		t.Errorf("%v, %d records", err, len(records.Records()))
	}
}
