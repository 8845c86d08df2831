package role

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTable checks the default roles and the names by which Lookup finds them.
func TestTable(t *testing.T) {
	want := []Role{
		{"Sysmetric", "SYS_", 9100, "Sysmetrics Logs", "Sysmetrics Stream", "Sysmetrics Analysis"},
		{"Director", "DIR_", 9200, "Director Logs", "Director Stream", "Director Analysis"},
		{"TTP", "TTP_", 9300, "TTP Logs", "TTP Stream", "TTP Analysis"},
		{"Worker", "WKR_", 9400, "Worker Logs", "Worker Stream", "Worker Analysis"},
	}
	if diff := cmp.Diff(want, All()); diff != "" {
		t.Errorf("roles (-want +got):\n%s", diff)
	}
	All()[0].Port = 1
	if All()[0].Port != 9100 {
		t.Error("All returns the table itself, not a copy")
	}
	for name, want := range map[string]string{
		"ttp":      "TTP",
		"TTP_":     "TTP",
		"WKR":      "Worker",
		"wkr_":     "Worker",
		"director": "Director",
		"Sys":      "Sysmetric",
		"DIR":      "Director",
	} {
		if r, err := Lookup(name); err != nil || r.Name != want {
			t.Errorf("Lookup(%q) = %v, %v", name, r.Name, err)
		}
	}
	for _, name := range []string{"", "_", "workers", "TTP__"} {
		r, err := Lookup(name)
		if err == nil {
			t.Errorf("Lookup(%q) = %v", name, r.Name)
		} else if !strings.Contains(err.Error(), "use sysmetric, director, ttp or worker") {
			t.Errorf("Lookup(%q): %v", name, err)
		}
	}
}

// TestZeroConfig checks the defaults: the level, the role's prefix and the name of the
// host.
func TestZeroConfig(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Skip(err)
	}
	for _, r := range All() {
		h, err := New(r, Config{})
		if err != nil {
			t.Fatal(err)
		}
		if h.Enabled(context.Background(), slog.LevelDebug) || !h.Enabled(context.Background(), slog.LevelInfo) {
			t.Error("the level does not default to Info")
		}
		h, err = New(r, Config{Variant: VariantTest})
		if err != nil {
			t.Fatal(err)
		}
		slog.New(h).Info("m")
		m := h.Records()[0]
		if m.Fields["logger"] != r.Prefix+host || m.Source != host {
			t.Errorf("logger %v, source %v; want %s and %s", m.Fields["logger"], m.Source, r.Prefix+host, host)
		}
	}
}

// TestRoles checks that each constructor uses its role.
func TestRoles(t *testing.T) {
	for i, open := range []func(Config) *Handler{Sysmetric, Director, TTP, Worker} {
		h := open(Config{Name: " unit ", Variant: VariantTest})
		slog.New(h).Info("m")
		if got, want := h.Records()[0].Fields["logger"], All()[i].Prefix+"unit"; got != want {
			t.Errorf("a record of %s has the logger %v, want %s", All()[i].Name, got, want)
		}
		if !All()[i].Matches(All()[i].Prefix+"unit") || All()[i].Matches("unit") || h.Err() != nil {
			t.Errorf("%s: Matches is wrong, or Err returns %v", All()[i].Name, h.Err())
		}
	}
}
