package doctor

import (
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/clitest"
	"github.com/aimakerspace/synlogger/gelftest"
	"github.com/aimakerspace/synlogger/internal/graylog"
	"github.com/aimakerspace/synlogger/internal/graylogtest"
)

// ttpStream returns the TTP's stream with an id, or paused, or with other rules.
func ttpStream(id string, paused bool, rules string) string {
	return fmt.Sprintf(`,{"id":%q,"title":"TTP Stream","disabled":%v,"rules":[%s]}`, id, paused, rules)
}

const ttpRule = `{"field":"logger","value":"TTP_","type":6}`

// checkGraylog runs a doctor that looks the probe up in a Graylog.
func checkGraylog(t *testing.T, want Status, server string, g *fakeGraylog, patterns ...string) {
	t.Helper()
	opts := options(t, server)
	opts.API = g.start(t)
	opts.Timeout = time.Second
	opts.Failures = 24 * time.Hour
	check(t, want, opts, patterns...)
}

func TestStreams(t *testing.T) {
	t.Parallel()
	server := elsewhere(t)
	for _, tc := range []struct {
		name     string
		streams  string
		want     Status
		patterns []string
	}{
		{
			name:    "stored",
			streams: ttpStream("2", false, ttpRule),
			want:    StatusOK,
			patterns: []string{
				"^ok +API .*Graylog 7.0.1, and it is running",
				"^ok +search",
				"^ok +stream +the probe is in Default Stream and TTP Stream",
				"^ok +index +it refused no record in the last 24h",
			},
		},
		{
			name: "no stream",
			want: StatusFailed,
			patterns: []string{
				"^failed +stream +the probe is in Default Stream, not in TTP Stream, which does not exist",
				"> .*logger contains TTP_",
			},
		},
		{
			name:     "paused",
			streams:  ttpStream("3", true, ttpRule),
			want:     StatusFailed,
			patterns: []string{"^failed +stream .*is paused", "> Start it"},
		},
		{
			name:     "no rule",
			streams:  ttpStream("3", false, ""),
			want:     StatusFailed,
			patterns: []string{"^failed +stream .*no rule"},
		},
		{
			name:     "wrong rule",
			streams:  ttpStream("3", false, `{"field":"source","value":"x","type":1,"inverted":true}`),
			want:     StatusFailed,
			patterns: []string{`^failed +stream .*has the rules: source not: is "x"`, "> .*logger contains TTP_"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			checkGraylog(t, tc.want, server, &fakeGraylog{streams: tc.streams}, tc.patterns...)
		})
	}
}

// TestRefused checks what the doctor reports about records that the index refused.
func TestRefused(t *testing.T) {
	t.Parallel()
	server := elsewhere(t)
	now := time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	conflict := fmt.Sprintf(`{"total":319,"failures":[{"timestamp":%q,"index":"graylog_0","message":%q}]}`, now,
		`{"type":"mapper_parsing_exception","reason":"failed to parse field [loss] of type [long] in document with `+
			`id 'x'. Preview of field's value: 'none yet'"}`)
	const unknown = "^unknown +index +cannot look for refused records: "
	for _, tc := range []struct {
		name     string
		answer   string
		status   int
		want     Status
		patterns []string
	}{
		{
			name:   "conflict",
			answer: conflict,
			want:   StatusFailed,
			patterns: []string{
				"^ok +stream",
				"^failed +index +1 refused, the last at .*: the field loss is an integer .long. in the index " +
					"graylog_0, and a text in the refused records; logger of the refused records: unknown",
				"> Rename",
			},
		},
		{
			name:     "long ago",
			answer:   strings.Replace(conflict, now[:5], "2001-", 1),
			want:     StatusOK,
			patterns: []string{"^ok +index +it refused no record in the last 24h"},
		},
		{
			name:   "not permitted",
			answer: `{"message":"Not authorized"}`,
			status: http.StatusForbidden,
			want:   StatusUnknown,
			patterns: []string{
				"^ok +stream",
				unknown + ".*403 Forbidden: Not authorized",
				"> Use a user with the role Admin",
			},
		},
		{
			name:     "not found",
			status:   http.StatusNotFound,
			want:     StatusUnknown,
			patterns: []string{unknown + ".*404"},
		},
		{
			name:     "a page",
			answer:   "<!DOCTYPE html>",
			want:     StatusUnknown,
			patterns: []string{unknown + ".*the server is not Graylog"},
		},
		{
			name:     "another JSON",
			answer:   "{}",
			want:     StatusUnknown,
			patterns: []string{unknown + ".*has no total"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			g := &fakeGraylog{streams: ttpStream("2", false, ttpRule), refused: tc.answer, refusedStatus: tc.status}
			checkGraylog(t, tc.want, server, g, tc.patterns...)
		})
	}
}

