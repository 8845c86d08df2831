package api

import (
	"fmt"
	"testing"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/rest"
)

// A request beyond a limit is answered with 429.
func TestStatusBusy(t *testing.T) {
	if got := statusOf(fmt.Errorf("search: %w", rest.ErrBusy)); got != 429 {
		t.Errorf("the status is %d, want 429", got)
	}
}
