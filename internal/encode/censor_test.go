package encode

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/censor"
)

// TestCensorPointers checks that a pointer to a type of slog is sent as its element,
// not as the text of its String method.
func TestCensorPointers(t *testing.T) {
	f := newFormat(t, censoring(t, "password"))
	attr := slog.String("password", secret)
	value := slog.GroupValue(attr)
	pointer := &attr
	for name, v := range map[string]any{
		"attribute":    &attr,
		"value":        &value,
		"pointer":      &pointer,
		"slice":        []*slog.Attr{&attr},
		"struct":       struct{ V *slog.Value }{&value},
		"map":          map[string]*slog.Attr{"x": &attr},
		"key of a map": map[*slog.Attr]int{&attr: 1},
	} {
		frame := string(encodeRecord(f, record("m", slog.Any("k", v))))
		if strings.Contains(frame, secret) || !strings.Contains(frame, censor.Mark) {
			t.Errorf("%s: %s", name, frame)
		}
	}
}

type panickingKey int

func (panickingKey) String() string { panic(secret) }

type panickingError float64

func (panickingError) Error() string { panic(secret) }

// TestCensorPanicInKey checks that the text of a panic is not sent if a method of a
// map's key panics. Package fmt would print it.
func TestCensorPanicInKey(t *testing.T) {
	f := newFormat(t, censoring(t, "password"))
	for _, v := range []any{map[panickingKey]int{1: 2}, map[panickingError]int{1: 2}, map[any]int{panickingKey(1): 2}} {
		frame := string(encodeRecord(f, record("m", slog.Any("k", v))))
		if strings.Contains(frame, secret) || !strings.Contains(frame, "!PANIC: a string in ") {
			t.Errorf("%T: %s", v, frame)
		}
	}
}

type secretPanic struct{}

func (secretPanic) String() string { panic("cannot show " + secret) }

type secretError struct{}

func (secretError) MarshalJSON() ([]byte, error) { return nil, errors.New("cannot marshal " + secret) }

func (secretError) MarshalText() ([]byte, error) { return nil, errors.New("cannot marshal " + secret) }

type secretText struct{}

func (secretText) MarshalText() ([]byte, error) { return nil, errors.New("cannot marshal " + secret) }

type secretRuntimeError struct{ error }

func (secretRuntimeError) RuntimeError() {}

type secretFormat struct{}

func (secretFormat) Error() string { return "short" }

func (secretFormat) Format(fmt.State, rune) { panic(secret) }

// TestCensorFailures checks that with a censor the text of a failed value is not sent:
// the text could contain a hidden part.
func TestCensorFailures(t *testing.T) {
	values := map[string]any{
		"a Stringer that panics":  secretPanic{},
		"a Stringer in a slice":   []any{1, secretPanic{}},
		"a Stringer in a map":     map[string]any{"a": secretPanic{}},
		"a LogValuer that panics": logValuer(func() slog.Value { panic(secret) }),
		"a LogValuer in a slice":  []any{logValuer(func() slog.Value { panic(errors.New(secret)) })},
		"a runtime.Error of another package": logValuer(func() slog.Value {
			panic(secretRuntimeError{errors.New(secret)})
		}),
		"a json.Marshaler that fails":  secretError{},
		"a json.Marshaler in a struct": struct{ V secretError }{},
		"a json.Marshaler in a slice":  []any{secretError{}},
		"a TextMarshaler that fails":   secretText{},
		"a TextMarshaler in a slice":   []any{secretText{}},
		"a TextMarshaler as a key":     map[secretText]int{{}: 1},
		"a Formatter that panics":      secretFormat{},
	}
	for name, v := range values {
		t.Run(name, func(t *testing.T) {
			f := newFormat(t, censoring(t, "password"))
			frame := string(encodeRecord(f, record("m", slog.Any("v", v))))
			decode(t, []byte(frame))
			if strings.Contains(frame, secret) {
				t.Errorf("the secret is in the frame: %s", frame)
			}
			if _, ok := v.(secretFormat); !ok && !strings.Contains(frame, "!PANIC: ") &&
				!strings.Contains(frame, "!ERROR: ") {
				t.Errorf("the frame does not report that the value failed: %s", frame)
			}
		})
	}
	f := newFormat(t, censoring(t, "password"))
	frame := string(encodeRecord(f, record("m", slog.Any("v", logValuer(func() slog.Value {
		var list []int
		return slog.IntValue(list[len(secret)])
	})), slog.Any("w", struct{ F func() }{func() {}}))))
	for _, want := range []string{"!PANIC: runtime error: index out of range in ", "TestCensorFailures",
		"censor_test.go:", "!ERROR: json: unsupported type: func()"} {
		if !strings.Contains(frame, want) {
			t.Errorf("%q is not in the frame: %s", want, frame)
		}
	}
}
