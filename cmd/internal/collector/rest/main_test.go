package rest

import (
	"testing"

	"go.uber.org/goleak"

	_ "github.com/aimakerspace/synlogger/internal/golden" // the flag -update
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
