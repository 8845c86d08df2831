package handler_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/gelftest"
	"github.com/aimakerspace/synlogger/handler"
)

const randomSecret = "S3CR3T-4711"

// A secretive makes random attributes that contain the secret under a censored key.
type secretive struct{ *rand.Rand }

// key returns a censored key in one of its forms.
func (s secretive) key() string {
	keys := []string{"password", "Password", "PASSWORD", "_password", "user.password", "pass-word", "authorization",
		"Authorization", "Set-Cookie",
		"access_token", "AccessToken", "id-token", "secret", "secretKey", "пароль", "ПАРОЛЬ"}
	key := []byte(keys[s.IntN(len(keys))])
	for i, c := range key {
		if s.IntN(3) == 0 && 'a' <= c && c <= 'z' {
			key[i] -= 'a' - 'A'
		}
	}
	return string(key)
}

type failing struct{ text string }

func (f failing) String() string { panic(f.text) }

type printable struct{ text string }

func (p printable) String() string             { return p.text }
func (p printable) LogValue() slog.Value       { return slog.StringValue(p.text) }
func (p printable) Format(f fmt.State, _ rune) { fmt.Fprint(f, "%", p.text) }

type detailedError struct{ text string }

func (e detailedError) Error() string              { return e.text }
func (e detailedError) Format(f fmt.State, _ rune) { fmt.Fprint(f, e.text, " in detail") }

type account struct {
	Name      string
	Password  string
	APIToken  any `json:"api_token"`
	More      any
	SecretKey []byte
}

type login struct{ Name, Password string }

type jsonText string

func (j jsonText) MarshalJSON() ([]byte, error) { return []byte(j), nil }

// secret returns the secret in a value of random type.
func (s secretive) secret() any {
	t := randomSecret
	switch s.IntN(14) {
	case 0:
		return []byte(t)
	case 1:
		return errors.New(t)
	case 2:
		return handler.WithStack(fmt.Errorf("wrapped: %w", errors.New(t)))
	case 3:
		return detailedError{t}
	case 4:
		return failing{t}
	case 5:
		return printable{t}
	case 6:
		return []any{1, t}
	case 7:
		return map[string]any{"x": t, t: 1}
	case 8:
		return slog.GroupValue(slog.String("x", t), slog.Group("y", t, t))
	case 9:
		return json.RawMessage(`{"x":"` + t + `"}`)
	case 10:
		return account{Name: t, More: t}
	case 11:
		return slog.String("x", t)
	case 12:
		return &t
	}
	return t
}

// value returns a value that contains the secret under a censored key.
func (s secretive) value(depth int) any {
	if depth > 0 && s.IntN(2) == 0 {
		switch inner := s.value(depth - 1); s.IntN(6) {
		case 0:
			return []any{"x", inner}
		case 1:
			return map[string]any{"a": inner, "b": 1}
		case 2:
			return account{Name: "n", More: inner}
		case 3:
			return &inner
		case 4:
			return slog.GroupValue(slog.Any("a", inner))
		case 5:
			return slog.AnyValue(inner)
		}
	}
	key, value := s.key(), s.secret()
	switch s.IntN(9) {
	case 0:
		return map[string]any{key: value, "z": 1}
	case 1:
		return http.Header{key: {randomSecret}}
	case 2:
		return account{"n", randomSecret, randomSecret, nil, []byte(randomSecret)}
	case 3:
		return slog.GroupValue(slog.Any(key, value))
	case 4:
		return jsonText(fmt.Sprintf(`{"a":[{%q:["%s",{}]}],"b":1}`, key, randomSecret))
	case 5:
		return []slog.Attr{slog.Any(key, value)}
	case 6:
		return map[login]int{{"n", randomSecret}: 1}
	case 7:
		return json.RawMessage(fmt.Sprintf(`[{"\u0050assword":{"x":%q}}]`, randomSecret))
	}
	return slog.Any(key, value)
}

// attr returns an attribute that contains the secret at some depth.
func (s secretive) attr() slog.Attr {
	switch s.IntN(5) {
	case 0:
		return slog.Any(s.key(), s.secret())
	case 1:
		return slog.Group(s.key(), slog.Any("x", s.secret()), slog.Group("y", "z", randomSecret))
	case 2:
		return slog.Group("g", s.attr())
	case 3:
		return slog.Group("", s.attr())
	}
	return slog.Any("v", s.value(3))
}

