package handler

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestCensorKeys tells which paths of keys a rule hides.
func TestCensorKeys(t *testing.T) {
	for _, tc := range []struct {
		rule         string
		hidden, free []string // "a>b" is the key b in the group a
	}{
		{
			"password",
			[]string{"password", "Password", "PASSWORD", "_password", "pass-word", "PassWord", "db.password",
				"DB.Password", "db>password", "a>db>Password", "a.b.password", "db/password", "user[password]",
				"password.old", "user.password.old", "password[0]", "db>Password[x].y"},
			[]string{"passwords", "pass", "passwords.x", "x.passwords", "db_password", "mypassword", "password>x", ""},
		},
		{
			"db.password",
			[]string{"db.password", "DB.Password", "db_password", "db-password", "dbPassword", "db>password",
				"app>db>password", "app>db.password", "app.db.password", "db>PASSWORD",
				"db.password.0", "app>db.password[0]"},
			[]string{"password", "user.password", "user>password", "mydb>password", "mydb.password", "db>x>password",
				"db"},
		},
		{"api_key", []string{"api_key", "apiKey", "APIKey", "Api-Key", "api key", "x.api_key", "api>key"},
			[]string{"api", "key", "x-api-key", "api_keys"}},
		{"*_token", []string{"access_token", "Access-Token", "accessToken", "AccessToken", "ACCESS_TOKEN",
			"x.access_token", "x>id_token", "access>token", "AcCeSs_ToKeN", "ACCESSTOKEN"},
			[]string{"token", "_token", "access_token_type", "tokens"}},
		{"*token", []string{"token", "accessToken", "apitoken", "x>Token"}, []string{"token_type", "tokens"}},
		{"secret*", []string{"secret", "secrets", "Secret_Key", "secretKey", "x.secret_key", "x>secret_key"},
			[]string{"my_secret", "mysecret_key", "secre"}},
		{"*apikey*", []string{"apikey", "ApiKey", "api_key", "MyAPI-KeyID", "x>api_key"},
			[]string{"api", "key", "key_api"}},
		{"x-*-key", []string{"X-Api-Key", "x_api_key", "x-a-b-key"}, []string{"x-key", "api-key", "x-keys"}},
		{"db.*", []string{"db.password", "db_user", "db>user", "DbUser", "db>a>b", "x>db>y"},
			[]string{"db", "mydb.user", "x>db"}},
		{"=Password", []string{"Password", "db>Password", "_Password"},
			[]string{"password", "PASSWORD", "db.Password", "Pass-word"}},
		{"=db.password", []string{"db.password", "db_password", "db>password"},
			[]string{"Db.password", "DB>password", "a>db>password", "password"}},
		{"=a*", []string{"a*"}, []string{"ab", "A*"}},
		{"==a", []string{"=a"}, []string{"a"}},
		{"пароль", []string{"пароль", "ПАРОЛЬ", "Пароль", "db>пароль", "db.Пароль", "_______aa992d"},
			[]string{"______", "aa992d", "имя", "абвгде"}},
		{"Straße", []string{"straße", "STRAẞE", "stra_e"}, []string{"strasse"}},
		{"token", []string{"toKen", "TOKEN"}, []string{"tøken"}},
		{"pass", []string{"paſſ", "PASS"}, nil},
		{"", []string{""}, []string{"a", "-"}},
		{"--", []string{"--"}, []string{"", "-", "a--"}},
	} {
		c, err := newCensor([]string{"else", tc.rule}, nil)
		if err != nil {
			t.Fatal(err)
		}
		check := func(path string, want bool) {
			keys := strings.Split(path, ">")
			groups, key := keys[:len(keys)-1], keys[len(keys)-1]
			if got := c.hides(groups, key); got != want {
				t.Errorf("the rule %q hides %q: %v, want %v", tc.rule, path, got, want)
			}
		}
		for _, path := range tc.hidden {
			check(path, true)
		}
		for _, path := range tc.free {
			check(path, false)
		}
	}
}

