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
	step := "AttrFromContext"
	defer func() { h.recovered(step, recover(), &err) }()

	fromContext := h.fromContext(ctx)
	bound, groups := h.last.nest(nil, fromContext), h.last.openGroups()
	if len(h.cfg.Filters) > 0 {
		r = h.assemble(r, fromContext)
		bound, groups = nil, nil
	}
	for i, filter := range h.cfg.Filters {
		step = fmt.Sprintf("filter %d", i+1)
		var keep bool
		if r, keep = filter(ctx, r); !keep {
			h.filtered.Add(1)
			return nil
		}
	}
	if h.cfg.Converter == nil {
		step = "ReplaceAttr"
		return h.handle(&r, nil)
	}
	step = "Converter"
	bound, r = h.format.ForConverter(bound, groups, r)
	fields := h.cfg.Converter(h.cfg.AddSource, h.cfg.ReplaceAttr, bound, groups, &r)
	step = "ReplaceAttr"
	return h.send(&r, h.format.EncodeFields(&r, h.seq.Add(1), h.bound, fields))
}

// assemble returns the record with all attributes in their groups: the bound ones, those
// of the context, and those of the call.
func (h *Handler) assemble(r slog.Record, fromContext []slog.Attr) slog.Record {
	whole := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	whole.AddAttrs(h.last.nest(encode.AttrsOf(r), fromContext)...)
	return whole
}

// recovered handles a panic of a callback: it counts the record as dropped and reports the
// panic. Without a panic, r is nil.
func (h *Handler) recovered(step string, r any, err *error) {
	if r == nil {
		return
	}
	h.panicked.Add(1)
	*err = panics.Error(step, r)
	h.client.Report(*err)
}
