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
)

// TestValuePatterns tells what the ready-made patterns find. In want, [ ] are
// around what is hidden.
func TestValuePatterns(t *testing.T) {
	const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl-_"
	for name, texts := range map[string][]string{
		"bearer": {
			"Bearer [abc.def-123_~+/==]", "Authorization: bearer [s3cr3t], next", `{"a":"BEARER [x]"}`,
			"Bearer%20[x]&y", "a Bearer\t[x] and Bearer [y]",
			`bearer="[x]"`, "forbearer x", "Bearer", "Bearer ", "Bearer: ", "bearerx y", "no such word", "",
		},
		"basic": {
			"Basic [dXNlcjpodW50ZXIy]", "basic [dXNlcjpodW50ZXIyMQ==]", "Authorization: BASIC [OnB3]",
			"Basic training started", "basic dXNlcg==", "Basic",
			"basic needs, then Basic [dXNlcjpwdw]", "Basic [OkD_-w==]", "Basic basic [dXNlcjpodW50ZXIy]",
			"basic=basic=[dXNlcjpodW50ZXIy]", "basic:x:basic%20[dXNlcjpwdw]", "basic a:basic [dXNlcjpwdw]",
		},
		"jwt": {"[" + jwt + "]", "token=[" + jwt + "];x", "eyJhbGci", "eyJhbGci.x", "[eyJhbGci.x.]", "xeyJhbGci.x.y",
			"eyJ eyJ"},
		"url": {
			"postgres://user:[hunter2]@db:5432/x", "amqp://:[pw]@host", "https://host:8080/a@b", "https://user@host/",
			"https://host/a?b=c:d@e", "://", "x://u:[p:w@d]@h",
			"a://u:[p]@h and b://v:[q]@h", "redis://user:@host",
		},
		"email": {
			"[alice@example.com]", "to [alice.b+c@mail.example.co.uk], cc <[bob@x.de]>.",
			"user=[a@b.de]&x=[%20c%40d.org];", "mailto:[a@b.de]?x", "[дима@почта.рф] x",
			"a@b", "@example.com", "a@", "@", "module@v1.2.3", "x@1.2.3.4", "a@b.c", "go/pkg@v0.0.0-2020.rc1/file.go",
			"[a_b@xn--80a.xn--p1ai]", "[o'neil@x.ie]",
			"a@b..de", "[a@b.de]@[c@d.de]", "git@host:org/repo", "[Müller@Bücher.example]", "[a@b.museum].",
		},
		"iban": {
			"[DE89370400440532013000]", "IBAN [DE89 3704 0044 0532 0130 00] was paid", "[de89370400440532013000]",
			"[GB29-NWBK-6016-1331-9268-19]", "[GB29\u00a0NWBK\u00a06016\u00a01331\u00a09268\u00a019].",
			"DE88370400440532013000", "XDE89370400440532013000", "DE893704004405320130001", "DE8937040044053201300",
			"[NO9386011117947]", "[MT84MALT011000012345MTLCAST001S]", "[BE68 5390 0754 7034] 12",
			"no iban here, not even DE89", "sha de89370400440532013000ff", "[FR1420041010050500013M02606]:x", "DE8",
		},
		"card": {
			"[4111111111111111]", "[4111 1111 1111 1111] ok", "card [5500-0000-0000-0004].", "[378282246310005]",
			"4111111111111112", "14111111111111111", "1700000000123456789",
			"x4111111111111111", "4111111111111111x", "4111 1111", "[6011000990139424],[30569309025904]",
		},
	} {
		var p ValuePattern
		if err := p.UnmarshalText([]byte(strings.ToUpper(name))); err != nil || p.String() != name {
			t.Fatalf("%s: %v, %v", name, p, err)
		}
		c := &censor{values: []ValuePattern{p}}
		for _, text := range texts {
			plain := strings.NewReplacer("[", "", "]", "").Replace(text)
			want := regexp.MustCompile(`\[.*?\]`).ReplaceAllString(text, censored)
			if got := c.text(plain); got != want {
				t.Errorf("%s: %q becomes %q, want %q", name, plain, got, want)
			}
			if got := c.text(want); strings.ReplaceAll(got, censored, "") != strings.ReplaceAll(want, censored, "") {
				t.Errorf("%s: %q, which is censored, becomes %q", name, want, got)
			}
		}
	}
	var p ValuePattern
	if err := p.UnmarshalText([]byte("mail")); err == nil || !strings.Contains(err.Error(), `"mail"`) ||
		!strings.Contains(err.Error(), "bearer, basic, jwt, url, email, iban, card") {
		t.Errorf("an unknown pattern gives the error %v", err)
	}
}

type mailMarshaler struct{ mail string }

func (m mailMarshaler) MarshalJSON() ([]byte, error) {
	return []byte(`{"to":["alice\u0040example.com"],"plain":"` + m.mail + `","n":1}`), nil
}

type mailText struct{ mail string }

func (m mailText) MarshalText() ([]byte, error) { return []byte(m.mail), nil }

type mailStringer struct{ mail string }

func (m mailStringer) String() string { return m.mail }

