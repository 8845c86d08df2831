package main

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A collectorAPI looks for the probe in a collector.
type collectorAPI struct{ *doctor }

func (c *collectorAPI) find(ctx context.Context) {
	const name = "stream"
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	start := time.Now()
	for {
		var answer struct {
			Records []struct {
				Streams []string `json:"streams"`
				Input   string   `json:"gl2_source_input"`
			} `json:"records"`
		}
		err := c.api.get(ctx, "/api/search", url.Values{"q": {c.probe}, "limit": {"1"}}, false, &answer)
		switch {
		case ctx.Err() != nil: // before the error that it gives
		case err != nil:
			c.fail(name, fmt.Sprintf("the search failed: %v", err), "Look at what the collector writes to standard error.")
			return
		case len(answer.Records) > 0:
			in := strings.Join(answer.Records[0].Streams, " and ")
			if slices.Contains(answer.Records[0].Streams, c.role.Stream) {
				c.ok(name, "it is in %s, by the input %s, %v after it was sent", in, answer.Records[0].Input, time.Since(start).Round(time.Millisecond))
			} else {
				c.fail(name, fmt.Sprintf("it is in %s, not in %s", in, c.role.Stream), "Is the collector of another version than this program?")
			}
			return
		}
		select {
		case <-time.After(pollAPI):
			continue
		case <-ctx.Done():
		}
		c.fail(name, fmt.Sprintf("the collector has not stored the probe within %v", c.timeout), "Does --server lead to the collector of --api, or to another server?")
		return
	}
}
