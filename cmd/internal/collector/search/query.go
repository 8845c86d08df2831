package search

import (
	"fmt"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/match"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/query"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/store"
)

// Bounds of a search.
const (
	// MaxLimit is the largest number of records that one search returns.
	MaxLimit = 1_000
	// DefaultLimit is the default of Query.Limit.
	DefaultLimit = 100
)

// A Query selects records. The zero Query selects all.
type Query struct {
	// Stream is the name, title or prefix of a stream in any case, such as "TTP". ""
	// means all records.
	Stream string

	// Text is a query in the language of package query.
	Text string

	// Level is a severity by number or name, such as "4" or "warning". It selects the
	// records that are at least as severe.
	Level string

	// After and Before select the records with a greater and a smaller ID.
	After, Before int64

	// From and To select by the sender's timestamp: from From, up to To, which is not
	// included. A zero time means no bound.
	From, To time.Time

	// Limit is the largest number of records to return, at most MaxLimit. (Default:
	// DefaultLimit)
	Limit int

	// Oldest returns the oldest records that match, oldest first, instead of the
	// newest.
	Oldest bool
}

// limit returns the largest number of records to return.
func (q Query) limit() int {
	if q.Limit == 0 {
		return DefaultLimit
	}
	return q.Limit
}

// NewFilter compiles a query. The error wraps [query.ErrInvalid], or
// [record.ErrNoStream] if the stream does not exist. If the text of the query is
// wrong, it also wraps a [*query.Error], which has the position.
func NewFilter(q Query) (store.Filter, error) {
	f := store.Filter{After: q.After, Before: q.Before, From: match.MinTime, To: match.MaxTime}
	var all match.And
	if q.Stream != "" {
		i, err := record.StreamIndex(q.Stream)
		if err != nil {
			return f, err
		}
		all = append(all, match.Stream(i))
	}
	if q.Level != "" {
		n, err := index.ParseLevel(q.Level)
		if err != nil {
			return f, fmt.Errorf("%w: level %q: %w", query.ErrInvalid, q.Level, err)
		}
		all = append(all, match.AtLeast(n))
	}
	if !q.From.IsZero() || !q.To.IsZero() {
		if !q.From.IsZero() {
			f.From = q.From.UnixMilli()
		}
		if !q.To.IsZero() {
			f.To = q.To.UnixMilli()
		}
		if f.From >= f.To {
			return f, fmt.Errorf("%w: from is not before to", query.ErrInvalid)
		}
		all = append(all, match.InTime(f.From, f.To))
	}
	if q.After < 0 || q.Before < 0 {
		return f, fmt.Errorf("%w: ids must not be negative", query.ErrInvalid)
	}
	if q.Limit < 0 || q.Limit > MaxLimit {
		return f, fmt.Errorf("%w: limit %d: use 1 to %d", query.ErrInvalid, q.Limit, MaxLimit)
	}
	m, err := match.Compile(q.Text, record.StreamIndex)
	if err != nil {
		return f, fmt.Errorf("%w: %w", query.ErrInvalid, err)
	}
	switch all = append(all, m); {
	case len(all) == 1:
		f.Match = m
	default:
		f.Match = all
	}
	return f, nil
}
