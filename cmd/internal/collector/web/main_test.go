package web_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/aimakerspace/synlogger/cmd/internal/browsertest"
	_ "github.com/aimakerspace/synlogger/internal/golden" // the flag -update
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(browsertest.Main(m)) }
