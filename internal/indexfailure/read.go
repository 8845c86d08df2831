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
)

// Get requests a path of Graylog's REST API and decodes the answer.
type Get func(ctx context.Context, path string, query url.Values, into any) error

// A Report is about the records that an index refused within a time.
type Report struct {
	Total  int     // records; possibly more, if the server has a long list
	Groups []Group // the most frequent first
}

// Rest says how many refused records are in no group, "" if all are in one.
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

// Advice that is not about a group.
const (
	AccessAdvice = "Ask with a user of the role Admin, who may read them: System, Overview, Indexer failures."
	RestAdvice   = fixOther
)

// A Group is the refused records with one reason.
type Group struct {
	reason
	IndexName string
	Count     int
	Last      time.Time // timestamp of its newest record
	Senders   []string  // loggers that miss a record when one was refused
	Holders   []string  // loggers of stored records with the field

	times []time.Time // of some of its records
}

// A failure is one of /api/system/indexer/failures.
type failure struct {
	Time    string `json:"timestamp"`
	Message string `json:"message"`
	Index   string `json:"index"`
}

// Limits of what is read.
const (
	pageSize  = 200
	maxPages  = 10
	maxLookUp = 10 // groups whose loggers are looked up
	maxGroups = 20
	maxTimes  = 3 // records of a group whose loggers are looked up
)

const (
	failuresPath = "/api/system/indexer/failures"
	timeFormat   = "2006-01-02T15:04:05.000Z"
)

// Read returns the refused records of the time before now. The server's list
// has the newest first. An error says that it could not be read.
func Read(ctx context.Context, get Get, within time.Duration) (Report, error) {
	since := time.Now().Add(-within).UTC()
	var r Report
	groups := map[string]*Group{}
	complete := false
	for page := range maxPages {
		var answer struct {
			Failures []failure `json:"failures"`
			Total    *int      `json:"total"`
		}
		err := get(ctx, failuresPath, url.Values{
			"limit": {strconv.Itoa(pageSize)}, "offset": {strconv.Itoa(page * pageSize)}, "since": {since.Format(timeFormat)},
		}, &answer)
		if err != nil {
			return r, err
		}
		if answer.Total == nil {
			return r, fmt.Errorf("%s: the answer has no total", failuresPath)
		}
		recent := 0
		for _, f := range answer.Failures {
			if r.add(groups, f, since) {
				recent++
			}
		}
		if recent == 0 || len(answer.Failures) < pageSize {
			complete = true
			break
		}
	}
	if !complete {
		var answer struct {
			Count int `json:"count"`
		}
		if get(ctx, failuresPath+"/count", url.Values{"since": {since.Format(timeFormat)}}, &answer) == nil {
			r.Total = max(r.Total, answer.Count)
		}
	}
	for _, g := range groups {
		r.Groups = append(r.Groups, *g)
	}
	slices.SortFunc(r.Groups, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), b.Last.Compare(a.Last),
			cmp.Compare(a.Field, b.Field), cmp.Compare(a.Sent, b.Sent))
	})
	r.Groups = r.Groups[:min(len(r.Groups), maxGroups)]
	for i := range r.Groups[:min(len(r.Groups), maxLookUp)] {
		r.Groups[i].lookUp(ctx, get, since)
	}
	return r, nil
}

// add counts a failure, if it is not older than since.
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
		g = &Group{reason: why, IndexName: f.Index}
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

// Found returns what a group is about, in a sentence or two.
func (g Group) Found() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d refused", g.Count)
	if !g.Last.IsZero() {
		fmt.Fprintf(&b, ", the last of %s", g.Last.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	switch {
	case g.Text == "":
		fmt.Fprintf(&b, ": the field %s is %s in the index %s, and %s in the refused records",
			g.Field, g.Index, g.IndexName, g.Sent)
	case g.Field == "":
		fmt.Fprintf(&b, " by the index %s: %s", g.IndexName, g.Text)
	default:
		fmt.Fprintf(&b, " by the index %s: field %s: %s", g.IndexName, g.Field, g.Text)
	}
	b.WriteString("; logger of the refused records: " + orUnknown(g.Senders))
	if len(g.Holders) > 0 {
		b.WriteString("; loggers of stored records with this field: " + list(g.Holders))
	}
	return b.String()
}

// Advice returns what to do about a group.
func (g Group) Advice() string { return g.Fix }

func orUnknown(names []string) string {
	if len(names) == 0 {
		return "unknown"
	}
	return "probably " + list(names) + ", which lacks a record of that time"
}

func list(names []string) string {
	const most = 8
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}
