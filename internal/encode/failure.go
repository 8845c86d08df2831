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

// What becomes the text of a value that fails. What a panic or an error says
// could be what the censor hides, which is why it is shown without one only.

// resolve is [slog.Value.Resolve], but a LogValuer that panics becomes the
// text of its panic.
func resolve(c *censor.Rules, v slog.Value) slog.Value {
	if v.Kind() != slog.KindLogValuer {
		return v
	}
	return resolveSlow(c, v)
}

func resolveSlow(c *censor.Rules, v slog.Value) (rv slog.Value) {
	defer func() {
		if r := recover(); r != nil {
			rv = slog.StringValue(panicValue(c, r))
		}
	}()
	const most = 100 // as slog.Value.Resolve
	for range most {
		v = v.LogValuer().LogValue()
		if v.Kind() != slog.KindLogValuer {
			return v
		}
	}
	return slog.StringValue(fmt.Sprintf("!ERROR: LogValue called too many times on Value of type %T", v.Any()))
}

// panicValue returns the text of a value whose method panics. It must be called
// from the deferred function that recovers r.
func panicValue(c *censor.Rules, r any) string {
	if c == nil {
		return "!PANIC: " + panics.Text(r)
	}
	return "!PANIC: " + panics.Kind(r) + " in " + panics.Site()
}

// failed returns the text of a value that cannot be marshaled.
func failed(c *censor.Rules, err error) string {
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

func marshalText(c *censor.Rules, v encoding.TextMarshaler) string {
	text, err := v.MarshalText()
	if err != nil {
		return failed(c, err)
	}
	return string(text)
}
