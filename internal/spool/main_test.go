package spool

import (
	"fmt"
	"os"
	"testing"

	_ "github.com/aimakerspace/synlogger/internal/golden" // the flag -update
)

// childDir is the environment variable that makes the test binary a process
// that appends to a spool until it is killed.
const childDir = "SPOOL_TEST_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		fmt.Println(runChild(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}
