package handler

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
)

// handleWhole puts the record together with what was bound to the handler and
// what the context has, for the filters and the converter to see it whole.
func (h *Handler) handleWhole(ctx context.Context, r slog.Record) (err error) {
	step := "AttrFromContext"
	defer func() { h.recovered(step, recover(), &err) }()

	fromContext := h.fromContext(ctx)
	bound, groups := h.nest(nil, fromContext), h.openGroups()
	if len(h.opts.Filters) > 0 {
		r = h.assemble(r, fromContext)
		bound, groups = nil, nil
	}
	for i, filter := range h.opts.Filters {
		step = fmt.Sprintf("filter %d", i+1)
		var keep bool
		if r, keep = filter(ctx, r); !keep {
			h.filtered.Add(1)
			return nil
		}
	}
	if h.opts.Converter == nil {
		step = "ReplaceAttr"
		return h.handle(&r, nil)
	}
	step = "Converter"
	bound, r = h.forConverter(bound, groups, r)
	extra := h.opts.Converter(h.opts.AddSource, h.replace, bound, groups, &r)
	step = "ReplaceAttr"
	return h.send(&r, func(e *encoder) { e.extra(extra) })
}

// forConverter returns what a converter may see and write to: what is censored
// is hidden in it, because the converter may give it another key. The record's
// attributes are in the groups.
func (h *Handler) forConverter(bound []slog.Attr, groups []string, r slog.Record) ([]slog.Attr, slog.Record) {
	own := slog.NewRecord(r.Time, r.Level, h.censor.text(r.Message), r.PC)
	hidden := false
	for i, g := range groups {
		hidden = hidden || h.censor.hides(groups[:i], g)
	}
	own.AddAttrs(h.censor.own(attrsOf(r), groups, hidden)...)
	return h.censor.own(bound, nil, false), own
}

// own returns the attributes, which are in these groups, with groups that are
// theirs alone and without what is censored. A converter may write to what it
// is given, as that of slog-graylog does; the groups are those of further
// records, and of the application.
func (c *censor) own(attrs []slog.Attr, groups []string, hidden bool) []slog.Attr {
	attrs = slices.Clone(attrs)
	for i, a := range attrs {
		if hidden || c.hides(groups, a.Key) {
			attrs[i].Value = slog.StringValue(censored)
			continue
		}
		if c.hidesKeys() {
			a.Value = c.resolve(a.Value) // it may be a group
			attrs[i].Value = a.Value
		}
		if a.Value.Kind() != slog.KindGroup {
			continue
		}
		inner := groups
		if a.Key != "" {
			inner = append(slices.Clip(groups), a.Key)
		}
		attrs[i].Value = slog.GroupValue(c.own(a.Value.Group(), inner, false)...)
	}
	return attrs
}

// extra appends the fields that a converter has made.
func (e *encoder) extra(fields map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		a := slog.Any(key, fields[key])
		if e.censor.hides(nil, key) {
			e.hide(a)
			continue
		}
		e.member(key, e.censor.resolve(a.Value))
	}
}

// assemble returns the record with all its attributes: what was bound, then
// what the context has, then those of the call, in the groups that are open.
func (h *Handler) assemble(r slog.Record, fromContext []slog.Attr) slog.Record {
	whole := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	whole.AddAttrs(h.nest(attrsOf(r), fromContext)...)
	return whole
}

func attrsOf(r slog.Record) []slog.Attr {
	attrs := make([]slog.Attr, 0, r.NumAttrs())
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	return attrs
}

// recovered ends a panic of a callback, if r is one: the record is dropped,
// counted and reported.
func (h *Handler) recovered(step string, r any, err *error) {
	if r == nil {
		return
	}
	h.panicked.Add(1)
	*err = panicError(step, r)
	h.reporter.report(*err)
}
