package record

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
)

// A Field is a field as a search in Graylog knows it. Its value is a text, as
// JavaScript would round a whole number beyond 2^53.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Type  string `json:"type"` // text, int, float, date
	Cut   bool   `json:"cut"`  // there is more of the value
}

// fieldTypes are the types of values as a mapping of the index names them.
var fieldTypes = map[byte]string{'s': "text", 'i': "int", 'f': "float"}

// list returns the fields of a row but message and full_message.
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
		if x.Kind == 's' {
			f.Value = v.text(x.Str)
			f.Cut = len(f.Value) < len(x.Str)
		}
		fields = append(fields, f)
		return true
	})
	slices.SortFunc(fields, func(a, b Field) int { return cmp.Compare(a.Name, b.Name) })
	return fields
}
