package handler

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/gelftest"
)

// TestUDPEscapes holds that a message which JSON of go-gelf makes six times as long
// does not stop delivery: it arrives shortened, and so does what follows.
func TestUDPEscapes(t *testing.T) {
	srv := gelftest.NewServer(t)
	h := connectUDP(t, srv.Addr(), Delivery{Compress: Uncompressed})
	h.Handle(t.Context(), record(strings.Repeat("<&>", 40_000), slog.Int("i", 1)))
	h.Handle(t.Context(), record("next"))
	got := srv.Wait(2)
	if !strings.HasPrefix(got[0].Message.Message, "<&><&>") || got[0].Fields["truncated"] == nil {
		t.Errorf("first came %.200s", got[0].Frame)
	}
	if got[1].Message.Message != "next" {
		t.Errorf("then came %.200s", got[1].Frame)
	}
}
