package handler

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
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
	bound, r = ownGroups(bound), ownRecord(r)
	extra := h.opts.Converter(h.opts.AddSource, h.replace, bound, groups, &r)
	step = "ReplaceAttr"
	return h.send(&r, func(e *encoder) { e.extra(extra) })
}

// ownGroups returns the attributes with groups that are theirs alone. A
// converter may write to what it is given, as that of slog-graylog does; the
// groups are those of further records, and of the application.
func ownGroups(attrs []slog.Attr) []slog.Attr {
	attrs = slices.Clone(attrs)
	for i, a := range attrs {
		if a.Value.Kind() == slog.KindGroup {
			attrs[i].Value = slog.GroupValue(ownGroups(a.Value.Group())...)
		}
	}
	return attrs
}

func ownRecord(r slog.Record) slog.Record {
	own := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	own.AddAttrs(ownGroups(attrsOf(r))...)
	return own
}

// extra appends the fields that a converter has made.
func (e *encoder) extra(fields map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		a := slog.Any(key, fields[key])
		if e.censor.hides(key) {
			e.hide(a)
			continue
		}
		e.member(key, resolve(a.Value))
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

// panicError returns the error for a callback that panicked over a record.
func panicError(step string, r any) error {
	return fmt.Errorf("handler: %s: its record or attributes are dropped", panicked(step, r))
}

// panicked returns what panicked and where, but nothing of the panic's value: it
// could contain a text that the censor would have hidden.
func panicked(step string, r any) string {
	what := fmt.Sprintf("a %T", r)
	if re, ok := r.(runtime.Error); ok {
		what = re.Error()
	}
	return fmt.Sprintf("%s panicked in %s with %s", step, panicSite(), what)
}

// panicSite returns the function and line that panicked, which on the stack is
// the first outside of the runtime behind the call of panic.
func panicSite() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(0, pcs)])
	for panicking := false; ; {
		f, more := frames.Next()
		switch {
		case f.Function == "runtime.gopanic":
			panicking = true
		case panicking && !strings.HasPrefix(f.Function, "runtime."):
			return fmt.Sprintf("%s (%s:%d)", f.Function, filepath.Base(f.File), f.Line)
		}
		if !more {
			return "an unknown place"
		}
	}
}