// TestCensorValues tells in which texts of a record the patterns look.
func TestCensorValues(t *testing.T) {
	const mail, hidden = "alice@example.com", censored
	const panicked = "!PANIC: a string in github.com/aimakerspace/synlogger/handler.TestCensorValues"
	opts := Options{CensorValues: []ValuePattern{ValuePatternEmail,
		MatchRegexp("badge", regexp.MustCompile(`badge (\d+)`))}}
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
		{name: "a text", opts: opts,
			attrs: attrs{slog.String("a", "to "+mail+"!"), slog.String("b", "badge 123, badge 4"), slog.Int("n", 1)},
			want:  stored{"a": "to *CENSORED*!", "b": "badge *CENSORED*, badge *CENSORED*", "n": int64(1)}},
		{name: "values with text", opts: opts,
			attrs: attrs{slog.Any("err", errors.New("to "+mail)), slog.Any("t", mailText{mail}),
				slog.Any("s", mailStringer{mail}), slog.Any("b", []byte(mail)), slog.Any("n", namedString(mail))},
			want: stored{"err": "to " + hidden, "t": hidden, "s": hidden, "b": hidden, "n": hidden}},
		{name: "a group", opts: opts, attrs: attrs{slog.Group("g", "a", mail, slog.Group("h", "b", mail))},
			want: stored{"g_a": hidden, "g_h_b": hidden}},
		{name: "a LogValuer", opts: opts,
			attrs: attrs{slog.Any("v", logValuer(func() slog.Value { return slog.StringValue(mail) })),
				slog.Any("p", logValuer(func() slog.Value { panic(mail) }))},
			want: stored{"v": hidden, "p": panicked}},
		{name: "containers", opts: opts,
			attrs: attrs{slog.Any("m", map[string]any{"a": []any{mail, 1}, mail: mailStringer{mail}}),
				slog.Any("s", struct{ Mail, Other string }{mail, "x"})},
			want: stored{"m": `{"a":["*CENSORED*",1],"*CENSORED*":"*CENSORED*"}`,
				"s": `{"Mail":"*CENSORED*","Other":"x"}`}},
		{name: "JSON", opts: opts,
			attrs: attrs{slog.Any("j", mailMarshaler{mail}), slog.Any("raw", json.RawMessage(`"a\u0040b.de"`)),
				slog.Any("l", []any{mailMarshaler{mail}})},
			want: stored{"j": `{"to":["*CENSORED*"],"plain":"*CENSORED*","n":1}`, "raw": hidden,
				"l": `[{"to":["*CENSORED*"],"plain":"*CENSORED*","n":1}]`}},
		{name: "the detail of an error", opts: opts, attrs: attrs{slog.Any("err", detailed{mail})},
			want: stored{"err": hidden, "full_message": hidden + "\nin detail"}},
		{name: "what ReplaceAttr makes", opts: replace, attrs: attrs{slog.Int("a", 1)},
			want: stored{"a": "to " + hidden}},
		{name: "what filters and the context add", opts: adding, attrs: attrs{slog.Int("a", 1)},
			want: stored{"a": int64(1), "b": hidden, "ctx": hidden}},
		{name: "beside keys", opts: both, attrs: attrs{slog.String("Password", secret), slog.String("a", mail)},
			want: stored{"Password": hidden, "a": hidden}},
		{name: "a text that is cut", opts: opts, attrs: attrs{slog.String("a", strings.Repeat("x", 32_760)+" "+mail)},
			want: stored{"a": strings.Repeat("x", 32_760) + " *CENS", "truncated": "a"}},
	}
	for i, tc := range tests {
		if p, ok := tc.want["p"].(string); ok {
			h, c := newCapture(t, opts)
			got := fields(decode(t, handle(t, h, c, record("m", tc.attrs...))))["p"].(string)
			if !strings.HasPrefix(got, p) || strings.Contains(got, mail) {
				t.Errorf("a LogValuer that panics becomes %q", got)
			}
			tests[i].want["p"] = got
		}
	}
	runStored(t, tests)
}

// TestCensorValuesBuiltin holds that the patterns look into the message, event
// and the name of the level, too, and that a converter does not see what they
// hide in the message.
func TestCensorValuesBuiltin(t *testing.T) {
	opts := Options{Logger: "TTP_x", CensorValues: []ValuePattern{ValuePatternEmail},
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
	if _, err := New(Options{CensorValues: []ValuePattern{ValuePatternEmail,
		MatchRegexp("none", nil)}}); err == nil ||
		!strings.Contains(err.Error(), "CensorValues 2 of 2 is empty: remove it") {
		t.Errorf("an empty pattern gives the error %v", err)
	}
}

// FuzzValuePatterns holds that no text makes a pattern panic or hang, and that
// what is outside of the marks stays as it was.
func FuzzValuePatterns(f *testing.F) {
	for _, text := range []string{"Bearer x", "a@b.de %40", "DE89 3704 0044 0532 0130 00", "4111-1111", "eyJa.b.c",
		"x://u:p@h", "Basic dTpw", "\xff@\xff.de", "bearer:=\"'%20"} {
		f.Add(text)
	}
	c := &censor{values: append(ValuePatterns(), MatchRegexp("digits", regexp.MustCompile(`\b(\d*)x`)))}
	f.Fuzz(func(t *testing.T, text string) {
		for i := range c.values {
			p := &c.values[i]
			if p.needs&^signsOf(text) != 0 && p.find != nil {
				if start, end := p.find(text, 0); start >= 0 {
					t.Fatalf("%s finds %q in %q, whose signs exclude it", p, text[start:end], text)
				}
			}
			shown := strings.Split(p.hide(text), censored)
			rest := text
			for _, part := range shown {
				_, after, ok := strings.Cut(rest, part)
				if !ok && !strings.Contains(text, censored) {
					t.Fatalf("%s: %q is not in the rest of %q", p, part, text)
				}
				rest = after
			}
		}
		c.text(text)
	})
}
