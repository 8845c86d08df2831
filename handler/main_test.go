package handler

import (
	"testing"

	"go.uber.org/goleak"

	_ "github.com/aimakerspace/synlogger/internal/golden" // the flag -update
)

// TestMain fails if a test leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
