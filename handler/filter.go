package handler

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/aimakerspace/synlogger/internal/encode"
	"github.com/aimakerspace/synlogger/internal/panics"
)

// handleWhole puts the record together with what was bound to the handler and
// what the context has, for the filters and the converter to see it whole.
func (h *Handler) handleWhole(ctx context.Context, r slog.Record) (err error) {
	step := "AttrFromContext"
	defer func() { h.recovered(step, recover(), &err) }()

	fromContext := h.fromContext(ctx)
	bound, groups := h.last.nest(nil, fromContext), h.last.openGroups()
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
	bound, r = h.format.ForConverter(bound, groups, r)
	fields := h.opts.Converter(h.opts.AddSource, h.opts.ReplaceAttr, bound, groups, &r)
	step = "ReplaceAttr"
	return h.send(&r, h.format.EncodeFields(&r, h.seq.Add(1), h.bound, fields))
}

// assemble returns the record with all its attributes: what was bound, then
// what the context has, then those of the call, in the groups that are open.
func (h *Handler) assemble(r slog.Record, fromContext []slog.Attr) slog.Record {
	whole := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	whole.AddAttrs(h.last.nest(encode.AttrsOf(r), fromContext)...)
	return whole
}

// recovered ends a panic of a callback, if r is one: the record is dropped,
// counted and reported.
func (h *Handler) recovered(step string, r any, err *error) {
	if r == nil {
		return
	}
	h.panicked.Add(1)
	*err = panics.Error(step, r)
	h.client.Report(*err)
}
