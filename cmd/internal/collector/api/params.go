package api

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/match"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/query"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/record"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
)

// A param is a parameter of an endpoint.
type param struct {
	name      string
	kind      string // string, integer, duration, time
	text      string
	min       int64 // bound of an integer
	max       int64
	byDefault any      // the default
	oneOf     []string // of a string
	list      bool     // a comma-separated list of strings
	path      bool     // the parameter is a part of the path
	required  bool
	example   any
}

// withDefault returns the parameter with another default.
func (p param) withDefault(value any) param {
	p.byDefault = value
	return p
}

// maxLength returns the largest number of characters of a string.
func (p param) maxLength() int {
	if p.list || p.name == "q" {
		return query.MaxBytes
	}
	return 256
}

// params are the values of a request's parameters.
type params struct {
	words   map[string]string
	number  map[string]int64
	span    map[string]time.Duration
	moments map[string]time.Time
}

func (p params) has(name string) bool               { _, ok := p.words[name]; return ok }
func (p params) text(name string) string            { return p.words[name] }
func (p params) int(name string) int                { return int(p.number[name]) }
func (p params) duration(name string) time.Duration { return p.span[name] }

func (p params) list(name string) []string {
	var all []string
	for part := range strings.SplitSeq(p.words[name], ",") {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}

const maxFields = 100

// fields returns the names of fields, nil if there are none.
func (p params) fields() ([]string, error) {
	names := p.list("fields")
	if len(names) > maxFields {
		return nil, fmt.Errorf("%w: %d fields: use at most %d", query.ErrInvalid, len(names), maxFields)
	}
	return names, nil
}

// view returns the view of the records in the answer.
func (p params) view() (record.View, error) {
	names, err := p.fields()
	return record.View{Cut: p.int("cut"), Fields: names}, err
}

// query returns the query that the parameters describe.
func (p params) query() search.Query {
	q := search.Query{
		Stream: p.text("stream"), Text: p.text("q"), Level: p.text("level"),
		After: p.number["after"], Before: p.number["before"], Limit: p.int("limit"), Oldest: p.text("order") == "oldest",
	}
	q.From, q.To = p.times()
	return q
}

func (p params) times() (from, to time.Time) {
	if seconds := p.number["range"]; seconds > 0 {
		now := time.Now()
		return now.Add(-time.Duration(seconds) * time.Second), now
	}
	return p.moments["from"], p.moments["to"]
}

// parseParams parses the parameters of a request. Unknown and repeated parameters are
// errors, because a misspelled name would select every record. An empty text means the
// default, because forms send it.
func parseParams(r *http.Request, known []param) (params, error) {
	p := params{map[string]string{}, map[string]int64{}, map[string]time.Duration{}, map[string]time.Time{}}
	given, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return p, fmt.Errorf("%w: %w", query.ErrInvalid, err)
	}
	if err := checkNames(given, known); err != nil {
		return p, err
	}
	for _, k := range known {
		text := given.Get(k.name)
		if k.path {
			text = r.PathValue(k.name)
		}
		if text == "" && !(given.Has(k.name) && (k.kind == "integer" || k.oneOf != nil)) {
			if k.required {
				return p, fmt.Errorf("%w: the parameter %s is missing", query.ErrInvalid, k.name)
			}
			if k.byDefault == nil {
				continue
			}
			text = fmt.Sprint(k.byDefault)
		}
		if err := p.set(k, text); err != nil {
			return p, fmt.Errorf("%w: %s %q: %w", query.ErrInvalid, k.name, text, err)
		}
	}
	if p.has("range") && (p.has("from") || p.has("to")) {
		return p, fmt.Errorf("%w: use either range, or from and to", query.ErrInvalid)
	}
	return p, nil
}

func (p params) set(k param, text string) (err error) {
	p.words[k.name] = text
	switch k.kind {
	case "integer":
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < k.min || n > k.max || strings.HasPrefix(text, "+") {
			return fmt.Errorf("use a number from %d to %d", k.min, k.max)
		}
		p.number[k.name] = n
	case "duration":
		d, err := time.ParseDuration(text)
		if err != nil || d < 0 || int64(d) > k.max {
			return fmt.Errorf("use a duration such as 10s, at most %v", time.Duration(k.max))
		}
		p.span[k.name] = d
	case "time":
		from, _, err := match.ParseTime(text)
		if err != nil {
			return err
		}
		p.moments[k.name] = time.UnixMilli(from).UTC()
	default:
		if n := k.maxLength(); utf8.RuneCountInString(text) > n {
			return fmt.Errorf("use at most %d characters", n)
		}
		if k.oneOf != nil && !slices.Contains(k.oneOf, text) {
			return fmt.Errorf("use %s", strings.Join(k.oneOf, " or "))
		}
	}
	return nil
}

func checkNames(given url.Values, known []param) error {
	var names []string
	for _, k := range known {
		if !k.path {
			names = append(names, k.name)
		}
	}
	hint := "this path takes none"
	if len(names) > 0 {
		hint = "use " + strings.Join(names, ", ")
	}
	for name, values := range given {
		switch {
		case !slices.Contains(names, name):
			return fmt.Errorf("%w: unknown parameter %q: %s", query.ErrInvalid, name, hint)
		case len(values) > 1:
			return fmt.Errorf("%w: parameter %q is given %d times", query.ErrInvalid, name, len(values))
		}
	}
	return nil
}
