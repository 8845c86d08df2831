package doctor

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A collectorServer looks the probe up in a collector.
type collectorServer struct{ *Doctor }

// find waits until the probe is stored and reports its streams.
func (c *collectorServer) find(ctx context.Context) {
	const name = "stream"
	ctx, cancel := context.WithTimeout(ctx, c.opts.Timeout)
	defer cancel()
	query := url.Values{"q": {c.report.Probe}, "limit": {"1"}}
	start := time.Now()
	for {
		var answer struct {
			Records []struct {
				Streams []string `json:"streams"`
				Input   string   `json:"gl2_source_input"`
			} `json:"records"`
		}
		err := c.api.Anonymous().Get(ctx, "/api/search", query, &answer)
		switch {
		case err != nil && ctx.Err() == nil:
			c.fail(name, fmt.Sprintf("the search failed: %v", err), "See what the collector writes to standard error.")
			return
		case err == nil && len(answer.Records) > 0:
			record := answer.Records[0]
			streams := strings.Join(record.Streams, " and ")
			if slices.Contains(record.Streams, c.opts.Role.Stream) {
				c.ok(name, "the probe is in %s, through the input %s, %v after it was sent",
					streams, record.Input, time.Since(start).Round(time.Millisecond))
			} else {
				c.fail(name, fmt.Sprintf("the probe is in %s, not in %s", streams, c.opts.Role.Stream),
					"Does the collector have another version than this program?")
			}
			return
		}
		if !pause(ctx, pollInterval) {
			c.fail(name, fmt.Sprintf("the collector did not store the probe within %v", c.opts.Timeout),
				"Does --server lead to the collector of --url, and not to another server?")
			return
		}
	}
}
