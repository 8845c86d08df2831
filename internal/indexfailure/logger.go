package indexfailure

import (
	"cmp"
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/aimakerspace/synlogger/internal/graylog"
)

// A document is a stored record, as a search returns it.
type document struct {
	Logger string      `json:"logger"`
	Source string      `json:"source"`
	Time   time.Time   `json:"timestamp"`
	Seq    json.Number `json:"seq"`
}

// windows are the durations before and after a refused record in which stored
// records are looked for. The shorter ones are for servers with many records.
var windows = []time.Duration{10 * time.Minute, 20 * time.Second, time.Second}

const (
	maxDocuments = 1000
	maxLoggers   = 3 // more candidates are not helpful

	// slack allows for servers that report the time of the refusal instead of the
	// record's timestamp.
	slack = 5 * time.Second
)

// lookUp sets the loggers of a group. A failure does not name the logger, and the
// refused record is not stored. But a handler numbers its records, and the number
// of the refused record is missing. Loggers that cannot be determined are left
// out.
func (g *Group) lookUp(ctx context.Context, api *graylog.Client, since time.Time) {
	for _, at := range g.times {
		g.RefusedLoggers = append(g.RefusedLoggers, loggersLackingRecord(ctx, api, at)...)
	}
	g.RefusedLoggers = distinct(g.RefusedLoggers)
	if g.Field == "" || g.text != "" {
		return
	}
	docs, _, err := search(ctx, api, "_exists_:"+escape(g.Field), since, time.Now())
	if err != nil {
		return
	}
	for _, d := range docs {
		g.StoredLoggers = append(g.StoredLoggers, d.Logger)
	}
	g.StoredLoggers = distinct(g.StoredLoggers)
}

// distinct returns the names sorted, without duplicates and empty names.
func distinct(names []string) []string {
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(name string) bool { return name == "" })
}

var special = regexp.MustCompile(`[^A-Za-z0-9_]`)

// escape quotes a field name for a query.
func escape(field string) string { return special.ReplaceAllString(field, `\$0`) }

// loggersLackingRecord returns the loggers that lack a record at a time.
func loggersLackingRecord(ctx context.Context, api *graylog.Client, at time.Time) []string {
	for _, window := range windows {
		docs, total, err := search(ctx, api, "_exists_:seq AND _exists_:logger", at.Add(-window), at.Add(window))
		if err != nil {
			return nil
		}
		if total > len(docs) {
			continue
		}
		if names := gaps(docs, at); len(names) <= maxLoggers {
			return names
		}
		return nil
	}
	return nil
}

// gaps returns the loggers that lack a record between two stored ones whose
// timestamps are before and after the time.
func gaps(docs []document, at time.Time) (names []string) {
	type sender struct{ logger, source string }
	by := map[sender][]document{}
	for _, d := range docs {
		key := sender{d.Logger, d.Source}
		by[key] = append(by[key], d)
	}
	for key, own := range by {
		slices.SortFunc(own, func(a, b document) int {
			return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.number(), b.number()))
		})
		last := document{}
		for _, d := range own {
			// A handler starts at 1, so a lower number comes from the next process.
			jumped := d.number() > last.number()+1 && (last.number() > 0 || d.number() == 2)
			jumped = jumped || d.number() < last.number() && d.number() == 2
			if jumped && last.Time.Before(at.Add(slack)) && d.Time.After(at.Add(-slack)) {
				names = append(names, key.logger)
				break
			}
			last = d
		}
	}
	return distinct(names)
}

func (d document) number() int64 {
	n, _ := strconv.ParseInt(d.Seq.String(), 10, 64)
	return n
}

// search returns the newest stored records that match, and how many match in all.
func search(ctx context.Context, api *graylog.Client, query string, from, to time.Time) ([]document, int, error) {
	return graylog.Find[document](ctx, api, graylog.Search{
		Query:  query,
		From:   from,
		To:     to,
		Fields: "logger,source,seq,timestamp",
		Sort:   "timestamp:desc",
		Limit:  maxDocuments,
	})
}
