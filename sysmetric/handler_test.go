package sysmetric

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/slogtest"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/role"
)

// alwaysFields contains the fields of every record on the host plain.
var alwaysFields = strings.Fields(`cpu_percent
	memory_total memory_available memory_used memory_free
	disk_read_counter disk_write_counter disk_read_bytes disk_write_bytes
	net_packets_sent net_packets_recv net_bytes_sent net_bytes_recv
	net_external_packets_sent net_external_packets_recv net_external_bytes_sent net_external_bytes_recv`)

func plainHandler(t *testing.T, cfg role.Config) (*role.Handler, *Handler) {
	cfg.Name, cfg.Variant = "unit", role.VariantTest
	h := role.Sysmetric(cfg)
	t.Cleanup(func() { h.Close() })
	return h, newHandler(h, newFakeHost(t, "plain").host)
}

func TestEveryRecordHasHardwareFields(t *testing.T) {
	records, h := plainHandler(t, role.Config{Level: slog.LevelDebug})
	log := slog.New(h)
	log.Debug("one")
	log.With("a", 1).Info("two", "b", 2)
	log.WithGroup("g").With("a", 1).WithGroup("in").Error("three", "b", 2)
	log.WithGroup("g").Warn("four")

	want := []map[string]any{
		{},
		{"a": int64(1), "b": int64(2)},
		{"g_a": int64(1), "g_in_b": int64(2)},
		{},
	}
	got := records.Records()
	if len(got) != len(want) {
		t.Fatalf("%d records: %v", len(got), got)
	}
	own := strings.Fields(`event level_name level_number logger seq disk_read_rate disk_write_rate
		net_sent_rate net_recv_rate net_external_sent_rate net_external_recv_rate`)
	for i, m := range got {
		for _, field := range alwaysFields {
			if _, ok := m.Fields[field]; !ok {
				t.Errorf("%q has no %s", m.Message, field)
			}
			delete(m.Fields, field)
		}
		for _, field := range own {
			delete(m.Fields, field)
		}
		if diff := cmp.Diff(want[i], m.Fields); diff != "" {
			t.Errorf("%q (-want +got):\n%s", m.Message, diff)
		}
	}
}

// TestReadsHostForLoggedRecordsOnly checks that a record below the level does not
// read the host.
func TestReadsHostForLoggedRecordsOnly(t *testing.T) {
	records, h := plainHandler(t, role.Config{Level: slog.LevelWarn})
	log := slog.New(h)
	log.Info("below")
	if at := h.shared.reader.cpu.at; !at.IsZero() {
		t.Errorf("the host was read at %v for a record below the level", at)
	}
	log.Warn("at the level")
	if h.shared.reader.cpu.at.IsZero() || len(records.Records()) != 1 {
		t.Errorf("the host was not read for a logged record; records: %v", records.Records())
	}
}

// TestAttributesDoNotReplaceHardware covers attributes with the keys of hardware
// fields, both bound ones and those of the call.
func TestAttributesDoNotReplaceHardware(t *testing.T) {
	records, h := plainHandler(t, role.Config{})
	slog.New(h).With("memory_total", "bound", "cpu_percent", 7, slog.Group("", "memory_free", "inline")).
		Info("mine", "memory_used", "call", "memory_total", "call", slog.Group("memory", "available", "group"))
	got := records.Records()[0].Fields
	for _, key := range []string{"memory_total", "memory_used", "memory_free", "memory_available"} {
		if _, ok := got[key].(int64); !ok {
			t.Errorf("%s is %v, want the value of the host", key, got[key])
		}
	}
	for key, want := range map[string]any{
		"memory_total_": "call",
		"cpu_percent_":  int64(7),
		"memory_used_":  "call",
		"memory_free_":  "inline",
	} {
		if got[key] != want {
			t.Errorf("%s is %v, want %v", key, got[key], want)
		}
	}
}

// TestHardwareKeys checks that hardwareKeys contains all keys of a reading.
func TestHardwareKeys(t *testing.T) {
	for _, name := range []string{"plain", "cgroup2", "cgroup1"} {
		from := &reader{host: newFakeHost(t, name).host}
		for range 2 { // the first reading has no rates
			attrs, _ := from.read()
			for _, a := range attrs {
				if !hardwareKeys[a.Key] {
					t.Errorf("%s: %s is not in hardwareKeys", name, a.Key)
				}
			}
		}
	}
}

// TestFiltersSeeHardware checks that filters and the censor see the hardware fields.
func TestFiltersSeeHardware(t *testing.T) {
	seen := false
	filter := func(_ context.Context, r slog.Record) (slog.Record, bool) {
		r.Attrs(func(a slog.Attr) bool { seen = seen || a.Key == "cpu_percent"; return true })
		return r, true
	}
	records, h := plainHandler(t, role.Config{Filters: []role.Filter{filter}, Censor: []string{"memory_free"}})
	slog.New(h).Info("through the chain")
	if !seen {
		t.Error("the filter did not see cpu_percent")
	}
	if got := records.Records()[0].Fields["memory_free"]; got != "*CENSORED*" {
		t.Errorf("memory_free is %v, want it censored", got)
	}
}

func TestSlogtest(t *testing.T) {
	fake := newFakeHost(t, "plain")
	var last *lockedBuffer
	slogtest.Run(t, func(*testing.T) slog.Handler {
		last = new(lockedBuffer)
		return newHandler(slog.NewJSONHandler(last, nil), fake.host)
	}, func(t *testing.T) map[string]any {
		return decodeLine(t, last.String())
	})
}

func TestWithEmptyArguments(t *testing.T) {
	_, h := plainHandler(t, role.Config{})
	if h.WithAttrs(nil) != slog.Handler(h) || h.WithGroup("") != slog.Handler(h) {
		t.Error("WithAttrs(nil) or WithGroup(\"\") returned another handler")
	}
}

// TestDerivedHandlersShareNoAttrs covers handlers that were derived from the same
// handler.
func TestDerivedHandlersShareNoAttrs(t *testing.T) {
	records, h := plainHandler(t, role.Config{})
	parent := slog.New(h).WithGroup("g").With("x", 0)
	var children []*slog.Logger
	for i := range 3 {
		children = append(children, parent.With(fmt.Sprint("own", i), i).WithGroup(fmt.Sprint("in", i)))
	}
	for i, log := range children {
		log.Info("m", "k", i)
	}
	for i, m := range records.Records() {
		for _, field := range []string{"g_x", fmt.Sprint("g_own", i), fmt.Sprint("g_in", i, "_k")} {
			if _, ok := m.Fields[field]; !ok {
				t.Errorf("record %d has no %s: %v", i, field, m.Fields)
			}
		}
		for j := range children {
			if _, ok := m.Fields[fmt.Sprint("g_own", j)]; ok != (i == j) {
				t.Errorf("record %d has g_own%d: %v", i, j, ok)
			}
		}
	}
}
