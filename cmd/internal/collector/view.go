package collector

import (
	"slices"
	"strings"
	"time"
)

// A view is how much of its records an answer has. The zero value is all.
type view struct {
	cut    int      // characters that a text has at the most, 0: as many as it has
	fields []string // the names that Record.Fields has, nil: all
}

// briefView is for a line of a list.
var briefView = view{cut: 300, fields: []string{"logger"}}

// record makes the record of a row. It reads the JSON of the fields only as far
// as it has to: a row may be 2 MB.
func (v view) record(id int64, r *row) (Record, error) {
	rec := Record{
		ID: id, Received: time.UnixMilli(r.received).UTC(), Timestamp: time.UnixMilli(r.timestamp).UTC(),
		Source: r.source, Message: v.text(r.message), FullMessage: v.text(r.fullMessage), Level: r.level, Logger: r.logger,
		Streams: streamTitles(r.streams), RemoteIP: r.remoteIP, RemotePort: r.remotePort, Input: r.input,
	}
	var err error
	if rec.Fields, err = v.some(r); err != nil {
		return Record{}, err
	}
	return rec, parseFindings(r.findings, &rec.Findings)
}

// some returns the fields that the view has of a row.
func (v view) some(r *row) (map[string]any, error) {
	if v.fields == nil {
		all, err := parseFields(r.fields)
		for name, x := range all {
			if text, ok := x.(string); ok && v.cut > 0 {
				all[name] = v.text(text)
			}
		}
		return all, err
	}
	some := make(map[string]any, len(v.fields))
	r.eachValue(func(name string, x value) bool {
		if slices.Contains(v.fields, name) {
			if x.kind == 's' {
				x.s = v.text(x.s)
			}
			some[name] = x.any()
		}
		return len(some) < len(v.fields)
	})
	return some, nil
}

// text returns how a text begins. It does not keep the rest of it in memory.
func (v view) text(text string) string {
	if short := firstRunes(text, v.cut); v.cut > 0 && len(short) < len(text) {
		return strings.Clone(short)
	}
	return text
}

// firstRunes returns the first n characters of a text.
func firstRunes(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for i := range text {
		if n == 0 {
			return text[:i]
		}
		n--
	}
	return text
}
