package role

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/slogtest"

	"github.com/aimakerspace/synlogger/gelf"
	"github.com/aimakerspace/synlogger/gelftest"
)

// nested returns a record as package slogtest requires it: groups as maps. An
// underscore in a name separates a group from its member.
func nested(m gelf.Message) map[string]any {
	out := map[string]any{slog.MessageKey: m.Message, slog.LevelKey: m.Level}
	if !m.Timestamp.IsZero() {
		out[slog.TimeKey] = m.Timestamp
	}
	for name, value := range m.Fields {
		switch name {
		case "logger", "event", "seq", "level_name", "level_number":
			continue
		}
		in, path := out, strings.Split(name, "_")
		for _, group := range path[:len(path)-1] {
			inner, ok := in[group].(map[string]any)
			if !ok {
				inner = make(map[string]any)
				in[group] = inner
			}
			in = inner
		}
		in[path[len(path)-1]] = value
	}
	return out
}

// TestSlogtest checks the handler of each role with package slogtest, in each variant,
// with and without filters.
func TestSlogtest(t *testing.T) {
	for _, r := range All() {
		for _, filters := range [][]Filter{nil, {passAll}} {
			for _, v := range variants {
				name := r.Name + "/" + string(v)
				if filters != nil {
					name += " filtered"
				}
				t.Run(name, func(t *testing.T) {
					cfg := Config{Name: "unit", Host: "node-a", Variant: v, Filters: filters}
					slogtest.Run(t, func(t *testing.T) slog.Handler { return start(t, r, cfg).handler },
						func(t *testing.T) map[string]any { return nested(started[t.Name()].last(t)) })
				})
			}
		}
	}
}

// A run is a handler under test and a function that returns its last record.
type run struct {
	handler *Handler
	last    func(*testing.T) gelf.Message
}

var started = make(map[string]run)

func start(t *testing.T, r Role, cfg Config) run {
	t.Helper()
	var lines bytes.Buffer
	var srv *gelftest.Server
	switch cfg.Variant {
	case VariantGraylog:
		srv = gelftest.NewServer(t)
		cfg.Server = srv.URL()
	case VariantBasic:
		cfg.Writer = &lines
	}
	h, err := New(r, cfg)
	if err != nil {
		t.Fatal(err)
	}
	last := func(t *testing.T) gelf.Message {
		switch cfg.Variant {
		case VariantGraylog:
			if err := h.Close(); err != nil {
				t.Fatal(err)
			}
			rec := srv.Wait(1)[0]
			if rec.Err != nil || len(rec.Findings) > 0 {
				t.Errorf("Graylog: %v, %v", rec.Err, rec.Findings)
			}
			return rec.Message
		case VariantBasic:
			m, _, err := gelf.Decode(bytes.TrimSuffix(lines.Bytes(), []byte("\n")))
			if err != nil {
				t.Fatal(err)
			}
			return m
		default:
			return h.Records()[0]
		}
	}
	started[t.Name()] = run{h, last}
	t.Cleanup(func() { h.Close(); delete(started, t.Name()) })
	return started[t.Name()]
}
