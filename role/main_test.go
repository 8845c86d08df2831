package role

import (
	"context"
	"log/slog"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails if a test leaves a goroutine behind. No variable of the
// environment that tests run in has a part in them.
func TestMain(m *testing.M) {
	for _, v := range Variables() {
		os.Unsetenv(v.Name)
	}
	goleak.VerifyTestMain(m)
}

func passAll(_ context.Context, r slog.Record) (slog.Record, bool) { return r, true }
