package handler

import (
	"log/slog"
	"slices"

	"github.com/aimakerspace/synlogger/internal/encode"
)

// A binding is one call of WithAttrs or WithGroup, linked to the calls before it.
type binding struct {
	before *binding
	group  string
	attrs  []slog.Attr

	// While there are few attributes and no group is open, allAttrs and the record
	// all contain them, and encoded too, unless it is nil.
	few      bool
	allAttrs []slog.Attr
	all      slog.Record
	encoded  *encode.Bound
}

// bind returns the binding of a call of WithAttrs after another one.
func (h *Handler) bind(attrs []slog.Attr) *binding {
	const most = 32 // for more, repeated calls would copy too much
	b := &binding{before: h.last, attrs: slices.Clone(attrs)}
	var before []slog.Attr
	if h.last != nil {
		before = h.last.allAttrs
	}
	b.few = (h.last == nil || h.last.few) && len(before)+len(attrs) <= most
	if !b.few {
		return b
	}
	b.allAttrs = slices.Concat(before, attrs)
	b.all.AddAttrs(b.allAttrs...)
	if h.cfg.ReplaceAttr == nil && !slices.ContainsFunc(b.allAttrs, isVariable) {
		b.encoded = h.format.WithAttrs(h.bound, b.allAttrs)
	}
	return b
}

// isVariable reports whether a later encoding of an attribute can differ from the first,
// or the attribute cannot be compared.
func isVariable(a slog.Attr) bool {
	switch a.Value.Kind() {
	case slog.KindAny, slog.KindLogValuer, slog.KindGroup:
		return true
	}
	return false
}

// beginsWith reports whether the first attributes of a record are these. They must not
// be variable.
func beginsWith(r *slog.Record, attrs []slog.Attr) bool {
	i := 0
	r.Attrs(func(a slog.Attr) bool {
		if i == len(attrs) || !a.Equal(attrs[i]) {
			return false
		}
		i++
		return true
	})
	return i == len(attrs)
}

// nest returns the attributes within the open groups, after the attributes that are
// bound there. Attributes from the context are outside of the groups.
func (last *binding) nest(attrs, fromContext []slog.Attr) []slog.Attr {
	groups := len(last.openGroups())
	parts := [][]slog.Attr{attrs} // of the current group, the last part first
	if groups == 0 {
		parts = append(parts, fromContext)
	}
	for b := last; b != nil; b = b.before {
		if b.group == "" {
			parts = append(parts, b.attrs)
			continue
		}
		members := joinReversed(parts)
		parts = parts[:0]
		if len(members) > 0 {
			parts = append(parts, []slog.Attr{{Key: b.group, Value: slog.GroupValue(members...)}})
		}
		if groups--; groups == 0 { // the outermost one
			parts = append(parts, fromContext)
		}
	}
	return joinReversed(parts)
}

func joinReversed(parts [][]slog.Attr) []slog.Attr {
	slices.Reverse(parts)
	return slices.Concat(parts...)
}

// openGroups returns the names of the open groups, the outermost one first.
func (last *binding) openGroups() (names []string) {
	for b := last; b != nil; b = b.before {
		if b.group != "" {
			names = append(names, b.group)
		}
	}
	slices.Reverse(names)
	return names
}
