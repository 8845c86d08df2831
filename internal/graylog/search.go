package graylog

import (
	"context"
	"net/url"
	"strconv"
	"time"
)

// TimeFormat is the layout of times in requests, which are in UTC.
const TimeFormat = "2006-01-02T15:04:05.000Z"

// A Search asks for stored messages.
type Search struct {
	Query string // in Graylog's syntax

	// From and To limit the messages' timestamps. If To is zero, the search finds
	// the messages of the last Range before the server's present time, all of
	// them if Range is 0.
	From, To time.Time
	Range    time.Duration // whole seconds

	Fields string // to return, with commas; "" returns all
	Sort   string // such as timestamp:desc
	Limit  int
}

// Find runs a search. It returns the messages, each decoded into a T, and how
// many match in all.
func Find[T any](ctx context.Context, c *Client, s Search) (messages []T, total int, err error) {
	query := url.Values{"query": {s.Query}, "limit": {strconv.Itoa(s.Limit)}}
	path := "/api/search/universal/absolute"
	if s.To.IsZero() {
		path = "/api/search/universal/relative"
		query.Set("range", strconv.Itoa(int(s.Range.Seconds())))
	} else {
		query.Set("from", s.From.UTC().Format(TimeFormat))
		query.Set("to", s.To.UTC().Format(TimeFormat))
	}
	if s.Fields != "" {
		query.Set("fields", s.Fields)
	}
	if s.Sort != "" {
		query.Set("sort", s.Sort)
	}
	var answer struct {
		Messages []struct {
			Message T `json:"message"`
		} `json:"messages"`
		Total int `json:"total_results"`
	}
	err = c.Get(ctx, path, query, &answer)
	for _, m := range answer.Messages {
		messages = append(messages, m.Message)
	}
	return messages, answer.Total, err
}
