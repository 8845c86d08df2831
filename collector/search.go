package collector

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The bounds of a search.
const (
	// MaxLimit is the most records that one search returns.
	MaxLimit = 1_000
	// DefaultLimit is how many it returns unless told.
	DefaultLimit = 100

	maxText     = 1_000    // bytes of Query.Text
	maxWords    = 20       // words in it
	searchBytes = 32 << 20 // a search ends early when its records take more
)

// Errors of a query that makes no sense.
var (
	ErrNoStream = errors.New("no stream")
	ErrQuery    = errors.New("bad query")
)

// A Query selects records. The zero value selects all.
type Query struct {
	// Stream is the name, title or prefix of a stream in any case, such as
	// "TTP"; "" means all records.
	Stream string

	// Text is a list of words. A record matches if each of them stands
	// somewhere in its message, full_message, logger, source or in a name or
	// value of its fields, in any case and also inside of a longer word.
	Text string

	// Level is a severity by number or name ("4", "warning") and selects the
	// records that are at least that severe.
	Level string

	// After and Before select the records with a greater and a smaller ID.
	After, Before int64

	// Limit is the most records to return, at most MaxLimit; 0 means
	// DefaultLimit.
	Limit int
}

// Streams returns the streams in the order of the dashboard's tabs with what
// the store holds of each, the default stream last.
func (c *Collector) Streams() []Stream { return c.store.counts.Load().clone().streams }

// Search returns the records that match, newest first, in the order of their
// arrival. The ID of the last one is the Before of the next page.
// Records of more than 32 MiB together are returned over several pages.
//
// A query that makes no sense is an error that wraps ErrNoStream or ErrQuery.
func (c *Collector) Search(ctx context.Context, q Query) ([]Record, error) {
	f, err := newFilter(q)
	if err != nil {
		return nil, err
	}
	return c.store.search(ctx, f, wholeTexts)
}

// Wait returns as soon as n records match that are in the store or come into
// it, and how many matched by then, which is n at the most. If ctx ends first
// it returns how many did match and the error of ctx. Limit has no meaning
// here.
func (c *Collector) Wait(ctx context.Context, q Query, n int) (int, error) {
	f, err := newFilter(q)
	if err != nil {
		return 0, err
	}
	matched := 0
	for matched < n {
		more := c.turn.next()
		end := c.store.counts.Load().next
		if f.before > 0 {
			end = min(end, f.before)
		}
		found, err := c.store.count(ctx, f, end, n-matched)
		matched += found
		if err != nil || matched >= n {
			return matched, err
		}
		f.after = max(f.after, end-1) // what came later is counted next time
		select {
		case <-more:
		case <-ctx.Done():
			return matched, ctx.Err()
		}
	}
	return matched, nil
}

// A filter is a query as the store takes it.
type filter struct {
	stream        int // -1: all
	level         int // -1: all
	words         []word
	after, before int64 // 0: no bound
	limit         int
}

// A word is one word of a query's text.
type word struct {
	text, json       string // in lower case; json is as it stands in a JSON text
	like, likeInJSON string // the same as patterns
	exact            bool   // LIKE says all; else it lets too much pass
}

func newFilter(q Query) (filter, error) {
	f := filter{stream: -1, level: -1, after: q.After, before: q.Before, limit: q.Limit}
	var err error
	if q.Stream != "" {
		if f.stream, err = streamIndex(q.Stream); err != nil {
			return f, err
		}
	}
	if q.Level != "" {
		if f.level, err = severity(q.Level); err != nil {
			return f, fmt.Errorf("%w: level %q: %w", ErrQuery, q.Level, err)
		}
	}
	if q.After < 0 || q.Before < 0 {
		return f, fmt.Errorf("%w: an id is a positive number", ErrQuery)
	}
	if q.Limit < 0 || q.Limit > MaxLimit {
		return f, fmt.Errorf("%w: limit %d: use 1 to %d", ErrQuery, q.Limit, MaxLimit)
	}
	if f.limit == 0 {
		f.limit = DefaultLimit
	}
	if len(q.Text) > maxText {
		return f, fmt.Errorf("%w: text of %d bytes: use at most %d", ErrQuery, len(q.Text), maxText)
	}
	for _, text := range strings.Fields(strings.ToValidUTF8(q.Text, "\uFFFD")) {
		f.words = append(f.words, newWord(text))
	}
	if len(f.words) > maxWords {
		return f, fmt.Errorf("%w: text of %d words: use at most %d", ErrQuery, len(f.words), maxWords)
	}
	return f, nil
}

func newWord(text string) word {
	text = strings.ToLower(text)
	quoted := appendString(nil, text)
	w := word{text: text, json: string(quoted[1 : len(quoted)-1])}
	w.like, w.exact = likePattern(w.text)
	w.likeInJSON, _ = likePattern(w.json)
	return w
}

// likePattern returns a pattern of LIKE for a text that stands anywhere. LIKE
// knows upper and lower case of ASCII letters alone; any other letter becomes
// a wildcard, and then the pattern is not exact.
func likePattern(text string) (pattern string, exact bool) {
	exact = true
	var b strings.Builder
	b.WriteByte('%')
	for _, r := range text {
		switch {
		case r == '%' || r == '_' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < utf8.RuneSelf || !unicode.IsLetter(r):
			b.WriteRune(r)
		default:
			b.WriteByte('_')
			exact = false
		}
	}
	b.WriteByte('%')
	return b.String(), exact
}

