package handler

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/censor"
)

type mailMarshaler struct{ mail string }

func (m mailMarshaler) MarshalJSON() ([]byte, error) {
	return []byte(`{"to":["alice\u0040example.com"],"plain":"` + m.mail + `","n":1}`), nil
}

type mailText struct{ mail string }

func (m mailText) MarshalText() ([]byte, error) { return []byte(m.mail), nil }

type mailStringer struct{ mail string }

func (m mailStringer) String() string { return m.mail }

// TestCensorValues checks in which texts of a record the patterns are applied.
func TestCensorValues(t *testing.T) {
	const mail, hidden = "alice@example.com", censored
	const panicked = "!PANIC: a string in github.com/aimakerspace/synlogger/handler.TestCensorValues"
	opts := Config{CensorValues: []censor.Pattern{censor.Email,
		censor.Regexp("badge", regexp.MustCompile(`badge (\d+)`))}}
	both := opts
	both.Censor = []string{"password"}
	replace := opts
	replace.ReplaceAttr = func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == "a" {
			a.Value = slog.StringValue("to " + mail)
		}
		return a
	}
	adding := opts
	adding.Filters = []Filter{func(_ context.Context, r slog.Record) (slog.Record, bool) {
		r.AddAttrs(slog.String("b", mail))
		return r, true
	}}
	adding.AttrFromContext = []ContextFunc{func(context.Context) []slog.Attr { return attrs{slog.String("ctx", mail)} }}
	tests := []storedTest{
		{
			name:  "a string",
			opts:  opts,
			attrs: attrs{slog.String("a", "to "+mail+"!"), slog.String("b", "badge 123, badge 4"), slog.Int("n", 1)},
			want:  stored{"a": "to *CENSORED*!", "b": "badge *CENSORED*, badge *CENSORED*", "n": int64(1)},
		},
		{
			name: "values with text",
			opts: opts,
			attrs: attrs{slog.Any("err", errors.New("to "+mail)), slog.Any("t", mailText{mail}),
				slog.Any("s", mailStringer{mail}), slog.Any("b", []byte(mail)), slog.Any("n", namedString(mail))},
			want: stored{"err": "to " + hidden, "t": hidden, "s": hidden, "b": hidden, "n": hidden},
		},
		{
			name:  "a group",
			opts:  opts,
			attrs: attrs{slog.Group("g", "a", mail, slog.Group("h", "b", mail))},
			want:  stored{"g_a": hidden, "g_h_b": hidden},
		},
		{
			name: "a LogValuer",
			opts: opts,
			attrs: attrs{slog.Any("v", logValuer(func() slog.Value { return slog.StringValue(mail) })),
				slog.Any("p", logValuer(func() slog.Value { panic(mail) }))},
			want: stored{"v": hidden, "p": panicked},
		},
		{
			name: "containers",
			opts: opts,
			attrs: attrs{slog.Any("m", map[string]any{"a": []any{mail, 1}, mail: mailStringer{mail}}),
				slog.Any("s", struct{ Mail, Other string }{mail, "x"})},
			want: stored{"m": `{"a":["*CENSORED*",1],"*CENSORED*":"*CENSORED*"}`,
				"s": `{"Mail":"*CENSORED*","Other":"x"}`},
		},
		{
			name: "JSON",
			opts: opts,
			attrs: attrs{slog.Any("j", mailMarshaler{mail}), slog.Any("raw", json.RawMessage(`"a\u0040b.de"`)),
				slog.Any("l", []any{mailMarshaler{mail}})},
			want: stored{"j": `{"to":["*CENSORED*"],"plain":"*CENSORED*","n":1}`, "raw": hidden,
				"l": `[{"to":["*CENSORED*"],"plain":"*CENSORED*","n":1}]`},
		},
		{
			name:  "the stack of an error",
			opts:  opts,
			attrs: attrs{slog.Any("err", detailed{mail})},
			want:  stored{"err": hidden, "full_message": hidden + "\nin detail"},
		},
		{
			name:  "a value replaced by ReplaceAttr",
			opts:  replace,
			attrs: attrs{slog.Int("a", 1)},
			want:  stored{"a": "to " + hidden},
		},
		{
			name:  "attributes from a filter and the context",
			opts:  adding,
			attrs: attrs{slog.Int("a", 1)},
			want:  stored{"a": int64(1), "b": hidden, "ctx": hidden},
		},
		{
			name:  "together with keys",
			opts:  both,
			attrs: attrs{slog.String("Password", secret), slog.String("a", mail)},
			want:  stored{"Password": hidden, "a": hidden},
		},
		{
			name:  "a text that is cut",
			opts:  opts,
			attrs: attrs{slog.String("a", strings.Repeat("x", 32_760)+" "+mail)},
			want:  stored{"a": strings.Repeat("x", 32_760) + " *CENS", "truncated": "a"},
		},
	}
	for i, tc := range tests {
		if p, ok := tc.want["p"].(string); ok {
			h, c := newCapture(t, opts)
			got := fields(decode(t, handle(t, h, c, record("m", tc.attrs...))))["p"].(string)
			if !strings.HasPrefix(got, p) || strings.Contains(got, mail) {
				t.Errorf("a LogValuer that panics is stored as %q", got)
			}
			tests[i].want["p"] = got
		}
	}
	runStored(t, tests)
}

// TestCensorValuesBuiltin checks that patterns are applied to the message, to event and
// to the name of the level, and that a converter gets the censored message.
func TestCensorValuesBuiltin(t *testing.T) {
	opts := Config{Logger: "TTP_x", CensorValues: []censor.Pattern{censor.Email},
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.LevelKey {
				a.Value = slog.StringValue("a@b.de")
			}
			return a
		}}
	h, c := newCapture(t, opts)
	m := decode(t, handle(t, h, c, record("to alice@example.com: hi", slog.Int("n", 1))))
	if m.Message != "to *CENSORED*: hi" || m.Fields["event"] != m.Message || m.Fields["level_name"] != censored ||
		m.Fields["logger"] != "TTP_x" {
		t.Errorf("message %q, event %q, level_name %q", m.Message, m.Fields["event"], m.Fields["level_name"])
	}
	opts.Converter = func(_ bool, _ func([]string, slog.Attr) slog.Attr, _ []slog.Attr, _ []string,
		r *slog.Record) map[string]any {
		return map[string]any{"title": strings.ToUpper(r.Message), "who": "a@b.de",
			"m": map[string]string{"x": "c@d.de"}}
	}
	h, c = newCapture(t, opts)
	m = decode(t, handle(t, h, c, record("to alice@example.com: hi")))
	if diff := cmp.Diff(stored{"logger": "TTP_x", "title": "TO *CENSORED*: HI", "who": censored,
		"m": `{"x":"*CENSORED*"}`}, fields(m)); diff != "" {
		t.Errorf("fields of a converter (-want +got):\n%s", diff)
	}
	if _, err := New(Config{CensorValues: []censor.Pattern{censor.Email,
		censor.Regexp("none", nil)}}); err == nil ||
		!strings.Contains(err.Error(), "pattern 2 of 2 is empty: remove it") {
		t.Errorf("New with an empty pattern returns %v", err)
	}
}
