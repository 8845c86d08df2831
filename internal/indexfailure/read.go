package indexfailure

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aimakerspace/synlogger/internal/graylog"
)

// A Report describes the records that an index refused in a period of time.
type Report struct {
	Total  int     // records; a lower bound if the server's list is long
	Groups []Group // sorted by Count, the highest first
}

// Rest returns a text with the number of refused records that are in no group,
// or "" if there are no such records.
func (r Report) Rest() string {
	n := r.Total
	for _, g := range r.Groups {
		n -= g.Count
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d more refused, of %d in all", n, r.Total)
}

// Advice for errors of Read, and for Report.Rest.
const (
	AccessAdvice = "Use a user with the role Admin, or look at System, Overview, Indexer failures."
	RestAdvice   = fixOther
)

// A Group is the refused records with one reason.
type Group struct {
	reason
	Index          string
	Count          int
	Last           time.Time // timestamp of the newest record
	RefusedLoggers []string  // loggers that lack a record when one was refused
	StoredLoggers  []string  // loggers of stored records with the field

	times []time.Time // timestamps of some of the records
}

// A failure is an entry in the list at failuresPath.
type failure struct {
	Time    string `json:"timestamp"`
	Message string `json:"message"`
	Index   string `json:"index"`
}

// Limits for what is read.
const (
	pageSize  = 200 // failures
	maxPages  = 10
	maxLookUp = 10 // groups whose loggers are looked up
	maxGroups = 20
	maxTimes  = 3 // records of a group whose loggers are looked up
)

const failuresPath = "/api/system/indexer/failures"

// failures requests failures, the newest first, and how many there are in all. A
// zero since has no limit.
func failures(ctx context.Context, api *graylog.Client, since time.Time, offset, limit int) ([]failure, int, error) {
	query := url.Values{"limit": {strconv.Itoa(limit)}, "offset": {strconv.Itoa(offset)}}
	if !since.IsZero() {
		query.Set("since", since.Format(graylog.TimeFormat))
	}
	var answer struct {
		Failures []failure `json:"failures"`
		Total    *int      `json:"total"`
	}
	if err := api.Get(ctx, failuresPath, query, &answer); err != nil {
		return nil, 0, err
	}
	if answer.Total == nil {
		return nil, 0, fmt.Errorf("GET %s%s: the response has no total", api.URL(), failuresPath)
	}
	return answer.Failures, *answer.Total, nil
}

// Count returns the number of refused records in the server's list, and the
// index's message about the newest.
func Count(ctx context.Context, api *graylog.Client) (n int, newest string, err error) {
	list, n, err := failures(ctx, api, time.Time{}, 0, 1)
	if len(list) > 0 {
		newest = list[0].Message
	}
	return n, newest, err
}

// Read returns the records that were refused within the duration before now. The
// error is that of the request for the list.
func Read(ctx context.Context, api *graylog.Client, within time.Duration) (Report, error) {
	since := time.Now().Add(-within).UTC()
	var r Report
	groups := map[string]*Group{}
	complete := false
	for page := range maxPages {
		list, _, err := failures(ctx, api, since, page*pageSize, pageSize)
		if err != nil {
			return r, err
		}
		recent := 0
		for _, f := range list {
			if r.add(groups, f, since) {
				recent++
			}
		}
		if recent == 0 || len(list) < pageSize {
			complete = true
			break
		}
	}
	if !complete {
		var answer struct {
			Count int `json:"count"`
		}
		query := url.Values{"since": {since.Format(graylog.TimeFormat)}}
		if api.Get(ctx, failuresPath+"/count", query, &answer) == nil {
			r.Total = max(r.Total, answer.Count)
		}
	}
	for _, g := range groups {
		r.Groups = append(r.Groups, *g)
	}
	slices.SortFunc(r.Groups, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), b.Last.Compare(a.Last),
			cmp.Compare(a.Field, b.Field), cmp.Compare(a.sentType, b.sentType))
	})
	r.Groups = r.Groups[:min(len(r.Groups), maxGroups)]
	for i := range r.Groups[:min(len(r.Groups), maxLookUp)] {
		r.Groups[i].lookUp(ctx, api, since)
	}
	return r, nil
}

// add counts a failure in its group and returns true, unless the failure is older
// than since.
func (r *Report) add(groups map[string]*Group, f failure, since time.Time) bool {
	at, err := time.Parse(time.RFC3339, f.Time)
	newest := at
	if processed, ok := arrived(f.Message); ok && (err != nil || processed.After(newest)) {
		newest = processed
	}
	if (err == nil || !newest.IsZero()) && newest.Before(since) {
		return false
	}
	r.Total++
	why := parse(f.Message)
	key := fmt.Sprintf("%+v %s", why, f.Index)
	g := groups[key]
	if g == nil {
		g = &Group{reason: why, Index: f.Index}
		groups[key] = g
	}
	g.Count++
	if err == nil {
		if at.After(g.Last) {
			g.Last = at
		}
		if len(g.times) < maxTimes {
			g.times = append(g.times, at)
		}
	}
	return true
}

// Found describes the group in one or two sentences.
func (g Group) Found() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d refused", g.Count)
	if !g.Last.IsZero() {
		fmt.Fprintf(&b, ", the last at %s", g.Last.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	switch {
	case g.text == "":
		fmt.Fprintf(&b, ": the field %s is %s in the index %s, and %s in the refused records",
			g.Field, g.indexType, g.Index, g.sentType)
	case g.Field == "":
		fmt.Fprintf(&b, " by the index %s: %s", g.Index, g.text)
	default:
		fmt.Fprintf(&b, " by the index %s: field %s: %s", g.Index, g.Field, g.text)
	}
	b.WriteString("; logger of the refused records: " + orUnknown(g.RefusedLoggers))
	if len(g.StoredLoggers) > 0 {
		b.WriteString("; loggers of stored records with this field: " + join(g.StoredLoggers))
	}
	return b.String()
}

// Advice returns what to do about a group.
func (g Group) Advice() string { return g.fix }

func orUnknown(names []string) string {
	if len(names) == 0 {
		return "unknown"
	}
	return "probably " + join(names) + ", which lacks a record from that time"
}

// join returns up to 8 names with commas.
func join(names []string) string {
	const most = 8
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}