type untagged struct {
	User     string
	Password string
	Inner    *untagged `json:",omitempty"`
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

func (secretFormat) Error() string          { return "short" }
func (secretFormat) Format(fmt.State, rune) { panic(secret) }

// TestCensorForms tells in which forms of a value a key is found.
func TestCensorForms(t *testing.T) {
	const hidden = censored
	opts := Options{Censor: []string{"password", "authorization", "set-cookie", "db.user", "*_token"}}
	runStored(t, []storedTest{
		{name: "case", opts: opts,
			attrs: attrs{slog.String("Password", secret), slog.Int("PASSWORD", 1), slog.String("db.password", secret)},
			want:  stored{"Password": hidden, "PASSWORD": hidden, "db_password": hidden}},
		{name: "a struct without tags", opts: opts,
			attrs: attrs{slog.Any("v", untagged{"u", secret, &untagged{"u", secret, nil}})},
			want:  stored{"v": `{"User":"u","Password":"*CENSORED*","Inner":{"User":"u","Password":"*CENSORED*"}}`}},
		{name: "headers", opts: opts,
			attrs: attrs{slog.Any("h", http.Header{"Authorization": {secret}, "Set-Cookie": {secret},
				"Accept": {"*/*"}}), slog.Group("http", "Authorization", secret)},
			want: stored{"h": `{"Accept":["*/*"],"Authorization":"*CENSORED*","Set-Cookie":"*CENSORED*"}`,
				"http_Authorization": hidden}},
		{name: "values of a form", opts: opts,
			attrs: attrs{slog.Any("v", url.Values{"user[password]": {secret}, "Access_Token": {secret}, "q": {"x"}})},
			want:  stored{"v": `{"Access_Token":"*CENSORED*","q":["x"],"user[password]":"*CENSORED*"}`}},
		{name: "a path through a group and a map", opts: opts,
			attrs: attrs{slog.Group("g", slog.Any("db", map[string]any{"user": secret, "host": "h"})),
				slog.Any("user", "free")},
			want: stored{"g_db": `{"host":"h","user":"*CENSORED*"}`, "user": "free"}},
		{name: "a path within maps", opts: opts,
			attrs: attrs{slog.Any("v", map[string]any{"db": []any{map[string]any{"user": secret}}, "user": "free"})},
			want:  stored{"v": `{"db":[{"user":"*CENSORED*"}],"user":"free"}`}},
		{name: "a path within JSON", opts: opts,
			attrs: attrs{slog.Any("v", json.RawMessage(`{"DB":{"a":[{}],"User":["hunter2"]},"User":"free"}`)),
				slog.Any("db", json.RawMessage(`{"User":"hunter2","x":{"User":1}}`))},
			want: stored{"v": `{"DB":{"a":[{}],"User":"*CENSORED*"},"User":"free"}`,
				"db": `{"User":"*CENSORED*","x":{"User":1}}`}},
		{name: "a path in open groups", opts: opts,
			with:  func(h slog.Handler) slog.Handler { return h.WithGroup("x").WithGroup("DB") },
			attrs: attrs{slog.String("user", secret), slog.String("name", "n")},
			want:  stored{"x_DB_user": hidden, "x_DB_name": "n"}},
		{name: "a struct as the key of a map", opts: opts,
			attrs: attrs{slog.Any("v", map[untagged]int{{"u", secret, nil}: 1})},
			want:  stored{"v": `{"{\"User\":\"u\",\"Password\":\"*CENSORED*\"}":1}`}},
		{name: "the text of a number", opts: Options{Censor: []string{"N.Text", "secret"}},
			attrs: attrs{slog.Uint64("n", 1<<63), slog.Uint64("Secret", 1<<63)},
			want:  stored{"n_text": hidden, "Secret": hidden}},
		{name: "the detail of an error", opts: opts,
			attrs: attrs{slog.Any("password", detailed{secret}),
				slog.Group("g", "Password", WithStack(errors.New(secret)))},
			want: stored{"password": hidden, "g_Password": hidden}},
		{name: "full_message", opts: Options{Censor: []string{"full_message"}},
			attrs: attrs{slog.Any("err", detailed{"boom"})}, want: stored{"err": "boom", "full_message": hidden}},
	})
}

// TestCensorFailures holds that the text of a value which fails is not shown
// beside a censor: it may be of a part that the censor would have hidden.
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
			h, c := newCapture(t, Options{Censor: []string{"password"}})
			frame := string(handle(t, h, c, record("m", slog.Any("v", v))))
			decode(t, []byte(frame))
			if strings.Contains(frame, secret) {
				t.Errorf("the secret is in the frame: %s", frame)
			}
			if _, ok := v.(secretFormat); !ok && !strings.Contains(frame, "!PANIC: ") &&
				!strings.Contains(frame, "!ERROR: ") {
				t.Errorf("the frame does not say that the value failed: %s", frame)
			}
		})
	}
	h, c := newCapture(t, Options{Censor: []string{"password"}})
	frame := string(handle(t, h, c, record("m", slog.Any("v", logValuer(func() slog.Value {
		var list []int
		return slog.IntValue(list[len(secret)])
	})), slog.Any("w", struct{ F func() }{func() {}}))))
	for _, want := range []string{"!PANIC: runtime error: index out of range in ", "TestCensorFailures",
		"censor_key_test.go:", "!ERROR: json: unsupported type: func()"} {
		if !strings.Contains(frame, want) {
			t.Errorf("%q is not in the frame: %s", want, frame)
		}
	}
}
