package handler

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	sloggraylog "github.com/samber/slog-graylog/v2"
)

const secret = "hunter2"

type credentials struct {
	User     string            `json:"user"`
	Secret   string            `json:"password"`
	Nested   map[string]any    `json:"nested,omitempty"`
	Password string            `json:"-"`
	More     []json.RawMessage `json:"more,omitempty"`
}

// TestCensor checks that the value of a censored key is hidden everywhere, whatever its
// type.
func TestCensor(t *testing.T) {
	const hidden = censored
	pw := Config{Censor: []string{"password"}}
	rename := pw
	rename.ReplaceAttr = func(_ []string, a slog.Attr) slog.Attr {
		switch a.Key {
		case "pass":
			a.Key = "password"
		case "password":
			a.Key = "pass"
		}
		return a
	}
	regroup := pw
	regroup.ReplaceAttr = func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == "a" {
			return slog.Group("g", slog.String("password", secret))
		}
		return a
	}
	adding := pw
	adding.Filters = []Filter{func(_ context.Context, r slog.Record) (slog.Record, bool) {
		r.AddAttrs(slog.String("password", secret), slog.Group("deep", "password", secret))
		return r, true
	}}
	text := func(v any, want string) storedTest {
		return storedTest{opts: pw, attrs: attrs{slog.Any("v", v)}, want: stored{"v": want}}
	}
	named := func(name string, tc storedTest) storedTest { tc.name = name; return tc }
	tests := []storedTest{
		{
			name:  "a string",
			opts:  pw,
			attrs: attrs{slog.String("password", secret)},
			want:  stored{"password": hidden},
		},
		{
			name:  "falsy values",
			opts:  Config{Censor: []string{"a", "b", "c", "d"}},
			attrs: attrs{slog.Int("a", 0), slog.Bool("b", false), slog.String("c", ""), slog.Any("d", nil)},
			want:  stored{"a": hidden, "b": hidden, "c": hidden, "d": hidden},
		},
		{
			name: "other keys",
			opts: pw,
			attrs: attrs{slog.String("passwords", "b"), slog.String("pass", "c"), slog.String("passwords.x", "d"),
				slog.String("db_password", "e")},
			want: stored{"passwords": "b", "pass": "c", "passwords_x": "d", "db_password": "e"},
		},
		{
			name:  "bound and called",
			opts:  pw,
			with:  with(slog.String("password", secret)),
			attrs: attrs{slog.String("password", secret)},
			want:  stored{"password": hidden},
		},
		{
			name:  "in a group",
			opts:  pw,
			attrs: attrs{slog.Group("db", "password", secret, slog.Group("x", "password", secret))},
			want:  stored{"db_password": hidden, "db_x_password": hidden},
		},
		{
			name:  "in a group without a key",
			opts:  pw,
			attrs: attrs{slog.Group("", "password", secret)},
			want:  stored{"password": hidden},
		},
		{
			name:  "in an open group",
			opts:  pw,
			with:  func(h slog.Handler) slog.Handler { return h.WithGroup("db") },
			attrs: attrs{slog.String("password", secret)},
			want:  stored{"db_password": hidden},
		},
		{
			name:  "a group",
			opts:  pw,
			attrs: attrs{slog.Group("password", "a", secret, slog.Group("b", "c", secret)), slog.Int("after", 1)},
			want:  stored{"password": hidden, "after": int64(1)},
		},
		{
			name:  "a group in a group",
			opts:  pw,
			attrs: attrs{slog.Group("db", slog.Group("password", "a", secret), slog.Int("after", 1))},
			want:  stored{"db_password": hidden, "db_after": int64(1)},
		},
		{
			name:  "an empty group",
			opts:  pw,
			attrs: attrs{slog.Group("password")},
			want:  stored{},
		},
		{
			name: "a hidden open group",
			opts: pw,
			with: func(h slog.Handler) slog.Handler {
				return h.WithGroup("password").WithAttrs(attrs{slog.String("a", secret)}).WithGroup("b")
			},
			attrs: attrs{slog.String("c", secret), slog.Group("d", "e", secret)},
			want:  stored{"password": hidden},
		},
		{
			name:  "an open group inside another",
			opts:  pw,
			with:  func(h slog.Handler) slog.Handler { return h.WithGroup("g").WithGroup("password") },
			attrs: attrs{slog.String("c", secret), {}},
			want:  stored{"g_password": hidden},
		},
		{
			name: "a path",
			opts: Config{Censor: []string{"db.password"}},
			attrs: attrs{slog.Group("db", "password", secret), slog.String("password", "free"),
				slog.String("db password", secret)},
			want: stored{"db_password": hidden, "db_password_c62bd5c4": hidden, "password": "free"},
		},
		{
			name:  "a path to a group",
			opts:  Config{Censor: []string{"db.login"}},
			attrs: attrs{slog.Group("db", slog.Group("login", "password", secret), slog.Int("n", 1))},
			want:  stored{"db_login": hidden, "db_n": int64(1)},
		},
		{
			name:  "stored names",
			opts:  Config{Censor: []string{"id", "a b", "_c"}},
			attrs: attrs{slog.String("id", secret), slog.String("a_b", secret), slog.String("c", secret)},
			want:  stored{"id_": hidden, "a_b": hidden, "c": hidden},
		},
		{
			name:  "a leading underscore",
			opts:  pw,
			attrs: attrs{slog.String("_password", secret)},
			want:  stored{"password": hidden},
		},
		{
			name:  "a group of underscores",
			opts:  Config{Censor: []string{"__g"}},
			attrs: attrs{slog.Group("__g", "a", secret)},
			want:  stored{"_g": hidden},
		},
		{
			name:  "a LogValuer",
			opts:  pw,
			attrs: attrs{slog.Any("password", logValuer(func() slog.Value { return slog.StringValue(secret) }))},
			want:  stored{"password": hidden},
		},
		{
			name:  "a LogValuer that panics",
			opts:  pw,
			attrs: attrs{slog.Any("password", logValuer(func() slog.Value { panic(secret) }))},
			want:  stored{"password": hidden},
		},
		{
			name: "in a LogValuer",
			opts: pw,
			attrs: attrs{slog.Any("v", logValuer(func() slog.Value {
				return slog.GroupValue(slog.String("password",
					secret))
			}))},
			want: stored{"v_password": hidden},
		},
		{
			name:  "keys renamed by ReplaceAttr",
			opts:  rename,
			attrs: attrs{slog.String("pass", secret), slog.Group("g", "password", secret)},
			want:  stored{"password": hidden, "g_password": hidden},
		},
		{
			name:  "a group made by ReplaceAttr",
			opts:  regroup,
			attrs: attrs{slog.Int("a", 1)},
			want:  stored{"g_password": hidden},
		},
		{
			name:  "attributes added by a filter",
			opts:  adding,
			attrs: attrs{slog.Int("a", 1)},
			want:  stored{"a": int64(1), "password": hidden, "deep_password": hidden},
		},
		{
			name:  "the text of a number",
			opts:  Config{Censor: []string{"n_text"}},
			attrs: attrs{slog.Uint64("n", 1<<63)},
			want:  stored{"n_text": hidden},
		},
		named("a map", text(map[string]any{"password": secret, "deep": []any{map[string]string{"password": secret}},
			"free": 1},
			`{"deep":[{"password":"*CENSORED*"}],"free":1,"password":"*CENSORED*"}`)),
		named("falsy values in a map", text(map[string]any{"password": nil, "x": map[string]int{"password": 0}},
			`{"password":"*CENSORED*","x":{"password":"*CENSORED*"}}`)),
		named("keys of a named type", text(map[namedString]string{"password": secret},
			`{"password":"*CENSORED*"}`)),
		named("a struct", text(credentials{User: "u", Secret: secret, Password: secret},
			`{"user":"u","password":"*CENSORED*"}`)),
		named("deep in a struct", text(&credentials{Nested: map[string]any{"password": []string{secret, "]}"},
			"a": []any{1, "password"}}},
			`{"user":"","password":"*CENSORED*","nested":{"a":[1,"password"],"password":"*CENSORED*"}}`)),
		named("a json.Marshaler", text(
			jsonMarshaler(`{"a":{"p\u0061ssword" : {"x":["`+secret+`"]}, "b":"\"password\":"},"password":1.5}`),
			`{"a":{"p\u0061ssword":"*CENSORED*","b":"\"password\":"},"password":"*CENSORED*"}`)),
		named("raw JSON in a struct in a slice",
			text([]any{credentials{More: []json.RawMessage{json.RawMessage(`{"password":["hunter2"]}`)}}},
				`[{"user":"","password":"*CENSORED*","more":[{"password":"*CENSORED*"}]}]`)),
		named("an attribute as a value", text(slog.String("password", secret), `{"password":"*CENSORED*"}`)),
		named("attributes in a slice", text([]any{slog.String("password", secret),
			attrs{slog.Group("g", "password", secret)}},
			`[{"password":"*CENSORED*"},[{"g":{"password":"*CENSORED*"}}]]`)),
		named("slog's groups in a slice", text([]any{slog.GroupValue(slog.String("password", secret)),
			logValuer(func() slog.Value { return slog.GroupValue(slog.Group("g", "password", secret)) })},
			`[{"password":"*CENSORED*"},{"g":{"password":"*CENSORED*"}}]`)),
	}
	for i := range tests {
		if tests[i].opts.Censor == nil {
			t.Fatalf("%s censors nothing", tests[i].name)
		}
	}
	runStored(t, tests)
}

