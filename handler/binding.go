package handler

import (
	"log/slog"
	"slices"
)

// A binding is one call of WithAttrs or WithGroup, linked to the calls before it.
type binding struct {
	before *binding
	group  string
	attrs  []slog.Attr
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
