package handler

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/delivery"
)

// TestAfterClose holds that a record logged too late is not lost: it goes to
// standard error.
func TestAfterClose(t *testing.T) {
	h, err := New(Config{Host: "node-a", Censor: []string{"password"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	late := h.WithGroup("g")
	said := stderrOf(t, func() {
		if err := late.Handle(
			context.Background(),
			record("late", slog.String("password", secret)),
		); err != delivery.ErrClosed {
			t.Errorf("Handle returns %v", err)
		}
	})
	line, ok := strings.CutSuffix(said, "\n")
	if !ok || strings.Contains(line, "\x00") {
		t.Errorf("standard error has %q", said)
	}
	m := decode(t, []byte(line+"\x00"))
	if m.Message != "late" || m.Fields["g_password"] != censored {
		t.Errorf("standard error has %s", said)
	}
	if s := h.Stats(); s.Diverted != 1 || s.Accepted != 0 {
		t.Errorf("counted %+v", s)
	}
}
