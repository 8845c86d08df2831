package handler

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/aimakerspace/synlogger/internal/encode"
	"github.com/aimakerspace/synlogger/internal/panics"
)

// handleWhole adds the bound attributes and those of the context to the record, and then
// calls the filters and the converter.
func (h *Handler) handleWhole(ctx context.Context, r slog.Record) (err error) {
	step, filter := "AttrFromContext", 0
	defer func() {
		if p := recover(); p != nil {
			if step == "filter" {
				step = fmt.Sprintf("filter %d", filter)
			}
			h.recovered(step, p, &err)
		}
	}()

	fromContext := h.fromContext(ctx)
	if len(h.cfg.Filters) > 0 {
		r = h.assemble(r, fromContext)
	}
	step = "filter"
	for i, f := range h.cfg.Filters {
		filter = i + 1
		var keep bool
		if r, keep = f(ctx, r); !keep {
			h.filtered.Add(1)
			return nil
		}
	}
	if h.cfg.Converter != nil {
		return h.convert(&step, r, fromContext)
	}
	step = "ReplaceAttr"
	if b := h.last; b != nil && b.encoded != nil && beginsWith(&r, b.allAttrs) {
		return h.send(&r, h.format.Encode(&r, h.seq.Add(1), b.encoded, nil, len(b.allAttrs)))
	}
	return h.handle(&r, nil)
}

// convert sends the fields that the converter returns. Filters have seen the bound
// attributes and those of the context as parts of the record.
func (h *Handler) convert(step *string, r slog.Record, fromContext []slog.Attr) error {
	*step = "Converter"
	var bound []slog.Attr
	var groups []string
	if len(h.cfg.Filters) == 0 {
		bound, groups = h.last.nest(nil, fromContext), h.last.openGroups()
	}
	bound, r = h.format.ForConverter(bound, groups, r)
	fields := h.cfg.Converter(h.cfg.AddSource, h.cfg.ReplaceAttr, bound, groups, &r)
	*step = "ReplaceAttr"
	return h.send(&r, h.format.EncodeFields(&r, h.seq.Add(1), h.bound, fields))
}

// assemble returns the record with all attributes in their groups: the bound ones, those
// of the context, and those of the call.
func (h *Handler) assemble(r slog.Record, fromContext []slog.Attr) slog.Record {
	if h.last == nil && len(fromContext) == 0 {
		return r.Clone()
	}
	whole := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	if h.last != nil && !h.last.few {
		whole.AddAttrs(h.last.nest(encode.AttrsOf(r), fromContext)...)
		return whole
	}
	if h.last != nil {
		whole = h.last.all.Clone()
		whole.Time, whole.Level, whole.Message, whole.PC = r.Time, r.Level, r.Message, r.PC
	}
	var array [8]slog.Attr
	attrs := append(array[:0], fromContext...)
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, a)
		return true
	})
	whole.AddAttrs(attrs...)
	return whole
}

// recovered handles a panic of a callback: it counts the record as dropped and reports the
// panic.
func (h *Handler) recovered(step string, r any, err *error) {
	h.panicked.Add(1)
	*err = panics.Error(step, r)
	h.client.Report(*err)
}