// log logs one record through a handler with random bound attributes and groups.
func (s secretive) log(h slog.Handler) {
	for range s.IntN(4) {
		switch s.IntN(4) {
		case 0:
			h = h.WithAttrs([]slog.Attr{s.attr()})
		case 1:
			h = h.WithGroup("g")
		case 2:
			h = h.WithGroup(s.key()).WithAttrs([]slog.Attr{slog.Any("x", s.secret())})
		case 3:
			h = h.WithGroup("db").WithAttrs([]slog.Attr{slog.Any("User", s.secret()), slog.Int("n", 1)})
		}
	}
	r := slog.NewRecord(time.Now(), slog.LevelInfo, "m", 0)
	for range 1 + s.IntN(3) {
		r.AddAttrs(s.attr())
	}
	h.Handle(context.Background(), r)
}

// options returns a configuration with random callbacks.
func (s secretive) options() handler.Config {
	opts := handler.Config{Host: "node-a", Censor: []string{"password", "authorization", "set-cookie", "*_token",
		"secret*", "db.user", "пароль"}}
	if s.IntN(3) == 0 {
		opts.ReplaceAttr = func(_ []string, a slog.Attr) slog.Attr { return a }
	}
	attr := s.attr()
	if s.IntN(3) == 0 {
		opts.AttrFromContext = []handler.ContextFunc{func(context.Context) []slog.Attr { return []slog.Attr{attr} }}
	}
	if s.IntN(3) == 0 {
		opts.Filters = []handler.Filter{func(_ context.Context, r slog.Record) (slog.Record, bool) {
			r.AddAttrs(attr)
			if r.NumAttrs()%5 == 4 {
				panic(randomSecret)
			}
			return r, true
		}}
	}
	if s.IntN(4) == 0 {
		opts.Converter = underscores
	}
	return opts
}

// underscores is a converter that joins the keys of groups and their members.
func underscores(_ bool, _ func([]string, slog.Attr) slog.Attr, bound []slog.Attr, groups []string,
	r *slog.Record) map[string]any {
	fields := make(map[string]any)
	var add func(prefix string, attrs []slog.Attr)
	add = func(prefix string, attrs []slog.Attr) {
		for _, a := range attrs {
			if a.Value.Kind() == slog.KindGroup {
				add(prefix+a.Key+"_", a.Value.Group())
				continue
			}
			fields[prefix+a.Key] = a.Value.Any()
		}
	}
	add("", bound)
	r.Attrs(func(a slog.Attr) bool {
		add(strings.Join(append(groups, ""), "_"), []slog.Attr{a})
		return true
	})
	return fields
}

// TestCensorRandom logs random records with a secret under a censored key and checks
// that the secret never leaves the process: over the connection, to a Writer, in the
// spool, in errors, or on standard error.
func TestCensorRandom(t *testing.T) {
	const handlers, records = 60, 50
	server := gelftest.NewServer(t)
	down := gelftest.NewServer(t)
	down.Stop()
	stderrFile, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer func(was *os.File) { os.Stderr = was; stderrFile.Close() }(os.Stderr)
	os.Stderr = stderrFile

	var mu sync.Mutex
	var errorTexts, written bytes.Buffer
	report := func(texts ...any) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintln(&errorTexts, texts...)
	}
	seed := rand.Uint64()
	s := secretive{rand.New(rand.NewPCG(seed, 0))}
	dir := t.TempDir()
	spooled := 0
	for i := range handlers {
		opts := s.options()
		opts.Delivery.OnError = func(err error) { report(err) }
		switch i % 3 {
		case 0:
			opts.Server = server.URL()
		case 1:
			opts.Writer = &written
		case 2:
			opts.Server = down.URL()
			opts.Delivery.SpoolDir = filepath.Join(dir, fmt.Sprint(i))
		}
		h, err := handler.New(opts)
		if err != nil {
			t.Fatal(err)
		}
		for range records {
			s.log(h)
		}
		if err := h.Close(); err != nil {
			report(err)
		}
		spooled += int(h.Stats().Spooled)
		s.log(h) // to standard error
		report(h.Stats(), h.Err())
	}
	mu.Lock()
	defer mu.Unlock()

	check := func(where string, text []byte, least int) {
		if at := bytes.Index(text, []byte(randomSecret)); at >= 0 {
			t.Errorf("seed %d: the secret is %s: …%s", seed, where, text[max(0, at-300):at+len(randomSecret)])
		}
		if n := bytes.Count(text, []byte("*CENSORED*")); n < least {
			t.Errorf("seed %d: %d values are censored %s, want at least %d", seed, n, where, least)
		}
	}
	var wire bytes.Buffer
	for _, r := range server.Records() {
		wire.Write(r.Frame)
	}
	check("on the wire", wire.Bytes(), records)
	check("in the Writer", written.Bytes(), records)
	check("in an error", errorTexts.Bytes(), 0)
	stderr, err := os.ReadFile(stderrFile.Name())
	if err != nil {
		t.Fatal(err)
	}
	check("on standard error", stderr, handlers/2)
	if spooled < records {
		t.Errorf("%d records are in spools, want at least %d", spooled, records)
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		check("in "+path, text, 0)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
