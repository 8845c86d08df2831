package sysmetric

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/gelf"
	"github.com/aimakerspace/synlogger/role"
)

// TestLastRecordsRepeatRates checks that the last records of a tracker repeat the
// percentages and rates of its last probe. Over the millisecond since then, a
// single write would be a rate of gigabytes.
func TestLastRecordsRepeatRates(t *testing.T) {
	fake := newFakeHost(t, "cgroup2")
	h := role.Sysmetric(role.Config{Name: "unit", Variant: role.VariantTest})
	defer h.Close()
	tracker, err := newHandler(h, fake.host).Track(t.Context(), Target{}, 100*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	waitForProbe := func(what string, seen func(gelf.Message) bool) {
		deadline := time.Now().Add(time.Minute)
		for !slices.ContainsFunc(h.Records(), seen) {
			if time.Now().After(deadline) {
				t.Fatalf("no probe %s within a minute", what)
			}
			time.Sleep(time.Millisecond)
		}
	}
	waitForProbe("at all", func(gelf.Message) bool { return true })
	fake.setStep(t, 2)
	waitForProbe("of the second step", func(m gelf.Message) bool { return m.Fields["cpu_percent"] == 40.0 })
	fake.receive(t, 2, "1250000", "9250000")
	if err := tracker.Terminate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := tracker.Terminate(t.Context()); !errors.Is(err, ErrNotTracking) {
		t.Errorf("second Terminate: %v", err)
	}
	records := h.Records()
	last := len(records) - 4
	want := ratesOf(records[last])
	if records[last].Message != msgProbed || len(want) != 8 {
		t.Fatalf("%q with the percentages and rates %v", records[last].Message, want)
	}
	for _, m := range records[last+1:] {
		if diff := cmp.Diff(want, ratesOf(m)); diff != "" {
			t.Errorf("%q, after a probe (-want +got):\n%s", m.Message, diff)
		}
	}
}

// receive replaces a number in the network counters of a step.
func (f *fakeHost) receive(t *testing.T, step int, from, to string) {
	path := filepath.Join(f.root, strconv.Itoa(step), "proc/net/dev")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(data), from, to, 1)
	if changed == string(data) {
		t.Fatalf("%s has no %s", path, from)
	}
	if err := os.WriteFile(path+".new", []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

// ratesOf returns the fields that come from two readings.
func ratesOf(m gelf.Message) map[string]any {
	rates := make(map[string]any)
	for name, value := range m.Fields {
		if strings.HasSuffix(name, "_rate") || strings.HasSuffix(name, "_percent") {
			rates[name] = value
		}
	}
	return rates
}

// TestReadingsWithinWindow checks that a reading too soon after the last one repeats
// its rates. Probes of a tracker are that close if one was late.
func TestReadingsWithinWindow(t *testing.T) {
	fake := newFakeHost(t, "cgroup2")
	synctest.Test(t, func(t *testing.T) {
		r := reader{host: fake.host, window: 100 * time.Millisecond}
		rates := func() map[string]any {
			all, _ := r.read()
			rates := make(map[string]any)
			for _, a := range all {
				if strings.HasSuffix(a.Key, "_rate") {
					rates[a.Key] = a.Value.Float64()
				}
			}
			return rates
		}
		if first := rates(); len(first) != 0 {
			t.Errorf("the first reading has the rates %v", first)
		}
		time.Sleep(time.Second)
		before := rates()
		fake.setStep(t, 2)
		time.Sleep(99 * time.Millisecond)
		if diff := cmp.Diff(before, rates()); diff != "" {
			t.Errorf("after 99 ms (-before +after):\n%s", diff)
		}
		time.Sleep(time.Millisecond)
		if after := rates(); cmp.Equal(before, after) || len(after) != 6 {
			t.Errorf("after 100 ms, the rates are %v, as before", after)
		}
	})
}

func TestIsLoopback(t *testing.T) {
	for name, want := range map[string]bool{
		"lo":                          true,
		"lo0":                         true,
		"lo12":                        true,
		"Loopback Pseudo-Interface 1": true,
		"eth0":                        false,
		"local":                       false,
		"lowpan0":                     false,
		"":                            false,
	} {
		if isLoopback(name) != want {
			t.Errorf("isLoopback(%q) = %v", name, !want)
		}
	}
}
