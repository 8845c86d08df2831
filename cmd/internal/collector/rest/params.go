package rest

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
)

// A Param is a parameter of an endpoint.
type Param struct {
	Name      string
	Kind      string // string, integer, duration, time
	Text      string
	Min       int64 // bound of an integer
	Max       int64
	ByDefault any      // the default
	OneOf     []string // of a string
	List      bool     // a comma-separated list of strings
	Path      bool     // the parameter is a part of the path
	Required  bool
	Example   any
}

// WithDefault returns the parameter with another default.
func (p Param) WithDefault(value any) Param {
	p.ByDefault = value
	return p
}

// maxLength returns the largest number of characters of a string.
func (p Param) maxLength() int {
	if p.List || p.Name == "q" {
		return query.MaxBytes
	}
	return 256
}

// Params are the values of a request's parameters.
type Params struct {
	texts   map[string]string
	numbers map[string]int64
	spans   map[string]time.Duration
	times   map[string]time.Time
}

// Has reports whether a parameter has a value.
func (p Params) Has(name string) bool { _, ok := p.texts[name]; return ok }

// Text returns the value of a parameter as text, "" if it has none.
func (p Params) Text(name string) string { return p.texts[name] }

// Int returns an integer, 0 if it has no value.
func (p Params) Int(name string) int { return int(p.numbers[name]) }

// Int64 returns an integer, 0 if it has no value.
func (p Params) Int64(name string) int64 { return p.numbers[name] }

// Duration returns a duration, 0 if it has no value.
func (p Params) Duration(name string) time.Duration { return p.spans[name] }

// Time returns a time, the zero time if it has no value.
func (p Params) Time(name string) time.Time { return p.times[name] }

// List returns the parts of a comma-separated list.
func (p Params) List(name string) []string {
	var all []string
	for part := range strings.SplitSeq(p.texts[name], ",") {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}

// ParseParams parses the parameters of a request. Unknown and repeated parameters are
// errors, because a misspelled name would select every record. An empty text means the
// default, because forms send it.
func ParseParams(r *http.Request, known []Param) (Params, error) {
	p := Params{map[string]string{}, map[string]int64{}, map[string]time.Duration{}, map[string]time.Time{}}
	given, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return p, fmt.Errorf("%w: %w", query.ErrInvalid, err)
	}
	if err := checkNames(given, known); err != nil {
		return p, err
	}
	for _, k := range known {
		text := given.Get(k.Name)
		if k.Path {
			text = r.PathValue(k.Name)
		}
		if text == "" && !(given.Has(k.Name) && (k.Kind == "integer" || k.OneOf != nil)) {
			if k.Required {
				return p, fmt.Errorf("%w: the parameter %s is missing", query.ErrInvalid, k.Name)
			}
			if k.ByDefault == nil {
				continue
			}
			text = fmt.Sprint(k.ByDefault)
		}
		if err := p.set(k, text); err != nil {
			return p, fmt.Errorf("%w: %s %q: %w", query.ErrInvalid, k.Name, text, err)
		}
	}
	if p.Has("range") && (p.Has("from") || p.Has("to")) {
		return p, fmt.Errorf("%w: use either range, or from and to", query.ErrInvalid)
	}
	return p, nil
}

func (p Params) set(k Param, text string) (err error) {
	p.texts[k.Name] = text
	switch k.Kind {
	case "integer":
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < k.Min || n > k.Max || strings.HasPrefix(text, "+") {
			return fmt.Errorf("use a number from %d to %d", k.Min, k.Max)
		}
		p.numbers[k.Name] = n
	case "duration":
		d, err := time.ParseDuration(text)
		if err != nil || d < 0 || int64(d) > k.Max {
			return fmt.Errorf("use a duration such as 10s, at most %v", time.Duration(k.Max))
		}
		p.spans[k.Name] = d
	case "time":
		from, _, err := match.ParseTime(text)
		if err != nil {
			return err
		}
		p.times[k.Name] = time.UnixMilli(from).UTC()
	default:
		if n := k.maxLength(); utf8.RuneCountInString(text) > n {
			return fmt.Errorf("use at most %d characters", n)
		}
		if k.OneOf != nil && !slices.Contains(k.OneOf, text) {
			return fmt.Errorf("use %s", strings.Join(k.OneOf, " or "))
		}
	}
	return nil
}

func checkNames(given url.Values, known []Param) error {
	var names []string
	for _, k := range known {
		if !k.Path {
			names = append(names, k.Name)
		}
	}
	hint := "this path has no parameters"
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
