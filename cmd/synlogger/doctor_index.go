package main

import (
	"context"
	"fmt"
	"net/url"

	"github.com/aimakerspace/synlogger/internal/indexfailure"
)

// tellRefused reports the records that the index has refused.
func (g *graylogAPI) tellRefused(ctx context.Context) {
	const name = "index"
	if g.doctor.failures == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	report, err := indexfailure.Read(ctx, func(ctx context.Context, path string, query url.Values, into any) error {
		return g.api.get(ctx, path, query, true, into)
	}, g.doctor.failures)
	if err != nil {
		g.unknown(name, fmt.Sprintf("refused records could not be looked for: %v", err), indexfailure.AccessAdvice)
		return
	}
	for _, group := range report.Groups {
		g.fail(name, group.Found(), group.Advice())
	}
	if rest := report.Rest(); rest != "" {
		g.fail(name, rest, indexfailure.RestAdvice)
	}
	if report.Total == 0 {
		g.ok(name, "it has refused no record in the last %v", g.doctor.failures)
	}
}

// countFailures returns how many records the indexer has refused, and why the
// last one.
func (g *graylogAPI) countFailures(ctx context.Context) (n int, last string) {
	var answer struct {
		Total    int `json:"total"`
		Failures []struct {
			Message string `json:"message"`
		} `json:"failures"`
	}
	err := g.api.get(ctx, "/api/system/indexer/failures", url.Values{"limit": {"1"}, "offset": {"0"}}, true, &answer)
	if err != nil || len(answer.Failures) == 0 {
		return 0, ""
	}
	return answer.Total, answer.Failures[0].Message
}
