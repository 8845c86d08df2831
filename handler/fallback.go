package handler

import (
	"os"
	"slices"

	"github.com/aimakerspace/synlogger/censor"
	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/internal/jsontext"
)

// Fallback returns a handler for a configuration that [New] rejected with err. It writes
// lines of JSON to standard error, so no record is lost, and applies the valid parts of the
// configuration, above all the censor. Its Err method returns err.
func Fallback(cfg Config, err error) *Handler {
	cfg.Writer = os.Stderr
	cfg.Delivery = delivery.Config{OnError: cfg.Delivery.OnError}
	cfg.FlushLevel, cfg.FlushTimeout = nil, 0
	cfg.Host = jsontext.CutString(cfg.Host, maxNameText)
	cfg.Logger = jsontext.CutString(cfg.Logger, maxNameText)
	cfg.Filters = slices.DeleteFunc(slices.Clone(cfg.Filters), func(f Filter) bool { return f == nil })
	cfg.AttrFromContext = slices.DeleteFunc(
		slices.Clone(cfg.AttrFromContext),
		func(f ContextFunc) bool { return f == nil },
	)
	cfg.Censor = slices.DeleteFunc(
		slices.Clone(cfg.Censor),
		func(key string) bool { return censor.Required(key) != "" },
	)
	cfg.CensorValues = slices.DeleteFunc(slices.Clone(cfg.CensorValues), censor.Pattern.IsZero)
	h, wrong := New(cfg)
	if wrong != nil {
		panic("handler: " + wrong.Error()) // a check of New that is missing here
	}
	h.refused = err
	return h
}