// TestNotStored checks which reasons the doctor finds for a probe that Graylog does
// not store.
func TestNotStored(t *testing.T) {
	t.Parallel()
	server := elsewhere(t)
	_, port, _ := net.SplitHostPort(server)
	for _, tc := range []struct {
		name     string
		system   string
		states   string
		patterns []string
	}{
		{
			name:     "processing paused",
			system:   `{"version":"7.0.1","is_processing":false,"lifecycle":"throttled"}`,
			patterns: []string{"^note +API .*paused", "^failed +search .*processing is paused", "> Resume"},
		},
		{
			name:     "no input",
			patterns: []string{"^failed +search .*this Graylog has no input on port " + port},
		},
		{
			name:     "Beats",
			states:   inputState("beats.BeatsInput", port, "RUNNING"),
			patterns: []string{`^failed +search .*the input "in" on port \d+ is a BeatsInput`},
		},
		{
			name:     "failed input",
			states:   inputState("gelf.tcp.GELFTCPInput", port, "FAILED"),
			patterns: []string{`^failed +search .*is failed`, "> Start it"},
		},
		{
			name: "unknown",
			states: inputState("gelf.udp.GELFUDPInput", port, "RUNNING") + "," +
				inputState("gelf.tcp.GELFTCPInput", port, "RUNNING"),
			patterns: []string{`^failed +search .*within 1s$`, "> Does --server lead"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			g := &fakeGraylog{search: nowhere, system: tc.system, states: tc.states}
			checkGraylog(t, StatusFailed, server, g, tc.patterns...)
		})
	}
}

func inputState(class, port, state string) string {
	const text = `{"state":%q,"message_input":{"title":"in","type":"org.graylog2.inputs.%s","attributes":{"port":%s}}}`
	return fmt.Sprintf(text, state, class, port)
}

// TestInputOfRejectedRecord checks that the doctor looks up the input at the port of
// a server that rejects a record.
func TestInputOfRejectedRecord(t *testing.T) {
	t.Parallel()
	addr := clitest.Serve(t, func(c net.Conn) { c.Read(make([]byte, 1)) })
	_, port, _ := net.SplitHostPort(addr)
	g := &fakeGraylog{states: inputState("beats.Beats2Input", port, "RUNNING")}
	checkGraylog(t, StatusFailed, addr, g,
		"^failed +GELF",
		`^failed +input +the input "in" on port \d+ is a Beats2Input`,
		"> .*GELF TCP",
	)
}

