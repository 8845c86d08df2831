package handler

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
)

// A detailed error has a longer text for %+v.
type detailed struct{ text string }

func (e detailed) Error() string { return e.text }

func (e detailed) Format(s fmt.State, verb rune) {
	io.WriteString(s, e.text)
	if verb == 'v' && s.Flag('+') {
		io.WriteString(s, "\nin detail")
	}
}

// TestFullMessage checks which errors have a text in full_message.
func TestFullMessage(t *testing.T) {
	runStored(t, []storedTest{
		{
			name:  "an error with a detail",
			attrs: attrs{slog.Any("err", detailed{"boom"})},
			want:  stored{"err": "boom", "full_message": "boom\nin detail"},
		},
		{
			name:  "wrapped",
			attrs: attrs{slog.Any("err", fmt.Errorf("round 3: %w", detailed{"boom"}))},
			want:  stored{"err": "round 3: boom", "full_message": "round 3: boom\nboom\nin detail"},
		},
		{
			name:  "two",
			attrs: attrs{slog.Any("a", detailed{"x"}), slog.Any("b", detailed{"y"})},
			want:  stored{"a": "x", "b": "y", "full_message": "a: x\nin detail\n\nb: y\nin detail"},
		},
		{
			name:  "a bound one and the call's",
			with:  with(slog.Any("a", detailed{"x"})),
			attrs: attrs{slog.Any("b", detailed{"y"})},
			want:  stored{"a": "x", "b": "y", "full_message": "a: x\nin detail\n\nb: y\nin detail"},
		},
		{
			name:  "joined",
			attrs: attrs{slog.Any("err", errors.Join(detailed{"x"}, io.EOF, fmt.Errorf("round 3: %w", detailed{"y"})))},
			want: stored{
				"err":          "x\nEOF\nround 3: y",
				"full_message": "x\nEOF\nround 3: y\nx\nin detail\n\ny\nin detail",
			},
		},
		{
			name:  "a plain error",
			attrs: attrs{slog.Any("err", errors.New("boom"))},
			want:  stored{"err": "boom"},
		},
		{
			name:  "a censored error",
			opts:  Config{Censor: []string{"err"}},
			attrs: attrs{slog.Any("err", detailed{"hunter2"})},
			want:  stored{"err": censored},
		},
		{
			name:  "in a censored group",
			opts:  Config{Censor: []string{"g"}},
			attrs: attrs{slog.Group("g", slog.Any("err", detailed{"hunter2"}))},
			want:  stored{"g": censored},
		},
		{
			name:  "censored by its name in Graylog",
			opts:  Config{Censor: []string{"g_err"}},
			attrs: attrs{slog.Group("g", slog.Any("err", detailed{"hunter2"}))},
			want:  stored{"g_err": censored},
		},
	})
	h, c := newCapture(t, Config{})
	msg := decode(t, handle(t, h, c, record("m", slog.Any("err", WithStack(WithStack(errors.New("boom")))))))
	lines := strings.Split(msg.FullMessage, "\n")
	if len(lines) < 3 || lines[0] != "boom" || !strings.HasSuffix(lines[1], ".TestFullMessage") ||
		!strings.Contains(lines[2], "error_test.go:") {
		t.Errorf("the stack does not begin in this test:\n%s", msg.FullMessage)
	}
	if WithStack(nil) != nil {
		t.Error("WithStack(nil) is an error")
	}
	if got := fmt.Sprintf("%v %s %q", WithStack(io.EOF), WithStack(io.EOF), WithStack(io.EOF)); got != `EOF EOF "EOF"` {
		t.Errorf("an error with a stack is printed as %s", got)
	}
	if !errors.Is(WithStack(io.EOF), io.EOF) {
		t.Error("errors.Is does not find the error inside WithStack")
	}
}