// TestCensorConverter checks that the fields of a converter are censored.
func TestCensorConverter(t *testing.T) {
	h, c := newCapture(t, Config{Censor: []string{"password", "g.token"},
		Converter: func(_ bool, _ func([]string, slog.Attr) slog.Attr, _ []slog.Attr, _ []string,
			_ *slog.Record) map[string]any {
			return map[string]any{"password": secret, "m": map[string]any{"password": secret}, "g_token": secret,
				"l": []any{map[string]any{"password": secret}},
				"lv": logValuer(func() slog.Value {
					return slog.GroupValue(slog.String("password", secret),
						slog.Any("p", panicker{1}))
				})}
		}})
	frame := handle(t, h, c, record("m"))
	decode(t, frame)
	if bytes.Contains(frame, []byte(secret)) {
		t.Errorf("the secret is in the frame: %s", frame)
	}

	h, c = newCapture(t, Config{Censor: []string{"password"}, Converter: sloggraylog.DefaultConverter})
	hh := h.WithAttrs(attrs{slog.String("password", secret)}).WithGroup("g").WithAttrs(attrs{slog.String("password",
		secret)})
	frame = handle(t, hh, c, record("m", slog.String("password", secret), slog.Any("err", detailed{"boom"})))
	decode(t, frame)
	if bytes.Contains(frame, []byte(secret)) || bytes.Count(frame, []byte(censored)) < 2 {
		t.Errorf("the frame is not censored: %s", frame)
	}
}

