package role

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/censor"
	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/gelf"
	"github.com/aimakerspace/synlogger/gelftest"
	"github.com/aimakerspace/synlogger/handler"
)

// TestTable holds the facts of the contract.
func TestTable(t *testing.T) {
	want := []Role{
		{"Sysmetric", "SYS_", 9100, "Sysmetrics Logs", "Sysmetrics Stream", "Sysmetrics Analysis"},
		{"Director", "DIR_", 9200, "Director Logs", "Director Stream", "Director Analysis"},
		{"TTP", "TTP_", 9300, "TTP Logs", "TTP Stream", "TTP Analysis"},
		{"Worker", "WKR_", 9400, "Worker Logs", "Worker Stream", "Worker Analysis"},
	}
	if diff := cmp.Diff(want, All()); diff != "" {
		t.Errorf("the roles (-want +got):\n%s", diff)
	}
	All()[0].Port = 1
	if All()[0].Port != 9100 {
		t.Error("the table can be written to")
	}
	for name, want := range map[string]string{
		"ttp":      "TTP",
		"TTP_":     "TTP",
		"WKR":      "Worker",
		"wkr_":     "Worker",
		"director": "Director",
		"Sys":      "Sysmetric",
		"DIR":      "Director",
	} {
		if r, err := Lookup(name); err != nil || r.Name != want {
			t.Errorf("Lookup(%q) = %v, %v", name, r.Name, err)
		}
	}
	for _, name := range []string{"", "_", "workers", "TTP__"} {
		r, err := Lookup(name)
		if err == nil {
			t.Errorf("Lookup(%q) = %v", name, r.Name)
		} else if !strings.Contains(err.Error(), "use sysmetric, director, ttp or worker") {
			t.Errorf("Lookup(%q): %v", name, err)
		}
	}
}

// TestZeroConfig holds that no configuration is one: the role's port on this
// machine, the role's prefix and the name of the host.
func TestZeroConfig(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Skip(err)
	}
	for _, r := range All() {
		h, err := New(r, Config{})
		if err != nil {
			t.Fatal(err)
		}
		if h.Enabled(context.Background(), slog.LevelDebug) || !h.Enabled(context.Background(), slog.LevelInfo) {
			t.Error("the level does not default to Info")
		}
		h, err = New(r, Config{Variant: Test})
		if err != nil {
			t.Fatal(err)
		}
		slog.New(h).Info("m")
		m := h.Records()[0]
		if m.Fields["logger"] != r.Prefix+host || m.Source != host {
			t.Errorf("logger %v from %v, not %s", m.Fields["logger"], m.Source, host)
		}
	}
}

// TestRoles holds that each constructor is that of its role.
func TestRoles(t *testing.T) {
	for i, open := range []func(Config) *Handler{Sysmetric, Director, TTP, Worker} {
		h := open(Config{Name: " unit ", Variant: Test})
		slog.New(h).Info("m")
		if got, want := h.Records()[0].Fields["logger"], All()[i].Prefix+"unit"; got != want {
			t.Errorf("a record of %s has the logger %v", All()[i].Name, got)
		}
		if !All()[i].Matches(All()[i].Prefix+"unit") || All()[i].Matches("unit") || h.Err() != nil {
			t.Errorf("%s does not know its own: %v", All()[i].Name, h.Err())
		}
	}
}

