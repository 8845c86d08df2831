package encode

import (
	"log/slog"
	"maps"
	"slices"

	"github.com/aimakerspace/synlogger/censor"
)

// ForConverter returns copies of the bound attributes and of the record for a
// converter. Hidden keys and texts are already censored in them, because the converter
// may rename keys. Groups are the open groups around the record's attributes.
func (f *Format) ForConverter(bound []slog.Attr, groups []string, r slog.Record) ([]slog.Attr, slog.Record) {
	own := slog.NewRecord(r.Time, r.Level, f.Censor.Text(r.Message), r.PC)
	hidden := false
	for i, g := range groups {
		hidden = hidden || f.Censor.HidesKey(groups[:i], g)
	}
	own.AddAttrs(ownAttrs(f.Censor, AttrsOf(r), groups, hidden)...)
	return ownAttrs(f.Censor, bound, nil, false), own
}

// ownAttrs returns a censored deep copy of attributes that are in these groups. A
// converter may modify what it is given, as slog-graylog's does, but groups are shared
// with other records and with the application.
func ownAttrs(c *censor.Rules, attrs []slog.Attr, groups []string, hidden bool) []slog.Attr {
	attrs = slices.Clone(attrs)
	for i, a := range attrs {
		if hidden || c.HidesKey(groups, a.Key) {
			attrs[i].Value = slog.StringValue(censor.Mark)
			continue
		}
		if c.HidesKeys() {
			a.Value = resolve(c, a.Value) // may become a group
			attrs[i].Value = a.Value
		}
		if a.Value.Kind() != slog.KindGroup {
			continue
		}
		inner := groups
		if a.Key != "" {
			inner = append(slices.Clip(groups), a.Key)
		}
		attrs[i].Value = slog.GroupValue(ownAttrs(c, a.Value.Group(), inner, false)...)
	}
	return attrs
}

// extra appends the fields that a converter returned.
func (e *Frame) extra(fields map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		a := slog.Any(key, fields[key])
		if e.Censor.HidesKey(nil, key) {
			e.hide(a)
			continue
		}
		e.member(key, resolve(e.Censor, a.Value))
	}
}

// AttrsOf returns the attributes of a record.
func AttrsOf(r slog.Record) []slog.Attr {
	attrs := make([]slog.Attr, 0, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	return attrs
}
