package handler

import (
	"log/slog"
	"strings"
	"testing"
)

// TestCensorPointers tells that a pointer to one of slog's own types is written
// as what it points to, not as the text of its String method.
func TestCensorPointers(t *testing.T) {
	h, c := newCapture(t, Options{Censor: []string{"password"}})
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