// exact reports whether the condition of where is all there is to the filter.
func (f filter) exact() bool {
	return !slices.ContainsFunc(f.words, func(w word) bool { return !w.exact })
}

// where returns the filter as a condition of SQL with its arguments.
func (f filter) where() (string, []any) {
	conds, args := []string{"1"}, []any{}
	if f.stream >= 0 {
		conds = append(conds, inStream(f.stream))
	}
	if f.after > 0 {
		conds, args = append(conds, "id > ?"), append(args, f.after)
	}
	if f.before > 0 {
		conds, args = append(conds, "id < ?"), append(args, f.before)
	}
	if f.level >= 0 {
		conds, args = append(conds, "level BETWEEN 0 AND ?"), append(args, f.level)
	}
	for _, w := range f.words {
		conds = append(conds, `(message LIKE ? ESCAPE '\' OR logger LIKE ? ESCAPE '\' OR source LIKE ? ESCAPE '\'`+
			` OR fields LIKE ? ESCAPE '\' OR full_message LIKE ? ESCAPE '\')`)
		args = append(args, w.like, w.like, w.like, w.likeInJSON, w.like)
	}
	return strings.Join(conds, " AND "), args
}

// match decides what where left open.
func (f filter) match(message, fullMessage, logger, source, fields string) bool {
	for _, w := range f.words {
		if w.exact {
			continue
		}
		has := func(text, word string) bool { return strings.Contains(strings.ToLower(text), word) }
		if !has(message, w.text) && !has(logger, w.text) && !has(source, w.text) && !has(fields, w.json) && !has(fullMessage, w.text) {
			return false
		}
	}
	return true
}

// How much of a record's long texts a search returns.
const (
	wholeTexts = 0
	// briefTexts is for the page: this many characters. Fields that are longer
	// together are left out.
	briefTexts = 10_000
)

// search returns the newest records that match.
func (s *store) search(ctx context.Context, f filter, texts int) ([]Record, error) {
	records, err := s.find(ctx, f, texts)
	return records, endOf(ctx, err)
}

// endOf returns the error of ctx in place of the driver's, which knows only
// that it was interrupted.
func endOf(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

func (s *store) find(ctx context.Context, f filter, texts int) ([]Record, error) {
	where, args := f.where()
	long := "message, full_message, fields"
	if texts > 0 && f.exact() {
		long = fmt.Sprintf("substr(message, 1, %[1]d), substr(full_message, 1, %[1]d), CASE WHEN length(fields) <= %[2]d THEN fields ELSE '' END", texts, 10*texts)
	}
	query := "SELECT id, received, timestamp, level, streams, remote_port, remote_ip, input, source, logger, findings, " + long +
		" FROM record WHERE " + where + " ORDER BY id DESC"
	if f.exact() {
		query += fmt.Sprint(" LIMIT ", f.limit)
	}
	rows, err := s.readers.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	records := []Record{}
	bytes := 0
	for len(records) < f.limit && bytes < searchBytes && rows.Next() {
		r, fields, findings, err := scanRecord(rows)
		if err != nil {
			return nil, err
		}
		if !f.match(r.Message, r.FullMessage, r.Logger, r.Source, fields) {
			continue
		}
		if r.Fields, err = parseFields(fields); err != nil {
			return nil, err
		}
		if findings != "" {
			if err := json.Unmarshal([]byte(findings), &r.Findings); err != nil {
				return nil, err
			}
		}
		bytes += len(r.Message) + len(r.FullMessage) + len(fields) + len(findings)
		records = append(records, r)
	}
	return records, rows.Err()
}

func scanRecord(rows *sql.Rows) (r Record, fields, findings string, err error) {
	var received, timestamp int64
	var set streamSet
	err = rows.Scan(&r.ID, &received, &timestamp, &r.Level, &set, &r.RemotePort, &r.RemoteIP, &r.Input, &r.Source, &r.Logger,
		&findings, &r.Message, &r.FullMessage, &fields)
	r.Received = time.UnixMilli(received).UTC()
	r.Timestamp = time.UnixMilli(timestamp).UTC()
	r.Streams = set.titles()
	return r, fields, findings, err
}

// count returns how many records with an id below end match, but not more than
// limit.
func (s *store) count(ctx context.Context, f filter, end int64, limit int) (n int, err error) {
	defer func() { err = endOf(ctx, err) }()
	f.before = end
	where, args := f.where()
	if f.exact() {
		query := fmt.Sprintf("SELECT count(*) FROM (SELECT 1 FROM record WHERE %s LIMIT %d)", where, limit)
		err = s.readers.QueryRowContext(ctx, query, args...).Scan(&n)
		return n, err
	}
	rows, err := s.readers.QueryContext(ctx, "SELECT message, full_message, logger, source, fields FROM record WHERE "+where, args...)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for n < limit && rows.Next() {
		var message, fullMessage, logger, source, fields string
		if err := rows.Scan(&message, &fullMessage, &logger, &source, &fields); err != nil {
			return n, err
		}
		if f.match(message, fullMessage, logger, source, fields) {
			n++
		}
	}
	return n, rows.Err()
}
