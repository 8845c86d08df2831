package record

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
)

// A Field is a field as a search in Graylog knows it. Its value is a text, because
// JavaScript rounds integers beyond 2^53.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Type  string `json:"type"` // text, int, float, date
	Cut   bool   `json:"cut"`  // Value is truncated
}

// fieldTypes are the types of values, as the mapping of Graylog's index names them.
var fieldTypes = map[byte]string{index.KindText: "text", index.KindInteger: "int", index.KindFloat: "float"}

// FieldList returns the fields of a row except message and full_message, sorted by
// name.
func (v View) FieldList(r *index.Row) []Field {
	fields := []Field{
		{"timestamp", time.UnixMilli(r.Timestamp).UTC().Format("2006-01-02T15:04:05.000Z"), "date", false},
		{"streams", strings.Join(StreamTitles(r.Streams), ", "), "text", false},
	}
	r.EachField(func(name string, x index.Value) bool {
		if name == index.StreamsColumn {
			return true
		}
		f := Field{name, x.Text(), fieldTypes[x.Kind], false}
		if x.Kind == index.KindText {
			f.Value = v.text(x.Str)
			f.Cut = len(f.Value) < len(x.Str)
		}
		fields = append(fields, f)
		return true
	})
	slices.SortFunc(fields, func(a, b Field) int { return cmp.Compare(a.Name, b.Name) })
	return fields
}