func TestLogin(t *testing.T) {
	t.Parallel()
	g := &fakeGraylog{search: `{}`, system: `{"version":"7.0.1","is_processing":true}`}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, _, sent := r.BasicAuth(); sent && (r.URL.Path == "/healthz" || r.URL.Path == "/api/") {
			t.Errorf("the password is sent to %s, before the server is known to be Graylog", r.URL.Path)
		}
		if r.URL.Path == "/api/search/universal/relative" {
			g.failures.Add(1)
		}
		g.ServeHTTP(w, r)
	}))
	defer web.Close()
	opts := options(t, elsewhere(t))
	opts.Timeout = time.Second
	with := func(api graylog.Config) Config {
		opts.API = &api
		return opts
	}
	check(t, StatusFailed, with(graylog.Config{URL: web.URL}),
		"^failed +API .*requires a login", "> .*GRAYLOG_TOKEN", "^ok +probe")
	check(t, StatusFailed, with(graylog.Config{URL: web.URL, User: "reader", Password: "wrong"}),
		"^failed +API .*rejects the login")
	const refused = "^failed +search .*the index refused [1-9].*mapper_parsing_exception"
	check(t, StatusFailed, with(graylog.Config{URL: web.URL, User: "reader", Password: "secret"}), refused)
	check(t, StatusFailed, with(graylog.Config{URL: web.URL, Token: "t0ken"}), refused)
	web.Close()
	check(t, StatusFailed, with(graylog.Config{URL: web.URL}),
		"^failed +API .*neither Graylog nor a collector: connection refused", "> Is the page of Graylog running")
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	check(t, StatusFailed, with(graylog.Config{URL: other.URL}), "^failed +API .*neither", "> Give the address")
}

// TestAuthorities checks that the API may have a certificate of an authority in
// CAFile.
func TestAuthorities(t *testing.T) {
	t.Parallel()
	web := httptest.NewUnstartedServer(&fakeGraylog{streams: ttpStream("2", false, ttpRule)})
	web.Config.ErrorLog = quietLog
	web.StartTLS()
	defer web.Close()
	server := gelftest.NewTLSServer(t)
	opts := options(t, server.URL())
	opts.API = &graylog.Config{URL: web.URL, User: "reader", Password: "secret"}
	opts.TLS.CAFile = clitest.CAFile(t, server)
	check(t, StatusFailed, opts, "^failed +API .*unknown authority")
	opts.TLS.CAFile = clitest.PEMFile(t, web.Certificate().Raw)
	check(t, StatusFailed, opts, "^ok +API .*is Graylog", "^failed +certificate")
	opts.Server = elsewhere(t) // without TLS, the file is for the API alone
	check(t, StatusOK, opts, "^ok +API .*is Graylog", "^ok +probe", "^ok +stream")
}

// TestRealGraylogDoctor looks a probe up in a real Graylog, and one that was sent
// elsewhere.
func TestRealGraylogDoctor(t *testing.T) {
	srv := graylogtest.Open(t)
	opts := options(t, "")
	ttp := opts.Role
	input := srv.Input(ttp.Input)
	stream := srv.Stream(ttp.Stream, graylogtest.Contains("logger", ttp.Prefix))
	srv.Settle(input, stream, ttp.Prefix+"settle")
	opts.Server = input.Addr
	opts.API = &graylog.Config{URL: srv.URL, User: srv.Config.User, Password: srv.Config.Password}
	opts.Timeout = 30 * time.Second
	opts.Name = strings.ToLower(rand.Text())
	check(t, StatusOK, opts,
		"^ok +API .*is Graylog "+regexp.QuoteMeta(srv.Version),
		"^ok +probe",
		"^ok +search +Graylog stored the probe",
		"^ok +stream +the probe is in .*"+ttp.Stream,
	)
	// The widgets of the dashboard search for loggers that begin with the prefix.
	own := fmt.Sprintf(`logger:"doctor-TTP_%s"`, opts.Name)
	if docs := srv.Search(own); len(docs) != 2 {
		t.Errorf("%d records of the doctor are stored, want 2", len(docs))
	}
	if docs := srv.Search("logger:TTP_* AND " + own); len(docs) > 0 {
		t.Errorf("the doctor is a party on the dashboard: %v", docs)
	}
	opts.Server, opts.Timeout = elsewhere(t), 3*time.Second
	check(t, StatusFailed, opts,
		"^ok +probe",
		"^failed +search +Graylog did not store the probe within 3s: this Graylog has no input",
	)
}
