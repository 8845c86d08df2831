package collector

import (
	"context"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/api"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
)

// Streams returns the streams in the order of the dashboard's tabs with what
// the store holds of each, the default stream last.
func (c *Collector) Streams() []record.Stream { return api.Streams(c.store.Summary()) }

// Search returns the records that match, newest first, in the order of their
// arrival, or oldest first. The ID of the last one is the Before of the next
// page, or its After. Records of more than 32 MiB together are returned over
// several pages.
//
// A query that makes no sense is an error that wraps ErrNoStream or query.ErrInvalid.
func (c *Collector) Search(ctx context.Context, q search.Query) ([]record.Record, error) {
	records, _, err := search.Search(ctx, c.store, q, record.View{})
	return records, err
}

// Wait returns as soon as n records match that are in the store or come into
// it, and how many matched by then, which is n at the most. If ctx ends first
// it returns how many did match and the error of ctx. Limit has no meaning
// here.
func (c *Collector) Wait(ctx context.Context, q search.Query, n int) (int, error) {
	return search.Wait(ctx, ctx, c.store, q, n)
}
