package collector_test

import (
	_ "github.com/aimakerspace/synlogger/internal/golden" // the flag -update

	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/aimakerspace/synlogger/cmd/internal/browsertest"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		runChild(dir)
		return
	}
	goleak.VerifyTestMain(browsertest.Main(m))
}
