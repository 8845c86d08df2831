package handler

import (
	"os"
	"slices"

	"github.com/aimakerspace/synlogger/censor"
	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/internal/jsontext"
)

// Fallback returns a handler for options that [New] refused with err, so that
// no record is lost over a mistake in them: it writes lines of JSON to standard
// error and keeps to all that is right in the options, above all the censor.
// Its Err returns err.
func Fallback(opts Config, err error) *Handler {
	opts.Writer = os.Stderr
	opts.Delivery = delivery.Config{OnError: opts.Delivery.OnError}
	opts.Host = jsontext.CutString(opts.Host, maxNameText)
	opts.Logger = jsontext.CutString(opts.Logger, maxNameText)
	opts.Filters = slices.DeleteFunc(slices.Clone(opts.Filters), func(f Filter) bool { return f == nil })
	opts.AttrFromContext = slices.DeleteFunc(
		slices.Clone(opts.AttrFromContext),
		func(f ContextFunc) bool { return f == nil },
	)
	opts.Censor = slices.DeleteFunc(
		slices.Clone(opts.Censor),
		func(key string) bool { return censor.Required(key) != "" },
	)
	opts.CensorValues = slices.DeleteFunc(slices.Clone(opts.CensorValues), censor.Pattern.IsZero)
	h, wrong := New(opts)
	if wrong != nil {
		panic("handler: " + wrong.Error()) // a rule of New that is not kept to here
	}
	h.refused = err
	return h
}