// TestServer tells which forms of an address there are, and where they lead.
func TestServer(t *testing.T) {
	for server, want := range map[string]string{
		"":                           "tcp://127.0.0.1:9300",
		"graylog.example":            "tcp://graylog.example:9300",
		"graylog.example:12":         "tcp://graylog.example:12",
		"graylog.example:":           "tcp://graylog.example:9300",
		":12":                        "tcp://127.0.0.1:12",
		"tcp://graylog.example":      "tcp://graylog.example:9300",
		"TCP://graylog.example:12/":  "tcp://graylog.example:12",
		"10.0.0.1":                   "tcp://10.0.0.1:9300",
		"::1":                        "tcp://[::1]:9300",
		"[::1]":                      "tcp://[::1]:9300",
		"[::1]:12":                   "tcp://[::1]:12",
		"tcp://[2001:db8::1]":        "tcp://[2001:db8::1]:9300",
		"[fe80::1%eth0]:12":          "tcp://[fe80::1%eth0]:12",
		"fe80::1%eth0":               "tcp://[fe80::1%eth0]:9300",
		"tcp://2001:db8::1":          "tcp://[2001:db8::1]:9300",
		"graylog_1.some-net.example": "tcp://graylog_1.some-net.example:9300",
	} {
		if got, err := delivery.ParseServer(server, 9300); err != nil || got != want {
			t.Errorf("%q leads to %s (%v), not to %s", server, got, err, want)
		}
	}
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

// wrong are configurations that are none, and what the error has to say of each.
var wrong = []struct {
	name string
	cfg  Config
	says []string
}{
	{
		"a port that is none",
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
	{"a user and no scheme", Config{Server: "me:hunter2@graylog.example:x"}, []string{"***@graylog.example"}},
	{
		"a user and another scheme",
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
		"a variant that is none",
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
	{
		"pauses the wrong way round",
		Config{Delivery: delivery.Config{MinBackoff: 2, MaxBackoff: 1}},
		[]string{"MinBackoff (2ns) is greater than MaxBackoff (1ns)", "swap them"},
	},
	{"two mistakes", Config{Variant: "x", Name: "SYS_"}, []string{`invalid variant "x"`, "Sysmetrics Stream"}},
}

// TestWrong holds that the error of New says what is wrong, where, and what to
// do, and that the handlers without an error write to standard error what they
// cannot send, censored.
func TestWrong(t *testing.T) {
	ttp := All()[2]
	for _, tc := range wrong {
		t.Run(tc.name, func(t *testing.T) {
			h, err := New(ttp, tc.cfg)
			if err == nil || h != nil {
				t.Fatalf("New returns %v, %v", h, err)
			}
			for _, part := range tc.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%q contains the password", err)
			}

			cfg := tc.cfg
			cfg.Censor = append([]string{"password"}, cfg.Censor...)
			var open *Handler
			said := stderrOf(t, func() {
				open = TTP(cfg)
				slog.New(open).With("password", "hunter2").Info("m", slog.Group("g", "password", "hunter2"))
				open.Close()
			})
			if open.Err() == nil || open.Err().Error() != err.Error() {
				t.Errorf("Err is %v, not %v", open.Err(), err)
			}
			if strings.Contains(said, "hunter2") {
				t.Errorf("the secret is on standard error: %s", said)
			}
			lines := strings.Split(strings.TrimSuffix(said, "\n"), "\n")
			if !strings.HasPrefix(lines[0], "synlogger: ") || !strings.Contains(said, "the records of "+ttp.Prefix) {
				t.Errorf("standard error says %.300q", said)
			}
			m, _, err := gelf.Decode([]byte(lines[len(lines)-1]))
			if err != nil || m.Message != "m" || m.Fields["password"] != "*CENSORED*" || m.Fields["g_password"] != "*CENSORED*" {
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

// TestConfigFromEnv tells what each variable sets.
func TestConfigFromEnv(t *testing.T) {
	if cfg, err := ConfigFromEnv(); err != nil || !cmp.Equal(cfg, Config{}) {
		t.Errorf("of nothing: %+v, %v", cfg, err)
	}
	for name, value := range map[string]string{
		"SYNLOGGER_SERVER": " graylog.example ", "SYNLOGGER_NAME": "hospital-1", "SYNLOGGER_HOST": "node-a", "SYNLOGGER_FILE_PATH": "/srv/run",
		"SYNLOGGER_LEVEL": "Debug", "SYNLOGGER_VARIANT": "BASIC", "SYNLOGGER_DEBUG": "1", "SYNLOGGER_CENSOR": "password, *_token,=Pin,,", "SYNLOGGER_CENSOR_VALUES": "Bearer, iban,",
		"SYNLOGGER_QUEUE_BYTES": "1000",
		"SYNLOGGER_OVERFLOW":    "Oldest", "SYNLOGGER_REDELIVER_BYTES": "500", "SYNLOGGER_SPOOL_DIR": "/var/spool/log",
		"SYNLOGGER_CA_FILE": "/etc/ca.pem", "SYNLOGGER_CERT_FILE": "/etc/party.pem", "SYNLOGGER_KEY_FILE": "/etc/party.key", "SYNLOGGER_SERVER_NAME": "logs.example",
	} {
		t.Setenv(name, value)
	}
	want := Config{
		Server:       "graylog.example",
		Name:         "hospital-1",
		Host:         "node-a",
		FilePath:     "/srv/run",
		Level:        slog.LevelDebug,
		Variant:      Basic,
		Debug:        true,
		Censor:       []string{"password", "*_token", "=Pin"},
		CensorValues: []censor.Pattern{censor.Bearer, censor.IBAN},
		Delivery: delivery.Config{
			QueueBytes:     1000,
			Overflow:       delivery.OverflowDropOldest,
			RedeliverBytes: 500,
			SpoolDir:       "/var/spool/log",
			TLS: delivery.TLS{
				CAFile:     "/etc/ca.pem",
				CertFile:   "/etc/party.pem",
				KeyFile:    "/etc/party.key",
				ServerName: "logs.example",
			},
		},
	}
	cfg, err := ConfigFromEnv()
	if diff := cmp.Diff(want, cfg); diff != "" || err != nil {
		t.Errorf("%v, the configuration (-want +got):\n%s", err, diff)
	}
	for text, level := range map[string]slog.Level{
		"debug":    -4,
		"INFO":     0,
		"warn":     4,
		"warning":  4,
		"Error":    8,
		"critical": 12,
		"info+2":   2,
		"DEBUG-4":  -8,
	} {
		t.Setenv("SYNLOGGER_LEVEL", text)
		if cfg, err := ConfigFromEnv(); err != nil || cfg.Level.Level() != level {
			t.Errorf("level %s is %v, %v", text, cfg.Level, err)
		}
	}
	for text, overflow := range map[string]delivery.Overflow{
		"newest": delivery.OverflowDropNewest,
		"oldest": delivery.OverflowDropOldest,
		"BLOCK":  delivery.OverflowBlock,
		"spool":  delivery.OverflowSpool,
	} {
		t.Setenv("SYNLOGGER_OVERFLOW", text)
		if cfg, err := ConfigFromEnv(); err != nil || cfg.Delivery.Overflow != overflow {
			t.Errorf("overflow %s is %v, %v", text, cfg.Delivery.Overflow, err)
		}
	}
	for name, value := range map[string]string{
		"SYNLOGGER_LEVEL":           "loud",
		"SYNLOGGER_VARIANT":         "syslog",
		"SYNLOGGER_DEBUG":           "perhaps",
		"SYNLOGGER_QUEUE_BYTES":     "8 MB",
		"SYNLOGGER_OVERFLOW":        "drop",
		"SYNLOGGER_REDELIVER_BYTES": "-1",
		"SYNLOGGER_CENSOR_VALUES":   "mail,email",
	} {
		t.Setenv(name, value)
	}
	cfg, err = ConfigFromEnv()
	for _, part := range []string{
		`SYNLOGGER_LEVEL="loud": use debug, info, warn, error or critical`,
		`SYNLOGGER_VARIANT="syslog": use graylog, basic or test`,
		`SYNLOGGER_DEBUG="perhaps": use true or false`,
		`SYNLOGGER_QUEUE_BYTES="8 MB": use a positive size in bytes, or with a unit: 64KiB, 8MiB, 1GiB`,
		`SYNLOGGER_OVERFLOW="drop": use newest, oldest, block or spool`,
		`SYNLOGGER_REDELIVER_BYTES="-1": use a positive size`,
		`SYNLOGGER_CENSOR_VALUES="mail,email": unknown value pattern "mail": use bearer, basic, jwt, url, email, iban, card`,
	} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("the error does not say %s:\n%v", part, err)
		}
	}
	if cfg.Level != nil || cfg.Variant != "" || !cmp.Equal(cfg.CensorValues, []censor.Pattern{
		censor.Email,
	}) || cfg.Server != "graylog.example" {
		t.Errorf("with mistakes: %+v", cfg)
	}
}

// TestRecordsBounded holds that the variant Test keeps the newest records, as
// far as memory allows.
func TestRecordsBounded(t *testing.T) {
	h, err := New(All()[2], Config{Variant: Test, Delivery: delivery.Config{QueueBytes: 2000}})
	if err != nil {
		t.Fatal(err)
	}
	l := slog.New(h)
	for i := range 100 {
		l.Info("m", "i", i)
		kept := h.Records()
		if last := kept[len(kept)-1].Fields["i"]; last != int64(i) {
			t.Fatalf("the newest is %v, not %d", last, i)
		}
		if len(kept) > 20 { // a frame has more than 100 bytes
			t.Fatalf("%d records are kept", len(kept))
		}
	}
	kept := h.Records()
	if len(kept) < 5 || len(kept) > 15 {
		t.Errorf("%d records in 2000 bytes", len(kept))
	}
	for i, m := range kept {
		if m.Fields["i"] != int64(100-len(kept)+i) {
			t.Errorf("record %d of %d is %v", i, len(kept), m.Fields["i"])
		}
	}
	l.Info("too long", "text", strings.Repeat("x", 3000))
	if kept := h.Records(); len(kept) != 0 {
		t.Errorf("a record beyond the memory leaves %d", len(kept))
	}
	if basic := TTP(Config{Variant: Basic, Writer: io.Discard}); basic.Records() != nil {
		t.Error("the variant Basic keeps records")
	}
}

// A brokenWriter fails every second time.
type brokenWriter struct {
	bytes.Buffer
	n int
}

func (w *brokenWriter) Write(b []byte) (int, error) {
	if w.n++; w.n%2 == 0 {
		return 0, errors.New("disk full")
	}
	return w.Buffer.Write(b)
}

// TestWriterFails holds that a record which cannot be written is told of and
// counted.
func TestWriterFails(t *testing.T) {
	w := new(brokenWriter)
	h := TTP(Config{Variant: Basic, Writer: w})
	ctx := context.Background()
	for i := range 4 {
		err := h.Handle(ctx, slog.Record{Message: "m"})
		if failed := i%2 == 1; failed != (err != nil) || failed != (h.Err() != nil) || failed && !strings.Contains(
			err.Error(),
			"disk full",
		) {
			t.Errorf("record %d: %v, Err is %v", i, err, h.Err())
		}
	}
	if err := h.Flush(ctx); err != nil {
		t.Errorf("with nothing queued, Flush returns %v", err)
	}
	if s := h.Stats(); s.Accepted != 4 || s.Sent != 2 || s.Dropped.Failed != 2 || s.Accepted != s.Sent+s.Queued+s.Dropped.Total() || s.SentBytes != uint64(w.Len()) {
		t.Errorf("counted %+v", s)
	}
}

// TestErrorWithStack holds that an error's stack is the full message.
func TestErrorWithStack(t *testing.T) {
	h := Worker(Config{Variant: Test})
	slog.New(h).Error("m", "err", handler.WithStack(errors.New("boom")))
	m := h.Records()[0]
	if m.Fields["err"] != "boom" || !strings.HasPrefix(
		m.FullMessage,
		"boom\n",
	) || !strings.Contains(m.FullMessage, "role.TestErrorWithStack") {
		t.Errorf("err is %v, full_message\n%s", m.Fields["err"], m.FullMessage)
	}
}
