package encode

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/aimakerspace/synlogger/censor"
	"github.com/aimakerspace/synlogger/internal/panics"
)

// If the methods of a value fail, a text replaces the value. The text of a panic or an error
// could contain what the censor hides, so it is used only without a censor.

// resolve is [slog.Value.Resolve], but the value of a LogValuer that panics is the text
// of the panic.
func resolve(c *censor.Rules, v slog.Value) slog.Value {
	if v.Kind() != slog.KindLogValuer {
		return v
	}
	return resolveSlow(c, v)
}

func resolveSlow(c *censor.Rules, v slog.Value) (rv slog.Value) {
	defer func() {
		if r := recover(); r != nil {
			rv = slog.StringValue(panicText(c, r))
		}
	}()
	const most = 100 // like slog.Value.Resolve
	for range most {
		v = v.LogValuer().LogValue()
		if v.Kind() != slog.KindLogValuer {
			return v
		}
	}
	return slog.StringValue(fmt.Sprintf("!ERROR: LogValue called too many times on Value of type %T", v.Any()))
}

// panicText returns the text of a value whose method panics. It must be called from the
// deferred function that recovers r.
func panicText(c *censor.Rules, r any) string {
	if c == nil {
		return "!PANIC: " + panics.Text(r)
	}
	return "!PANIC: " + panics.Kind(r) + " in " + panics.Site()
}

// failureText returns the text of a value that cannot be marshaled.
func failureText(c *censor.Rules, err error) string {
	var unsupportedType *json.UnsupportedTypeError
	var unsupportedValue *json.UnsupportedValueError
	if c == nil || errors.As(err, &unsupportedType) || errors.As(err, &unsupportedValue) {
		return "!ERROR: " + err.Error()
	}
	var marshaler *json.MarshalerError
	if errors.As(err, &marshaler) {
		return fmt.Sprintf("!ERROR: a %T from the methods of %v", marshaler.Err, marshaler.Type)
	}
	return fmt.Sprintf("!ERROR: a %T", err)
}

// marshalText returns the text of v, or of its failure.
func marshalText(c *censor.Rules, v encoding.TextMarshaler) string {
	text, err := v.MarshalText()
	if err != nil {
		return failureText(c, err)
	}
	return string(text)
}
