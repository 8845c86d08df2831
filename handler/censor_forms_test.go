package handler

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"testing"
)

type untagged struct {
	User     string
	Password string
	Inner    *untagged `json:",omitempty"`
}

// TestCensorForms checks that a key is recognized in each form of a value.
func TestCensorForms(t *testing.T) {
	const hidden = censored
	opts := Config{Censor: []string{"password", "authorization", "set-cookie", "db.user", "*_token"}}
	runStored(t, []storedTest{
		{
			name:  "case",
			opts:  opts,
			attrs: attrs{slog.String("Password", secret), slog.Int("PASSWORD", 1), slog.String("db.password", secret)},
			want:  stored{"Password": hidden, "PASSWORD": hidden, "db_password": hidden},
		},
		{
			name:  "a struct without tags",
			opts:  opts,
			attrs: attrs{slog.Any("v", untagged{"u", secret, &untagged{"u", secret, nil}})},
			want:  stored{"v": `{"User":"u","Password":"*CENSORED*","Inner":{"User":"u","Password":"*CENSORED*"}}`},
		},
		{
			name: "headers",
			opts: opts,
			attrs: attrs{slog.Any("h", http.Header{"Authorization": {secret}, "Set-Cookie": {secret},
				"Accept": {"*/*"}}), slog.Group("http", "Authorization", secret)},
			want: stored{"h": `{"Accept":["*/*"],"Authorization":"*CENSORED*","Set-Cookie":"*CENSORED*"}`,
				"http_Authorization": hidden},
		},
		{
			name:  "url.Values",
			opts:  opts,
			attrs: attrs{slog.Any("v", url.Values{"user[password]": {secret}, "Access_Token": {secret}, "q": {"x"}})},
			want:  stored{"v": `{"Access_Token":"*CENSORED*","q":["x"],"user[password]":"*CENSORED*"}`},
		},
		{
			name: "a path through a group and a map",
			opts: opts,
			attrs: attrs{slog.Group("g", slog.Any("db", map[string]any{"user": secret, "host": "h"})),
				slog.Any("user", "free")},
			want: stored{"g_db": `{"host":"h","user":"*CENSORED*"}`, "user": "free"},
		},
		{
			name:  "a path within maps",
			opts:  opts,
			attrs: attrs{slog.Any("v", map[string]any{"db": []any{map[string]any{"user": secret}}, "user": "free"})},
			want:  stored{"v": `{"db":[{"user":"*CENSORED*"}],"user":"free"}`},
		},
		{
			name: "a path within JSON",
			opts: opts,
			attrs: attrs{slog.Any("v", json.RawMessage(`{"DB":{"a":[{}],"User":["hunter2"]},"User":"free"}`)),
				slog.Any("db", json.RawMessage(`{"User":"hunter2","x":{"User":1}}`))},
			want: stored{"v": `{"DB":{"a":[{}],"User":"*CENSORED*"},"User":"free"}`,
				"db": `{"User":"*CENSORED*","x":{"User":1}}`},
		},
		{
			name:  "a path in open groups",
			opts:  opts,
			with:  func(h slog.Handler) slog.Handler { return h.WithGroup("x").WithGroup("DB") },
			attrs: attrs{slog.String("user", secret), slog.String("name", "n")},
			want:  stored{"x_DB_user": hidden, "x_DB_name": "n"},
		},
		{
			name:  "a struct as the key of a map",
			opts:  opts,
			attrs: attrs{slog.Any("v", map[untagged]int{{"u", secret, nil}: 1})},
			want:  stored{"v": `{"{\"User\":\"u\",\"Password\":\"*CENSORED*\"}":1}`},
		},
		{
			name:  "the text of a number",
			opts:  Config{Censor: []string{"N.Text", "secret"}},
			attrs: attrs{slog.Uint64("n", 1<<63), slog.Uint64("Secret", 1<<63)},
			want:  stored{"n_text": hidden, "Secret": hidden},
		},
		{
			name: "the stack of an error",
			opts: opts,
			attrs: attrs{slog.Any("password", detailed{secret}),
				slog.Group("g", "Password", WithStack(errors.New(secret)))},
			want: stored{"password": hidden, "g_Password": hidden},
		},
		{
			name:  "full_message",
			opts:  Config{Censor: []string{"full_message"}},
			attrs: attrs{slog.Any("err", detailed{"boom"})},
			want:  stored{"err": "boom", "full_message": hidden},
		},
	})
}
