package handler

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
)

// What becomes the text of a value that fails. What a panic or an error says
// could be what the censor hides, which is why it is shown without one only.

// resolve is [slog.Value.Resolve], but a LogValuer that panics becomes the
// text of its panic.
func (c *censor) resolve(v slog.Value) slog.Value {
	if v.Kind() != slog.KindLogValuer {
		return v
	}
	return c.resolveSlow(v)
}

func (c *censor) resolveSlow(v slog.Value) (rv slog.Value) {
	defer func() {
		if r := recover(); r != nil {
			rv = slog.StringValue(c.panicValue(r))
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
func (c *censor) panicValue(r any) string {
	if c == nil {
		return "!PANIC: " + panicText(r)
	}
	return "!PANIC: " + panicKind(r) + " in " + panicSite()
}

// failed returns the text of a value that cannot be marshaled.
func (c *censor) failed(err error) string {
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

func (c *censor) marshalText(v encoding.TextMarshaler) string {
	text, err := v.MarshalText()
	if err != nil {
		return c.failed(err)
	}
	return string(text)
}

// panicText returns what a panic said, even if that panics in turn.
func panicText(r any) (text string) {
	defer func() {
		if recover() != nil {
			text = fmt.Sprintf("a value of type %T", r)
		}
	}()
	return fmt.Sprint(r)
}

// panicError returns the error for a callback that panicked over a record.
func panicError(step string, r any) error {
	return fmt.Errorf("handler: %s: its record or attributes are dropped", panicked(step, r))
}

// panicked returns what panicked and where, but nothing of the panic's value: it
// could contain a text that the censor would have hidden.
func panicked(step string, r any) string {
	return fmt.Sprintf("%s panicked in %s with %s", step, panicSite(), panicKind(r))
}

// panicKind names a panic's type, and the error of a panic of the runtime, but
// for the numbers in it.
func panicKind(r any) string {
	re, ok := r.(runtime.Error)
	if !ok || !ofRuntime(re) {
		return fmt.Sprintf("a %T", r)
	}
	what, _, _ := strings.Cut(re.Error(), " [")
	return what
}

// ofRuntime reports whether the error is one of package runtime's: any type can
// have its methods.
func ofRuntime(err runtime.Error) bool {
	t := reflect.TypeOf(err)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.PkgPath() == "runtime"
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
