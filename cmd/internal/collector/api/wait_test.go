package api_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/collectortest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/storetest"
)

// Records are counted even with a timeout of 0.
func TestWaitWithoutTime(t *testing.T) {
	c := collectortest.Start(t, collector.Config{Dir: storetest.WriteDir(t, 2*index.BlockRows+10, "")})
	if status, body := collectortest.Get(t, c, fmt.Sprintf("/api/wait?n=%d&timeout=0s", 2*index.BlockRows+
		10)); status != 200 {
		t.Errorf("status %d: %s", status, body)
	}
	if status, body := collectortest.Get(t, c, fmt.Sprintf("/api/wait?n=%d&timeout=0s", 2*index.BlockRows+
		11)); status != 504 || !strings.Contains(body, fmt.Sprint(2*index.BlockRows+10, " of ")) {
		t.Errorf("status %d: %s", status, body)
	}
}

func TestWait(t *testing.T) {
	c := collectortest.Start(t, collector.Config{})
	collectortest.Send(t, c, "TTP Logs", collectortest.Frame("TTP_a", "one"), collectortest.Frame("TTP_a", "zwei für"),
		collectortest.Frame("TTP_a", "one"))
	collectortest.Await(t, c, search.Query{}, 3)

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if n, err := c.Wait(ctx, search.Query{Text: "one"}, 3); n != 2 || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Wait for 3 of 2 records: %d, %v", n, err)
	}

	// Records count whether they arrive before or during the call.
	got := make(chan int)
	for _, q := range []search.Query{{Text: "one"}, {Text: "für"}, {Stream: "TTP", Text: "one", After: 1}} {
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			n, err := c.Wait(ctx, q, 4)
			if err != nil {
				t.Errorf("Wait(%+v): %v", q, err)
			}
			got <- n
		}()
	}
	for range 5 {
		collectortest.Send(t, c, "TTP Logs", collectortest.Frame("TTP_a", "one"), collectortest.Frame("TTP_a", "FÜR"))
		time.Sleep(20 * time.Millisecond)
	}
	for range 3 {
		if n := <-got; n != 4 {
			t.Errorf("Wait for 4 records returns %d", n)
		}
	}
}
