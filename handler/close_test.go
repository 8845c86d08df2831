package handler

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/delivery"
)

// TestAfterClose checks that a record logged after Close goes to standard error.
func TestAfterClose(t *testing.T) {
	h, err := New(Config{Host: "node-a", Censor: []string{"password"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	late := h.WithGroup("g")
	written := stderrOf(t, func() {
		err := late.Handle(context.Background(), record("late", slog.String("password", secret)))
		if err != delivery.ErrClosed {
			t.Errorf("Handle returns %v, want %v", err, delivery.ErrClosed)
		}
	})
	line, ok := strings.CutSuffix(written, "\n")
	if !ok || strings.Contains(line, "\x00") {
		t.Errorf("standard error contains %q", written)
	}
	m := decode(t, []byte(line+"\x00"))
	if m.Message != "late" || m.Fields["g_password"] != censored {
		t.Errorf("standard error contains %s", written)
	}
	if s := h.Stats(); s.Diverted != 1 || s.Accepted != 0 {
		t.Errorf("counted %+v", s)
	}
}