// TestCensorRequiredFields checks that New rejects rules that would hide a required
// field, and that a fallback keeps the other rules.
func TestCensorRequiredFields(t *testing.T) {
	for _, key := range []string{
		"logger", "level", "_logger", "_level", "logger_", "event", "Event", "EVENT", "_event", "=event", "=LOGGER",
		"level_name", "LevelName", "level-number",
		"seq", "message", "short_message", "*", "**", "ev*", "*ger", "*_name", "level*", "*.*", "s*", "*e*e*t*",
	} {
		_, err := New(Config{Censor: []string{"password", key}})
		if err == nil || !strings.Contains(err.Error(), key) || !strings.Contains(err.Error(), "remove it") {
			t.Errorf("censoring %q: New returns %v", key, err)
		}
		line := stderrOf(t, func() {
			h := Fallback(Config{AddEvent: true, Censor: []string{"password", key}}, err)
			if err := h.Handle(context.Background(), record("m", slog.String("PASSWORD", secret))); err != nil {
				t.Error(err)
			}
		})
		if strings.Contains(line, secret) || !strings.Contains(line, `"_event":"m"`) {
			t.Errorf("censoring %q: the fallback writes %s", key, line)
		}
	}
	for _, key := range []string{"", "id", "source", "host", "events", "db.event", "=Logg*", "*_token", "=*"} {
		if _, err := New(Config{Censor: []string{key}}); err != nil {
			t.Errorf("censoring %q: %v", key, err)
		}
	}
}
