package doctor

import (
	"context"
	"fmt"

	"github.com/aimakerspace/synlogger/internal/indexfailure"
)

// reportRefused reports the records that the index has refused.
func (g *graylogServer) reportRefused(ctx context.Context) {
	const name = "index"
	if g.opts.Failures == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, g.opts.Timeout)
	defer cancel()
	refused, err := indexfailure.Read(ctx, g.api, g.opts.Failures)
	if err != nil {
		g.unknown(name, fmt.Sprintf("cannot look for refused records: %v", err), indexfailure.AccessAdvice)
		return
	}
	for _, group := range refused.Groups {
		g.fail(name, group.Found(), group.Advice())
	}
	if rest := refused.Rest(); rest != "" {
		g.fail(name, rest, indexfailure.RestAdvice)
	}
	if refused.Total == 0 {
		g.ok(name, "it refused no record in the last %v", g.opts.Failures)
	}
}

// countRefused returns how many records the index has refused, and why it refused
// the last one. It returns 0 if the user may not read them.
func (g *graylogServer) countRefused(ctx context.Context) (n int, last string) {
	n, last, err := indexfailure.Count(ctx, g.api)
	if err != nil {
		return 0, ""
	}
	return n, last
}
