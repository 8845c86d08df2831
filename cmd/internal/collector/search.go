package collector

import (
	"context"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/api"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
)

// Streams returns the streams in the order of the dashboard's tabs, and the default
// stream at the end, with their counts.
func (c *Collector) Streams() []record.Stream { return api.Streams(c.store.Summary()) }

// Search returns the records that match, newest first in the order of their arrival,
// or oldest first. The ID of the last record is Query.Before of the next page, or
// Query.After. A page has at most 32 MiB of records.
//
// If the query is invalid, the error wraps [query.ErrInvalid] or [record.ErrNoStream].
func (c *Collector) Search(ctx context.Context, q search.Query) ([]record.Record, error) {
	records, _, err := search.Search(ctx, c.store, q, record.View{})
	return records, err
}

// Wait returns as soon as n records match, stored before or during the call, and how
// many matched, at most n. If ctx ends first, it returns the number of records that
// match and the error of ctx. It ignores Query.Limit.
func (c *Collector) Wait(ctx context.Context, q search.Query, n int) (int, error) {
	return search.Wait(ctx, ctx, c.store, q, n)
}
