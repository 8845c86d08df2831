package role

import (
	"context"
	"log/slog"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain unsets the variables of the environment that configure handlers, and fails
// if a test leaves a goroutine behind.
func TestMain(m *testing.M) {
	for _, v := range Variables() {
		os.Unsetenv(v.Name)
	}
	goleak.VerifyTestMain(m)
}

func passAll(_ context.Context, r slog.Record) (slog.Record, bool) { return r, true }
