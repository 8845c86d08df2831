package spool

import (
	"fmt"
	"os"
	"testing"

	_ "github.com/aimakerspace/synlogger/internal/golden" // the flag -update
)

// childDir is an environment variable. If it contains a directory, the test binary
// appends to a spool there until it is killed.
const childDir = "SPOOL_TEST_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		fmt.Println(runChild(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}
