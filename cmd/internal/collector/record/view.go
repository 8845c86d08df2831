package record

import (
	"slices"
	"strings"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
)

// A View selects the parts of a record that an answer contains. The zero View selects
// everything.
type View struct {
	Cut    int      // characters to which texts are truncated; 0 means no limit
	Fields []string // names of the fields in Record.Fields; nil means all
}

// BriefView is the view of a line in a list.
var BriefView = View{Cut: 300, Fields: []string{"logger"}}

// Record returns the record of a row. It parses the JSON of the fields only as far as
// needed, because a row may have 2 MB.
func (v View) Record(id int64, r *index.Row) (Record, error) {
	rec := Record{
		ID:          id,
		Received:    time.UnixMilli(r.Received).UTC(),
		Timestamp:   time.UnixMilli(r.Timestamp).UTC(),
		Source:      r.Source,
		Message:     v.text(r.Message),
		FullMessage: v.text(r.FullMessage),
		Level:       r.Level,
		Logger:      r.Logger,
		Streams:     StreamTitles(r.Streams),
		RemoteIP:    r.RemoteIP,
		RemotePort:  r.RemotePort,
		Input:       r.Input,
	}
	var err error
	if rec.Fields, err = v.some(r); err != nil {
		return Record{}, err
	}
	return rec, parseFindings(r.Findings, &rec.Findings)
}

// some returns the fields of a row that the view selects.
func (v View) some(r *index.Row) (map[string]any, error) {
	if v.Fields == nil {
		all, err := index.ParseFields(r.Fields)
		for name, x := range all {
			if text, ok := x.(string); ok && v.Cut > 0 {
				all[name] = v.text(text)
			}
		}
		return all, err
	}
	some := make(map[string]any, len(v.Fields))
	r.EachField(func(name string, x index.Value) bool {
		if slices.Contains(v.Fields, name) {
			if x.Kind == index.KindText {
				x.Str = v.text(x.Str)
			}
			some[name] = x.Any()
		}
		return len(some) < len(v.Fields)
	})
	return some, nil
}

// text truncates a text. The result does not keep the rest of the text in memory.
func (v View) text(text string) string {
	if short := firstRunes(text, v.Cut); v.Cut > 0 && len(short) < len(text) {
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
