package role

import (
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/censor"
	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/gelf"
	"github.com/aimakerspace/synlogger/gelftest"
	"github.com/aimakerspace/synlogger/handler"
)

// TestServer checks that a handler connects with and without a scheme and a slash in the address.
func TestServer(t *testing.T) {
	srv := gelftest.NewServer(t)
	for _, server := range []string{srv.Addr(), srv.URL(), srv.URL() + "/"} {
		h, err := New(All()[2], Config{Server: server})
		if err != nil {
			t.Fatal(err)
		}
		slog.New(h).Info("m")
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}
	srv.WaitLen(3)
}

// invalid lists invalid configurations and parts of the errors.
var invalid = []struct {
	name string
	cfg  Config
	want []string
}{
	{
		"an invalid port",
		Config{Server: "graylog.example:http"},
		[]string{`"graylog.example:http"`, `"http" is not a port from 1 to 65535`, "tcp://graylog.example:9300"},
	},
	{"port 0", Config{Server: "graylog.example:0"}, []string{"not a port from 1 to 65535"}},
	{"port 65536", Config{Server: "graylog.example:65536"}, []string{"not a port from 1 to 65535"}},
	{
		"another scheme",
		Config{Server: "http://graylog.example"},
		[]string{`unknown scheme "http"`, "tcp://graylog.example:9300"},
	},
	{"a path", Config{Server: "graylog.example/gelf"}, []string{"graylog.example/gelf", "tcp://graylog.example:9300"}},
	{
		"a user",
		Config{Server: "tcp://me:hunter2@graylog.example"},
		[]string{"tcp://***@graylog.example", "remove the user and the password"},
	},
	{"a user without a scheme", Config{Server: "me:hunter2@graylog.example:x"}, []string{"***@graylog.example"}},
	{
		"a user with an unknown scheme",
		Config{Server: "https://me:hunter2@graylog.example"},
		[]string{"https://***@graylog.example"},
	},
	{
		"a user without TLS",
		Config{Server: "udp://me:hunter2@h", Delivery: delivery.Config{TLS: delivery.TLS{CAFile: "ca.pem"}}},
		[]string{"udp://***@h"},
	},
	{"a space", Config{Server: "graylog example"}, []string{"invalid host name"}},
	{"colons", Config{Server: "a:b:c"}, []string{"too many colons"}},
	{
		"an invalid variant",
		Config{Variant: "syslog"},
		[]string{`invalid variant "syslog"`, "use graylog, basic or test"},
	},
	{
		"the name of another role",
		Config{Name: "x_DIR_y"},
		[]string{`"x_DIR_y"`, `"DIR_"`, "Director Stream", "choose another"},
	},
	{"a long name", Config{Name: strings.Repeat("x", 2000)}, []string{"Logger has 2004 bytes", "at most 1000"}},
	{"a long host", Config{Host: strings.Repeat("x", 2000)}, []string{"Host has 2000 bytes", "at most 1000"}},
	{"censoring logger", Config{Censor: []string{"password", "logger"}}, []string{`the rule "logger"`, "remove it"}},
	{"censoring level", Config{Censor: []string{"level"}}, []string{`the rule "level"`, "remove it"}},
	{"censoring event", Config{Censor: []string{"Event"}}, []string{`the rule "Event"`, "remove it"}},
	{"censoring all", Config{Censor: []string{"*"}}, []string{`the rule "*"`, "remove it"}},
	{
		"an empty value pattern",
		Config{CensorValues: make([]censor.Pattern, 1)},
		[]string{"pattern 1 of 1 is empty", "remove it"},
	},
	{"a nil filter", Config{Filters: []Filter{passAll, nil}}, []string{"filter 2 of 2 is nil", "remove it"}},
	{
		"a nil context function",
		Config{AttrFromContext: []handler.ContextFunc{nil}},
		[]string{"AttrFromContext 1 of 1 is nil"},
	},
	{
		"a negative queue",
		Config{Delivery: delivery.Config{QueueBytes: -1}},
		[]string{"QueueBytes is -1", "use a positive number of bytes"},
	},
	{"a negative timeout", Config{Delivery: delivery.Config{DialTimeout: -1}}, []string{"DialTimeout is -1ns"}},
	{"a negative FlushTimeout", Config{FlushTimeout: -1}, []string{"FlushTimeout is -1ns"}},
	{
		"MinBackoff greater than MaxBackoff",
		Config{Delivery: delivery.Config{MinBackoff: 2, MaxBackoff: 1}},
		[]string{"MinBackoff (2ns) is greater than MaxBackoff (1ns)", "swap them"},
	},
	{"two mistakes", Config{Variant: "x", Name: "SYS_"}, []string{`invalid variant "x"`, "Sysmetrics Stream"}},
}

// TestInvalidConfig checks that New returns an error that names the mistake and the
// remedy, and that the constructors without an error write their records to standard
// error, censored.
func TestInvalidConfig(t *testing.T) {
	ttp := All()[2]
	for _, tc := range invalid {
		t.Run(tc.name, func(t *testing.T) {
			h, err := New(ttp, tc.cfg)
			if err == nil || h != nil {
				t.Fatalf("New returns %v, %v", h, err)
			}
			for _, part := range tc.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("the error is %q, want %q in it", err, part)
				}
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%q contains the password", err)
			}

			cfg := tc.cfg
			cfg.Censor = append([]string{"password"}, cfg.Censor...)
			var fallback *Handler
			written := stderrOf(t, func() {
				fallback = TTP(cfg)
				slog.New(fallback).With("password", "hunter2").Info("m", slog.Group("g", "password", "hunter2"))
				fallback.Close()
			})
			if fallback.Err() == nil || fallback.Err().Error() != err.Error() {
				t.Errorf("Err returns %v, want %v", fallback.Err(), err)
			}
			if strings.Contains(written, "hunter2") {
				t.Errorf("the secret is on standard error: %s", written)
			}
			lines := strings.Split(strings.TrimSuffix(written, "\n"), "\n")
			if !strings.HasPrefix(lines[0], "synlogger: ") || !strings.Contains(written, "the records of "+ttp.Prefix) {
				t.Errorf("standard error contains %.300q", written)
			}
			m, _, err := gelf.Decode([]byte(lines[len(lines)-1]))
			if err != nil || m.Message != "m" || m.Fields["password"] != censor.Mark ||
				m.Fields["g_password"] != censor.Mark {
				t.Errorf("the record is %+v (%v)", m, err)
			}
		})
	}
	if _, err := New(Role{
		Name:   "Auditor",
		Prefix: "AUD_",
		Port:   9500,
	}, Config{}); err == nil || !strings.Contains(err.Error(), `unknown role "Auditor"`) {
		t.Errorf("a role of one's own gives the error %v", err)
	}
}

// stderrOf returns what f writes to standard error.
func stderrOf(t *testing.T, f func()) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func(was *os.File) { os.Stderr = was }(os.Stderr)
	os.Stderr = w
	f()
	w.Close()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	return string(text)
}
