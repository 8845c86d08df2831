package handler

import (
	"log/slog"
	"strings"
	"testing"
)

// TestCensorPointers checks that a pointer to a type of slog is sent as its element,
// not as the text of its String method.
func TestCensorPointers(t *testing.T) {
	h, c := newCapture(t, Config{Censor: []string{"password"}})
	attr := slog.String("password", secret)
	value := slog.GroupValue(attr)
	pointer := &attr
	for name, v := range map[string]any{
		"attribute": &attr, "value": &value, "pointer": &pointer, "slice": []*slog.Attr{&attr},
		"struct": struct{ V *slog.Value }{&value}, "map": map[string]*slog.Attr{"x": &attr},
		"key of a map": map[*slog.Attr]int{&attr: 1},
	} {
		frame := string(handle(t, h, c, record("m", slog.Any("k", v))))
		if strings.Contains(frame, secret) || !strings.Contains(frame, censored) {
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
	h, c := newCapture(t, Config{Censor: []string{"password"}})
	for _, v := range []any{map[panickingKey]int{1: 2}, map[panickingError]int{1: 2}, map[any]int{panickingKey(1): 2}} {
		frame := string(handle(t, h, c, record("m", slog.Any("k", v))))
		if strings.Contains(frame, secret) || !strings.Contains(frame, "!PANIC: a string in ") {
			t.Errorf("%T: %s", v, frame)
		}
	}
}
