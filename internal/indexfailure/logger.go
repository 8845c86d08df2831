package indexfailure

import (
	"cmp"
	"context"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// A document is a stored record.
type document struct {
	Logger string      `json:"logger"`
	Source string      `json:"source"`
	Time   time.Time   `json:"timestamp"`
	Seq    json.Number `json:"seq"`
}

// Windows around a refused record, in which its neighbours are looked for. The
// narrower ones are for servers with many records.
var windows = []time.Duration{10 * time.Minute, 20 * time.Second, time.Second}

const (
	maxDocuments = 1000
	maxSenders   = 3 // more candidates say nothing

	// slack is for servers that give the time of the refusal instead of the
	// record's.
	slack = 5 * time.Second
)

// lookUp finds the loggers that a group may be about. A failure does not name
// the logger, and the refused record is not stored. But a handler numbers its
// records, and the number of the refused one is missing. What cannot be found
// out is left empty.
func (g *Group) lookUp(ctx context.Context, get Get, since time.Time) {
	for _, at := range g.times {
		g.Senders = append(g.Senders, sendersAt(ctx, get, at)...)
	}
	g.Senders = distinct(g.Senders)
	if g.Field == "" || g.Text != "" {
		return
	}
	docs, _, err := search(ctx, get, "_exists_:"+escape(g.Field), since, time.Now())
	if err != nil {
		return
	}
	for _, d := range docs {
		g.Holders = append(g.Holders, d.Logger)
	}
	g.Holders = distinct(g.Holders)
}

func distinct(names []string) []string {
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(name string) bool { return name == "" })
}

var special = regexp.MustCompile(`[^A-Za-z0-9_]`)

// escape makes a name of a field a word of the query language.
func escape(field string) string { return special.ReplaceAllString(field, `\$0`) }

// sendersAt returns the loggers that lack a record at a time.
func sendersAt(ctx context.Context, get Get, at time.Time) []string {
	for _, window := range windows {
		docs, total, err := search(ctx, get, "_exists_:seq AND _exists_:logger", at.Add(-window), at.Add(window))
		if err != nil {
			return nil
		}
		if total > len(docs) {
			continue
		}
		if names := gaps(docs, at); len(names) <= maxSenders {
			return names
		}
		return nil
	}
	return nil
}

// gaps returns the loggers of which a record between two stored ones is missing,
// if the time is between theirs.
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
			// A handler begins at 1, so a lower number is that of the next process.
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

// search returns stored records, and how many there are in all.
func search(ctx context.Context, get Get, query string, from, to time.Time) (docs []document, total int, err error) {
	var answer struct {
		Messages []struct {
			Message document `json:"message"`
		} `json:"messages"`
		Total int `json:"total_results"`
	}
	err = get(ctx, "/api/search/universal/absolute", url.Values{
		"query": {query}, "from": {from.UTC().Format(timeFormat)}, "to": {to.UTC().Format(timeFormat)},
		"fields": {"logger,source,seq,timestamp"}, "limit": {strconv.Itoa(maxDocuments)}, "sort": {"timestamp:desc"},
	}, &answer)
	for _, m := range answer.Messages {
		docs = append(docs, m.Message)
	}
	return docs, answer.Total, err
}
