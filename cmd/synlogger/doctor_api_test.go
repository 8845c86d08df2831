package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/gelftest"
	"github.com/aimakerspace/synlogger/internal/graylogtest"
	"github.com/aimakerspace/synlogger/role"
)

// A fakeGraylog answers as Graylog 7.0.1 does, about a probe that it does not
// get: the answers that a test does not change say that the probe is stored,
// and in the TTP Stream.
type fakeGraylog struct {
	streams, search, states string
	failures                atomic.Int64
	refused                 string // answer about refused records, "" if there are none
	refusedStatus           int    // of that answer, if it is not 200
	system                  string
}

const storedIn = `{"messages":[{"message":{"doctor_probe":"%s","streams":["1","2"]}}]}`

func (g *fakeGraylog) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/healthz" {
		io.WriteString(w, "<!DOCTYPE html>")
		return
	}
	if r.URL.Path == "/api/" {
		io.WriteString(w, `{"cluster_id":"c","version":"7.0.1"}`)
		return
	}
	if user, password, _ := r.BasicAuth(); user != "reader" || password != "secret" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	switch r.URL.Path {
	case "/api/system":
		io.WriteString(w, g.system)
	case "/api/streams":
		io.WriteString(w, `{"streams":[{"id":"1","title":"Default Stream"}`+g.streams+`]}`)
	case "/api/search/universal/relative":
		text := g.search
		if strings.Contains(text, "%s") {
			text = fmt.Sprintf(text, strings.TrimPrefix(r.URL.Query().Get("query"), "doctor_probe:"))
		}
		io.WriteString(w, text)
	case "/api/system/inputstates":
		io.WriteString(w, `{"states":[`+g.states+`]}`)
	case "/api/system/indexer/failures":
		switch n := g.failures.Load(); {
		case g.refusedStatus != 0:
			w.WriteHeader(g.refusedStatus)
			io.WriteString(w, g.refused)
		case g.refused != "":
			io.WriteString(w, g.refused)
		case n > 0:
			fmt.Fprintf(w, `{"total":%d,"failures":[{"message":"mapper_parsing_exception"}]}`, n)
		default:
			io.WriteString(w, `{"total":0,"failures":[]}`)
		}
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func TestDoctorExplainsGraylog(t *testing.T) {
	t.Parallel()
	const none = `{"messages":[]}`
	const own = `,{"id":"2","title":"TTP Stream","disabled":%v,"rules":[%s]}`
	const rule = `{"field":"logger","value":"TTP_","type":6}`
	server := gelftest.NewServer(t)
	_, port, _ := net.SplitHostPort(server.Addr())
	input := func(class, state string) string {
		return fmt.Sprintf(`{"state":%q,"message_input":{"title":"in","type":"org.graylog2.inputs.%s","attributes":{"port":%s}}}`, state, class, port)
	}
	well := fmt.Sprintf(own, false, rule)
	conflict := fmt.Sprintf(`{"total":319,"failures":[{"timestamp":%q,"index":"graylog_0","message":%q}]}`, time.Now().UTC().Format("2006-01-02T15:04:05.000Z"),
		`{"type":"mapper_parsing_exception","reason":"failed to parse field [loss] of type [long] in document with id 'x'. Preview of field's value: 'none yet'"}`)
	old := strings.Replace(conflict, time.Now().UTC().Format("2006-"), "2001-", 1)
	const nothingRefused = "^ok +index +it has refused no record in the last 24h"
	const notSeen = "^unknown +index +refused records could not be looked for: "
	for _, tc := range []struct {
		name     string
		graylog  *fakeGraylog
		status   int
		patterns []string
	}{
		{"refused", &fakeGraylog{streams: well, refused: conflict}, exitFailure, []string{"^ok +stream",
			"^failed +index +1 refused, the last of .*: the field loss is an integer .long. in the index graylog_0, and a text in the refused records; logger of the refused records: unknown", "> Rename"}},
		{"refused long ago", &fakeGraylog{streams: well, refused: old}, exitOK, []string{nothingRefused}},
		{"must not look", &fakeGraylog{streams: well, refused: `{"message":"Not authorized"}`, refusedStatus: http.StatusForbidden}, exitUnknown,
			[]string{"^ok +stream", notSeen + "403 Forbidden Not authorized", "> Ask with a user of the role Admin"}},
		{"no such answer", &fakeGraylog{streams: well, refusedStatus: http.StatusNotFound}, exitUnknown, []string{notSeen + "404"}},
		{"a page", &fakeGraylog{streams: well, refused: "<!DOCTYPE html>"}, exitUnknown, []string{notSeen + "the answer is not the expected JSON"}},
		{"another JSON", &fakeGraylog{streams: well, refused: "{}"}, exitUnknown, []string{notSeen + ".*has no total"}},
		{"all well", &fakeGraylog{streams: fmt.Sprintf(own, false, rule)}, exitOK, []string{"^ok +API .*Graylog 7.0.1, and it is running", "^ok +search", "^ok +stream +it is in Default Stream and TTP Stream", nothingRefused}},
		{"no stream", &fakeGraylog{}, exitFailure, []string{"^failed +stream +it is in Default Stream, not in TTP Stream, which Graylog does not have", "> .*logger contains TTP_"}},
		{"paused", &fakeGraylog{streams: strings.Replace(fmt.Sprintf(own, true, rule), `"2"`, `"3"`, 1)}, exitFailure, []string{"^failed +stream .*paused", "> Start it"}},
		{"no rule", &fakeGraylog{streams: strings.Replace(fmt.Sprintf(own, false, ""), `"2"`, `"3"`, 1)}, exitFailure, []string{"^failed +stream .*no rule"}},
		{"wrong rule", &fakeGraylog{streams: strings.Replace(fmt.Sprintf(own, false, `{"field":"source","value":"x","type":1,"inverted":true}`), `"2"`, `"3"`, 1)}, exitFailure, []string{`^failed +stream .*whose rules are: source not: is "x"`, "> .*logger contains TTP_"}},
		{"processing paused", &fakeGraylog{search: none, system: `{"is_processing":false,"lifecycle":"throttled"}`}, exitFailure, []string{"^note +API .*paused", "^failed +search .*processing is paused", "> Resume"}},
		{"no input", &fakeGraylog{search: none}, exitFailure, []string{"^failed +search .*no input of this Graylog is at port " + port}},
		{"beats", &fakeGraylog{search: none, states: input("beats.BeatsInput", "RUNNING")}, exitFailure, []string{`^failed +search .*the input "in" at port \d+ is a BeatsInput`}},
		{"failed input", &fakeGraylog{search: none, states: input("gelf.tcp.GELFTCPInput", "FAILED")}, exitFailure, []string{`^failed +search .*is failed`, "> Start it"}},
		{"unknown", &fakeGraylog{search: none, states: input("gelf.udp.GELFUDPInput", "RUNNING") + "," + input("gelf.tcp.GELFTCPInput", "RUNNING")}, exitFailure, []string{`^failed +search .*within 1s$`, "> Does --server lead"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			g := tc.graylog
			if g.search == "" {
				g.search = storedIn
			}
			if g.system == "" {
				g.system = `{"is_processing":true,"lifecycle":"running"}`
			}
			web := httptest.NewServer(g)
			defer web.Close()
			out := new(output)
			flags := doctorFlags{server: server.Addr(), role: "ttp", name: "unit", api: web.URL + "/api/", timeout: time.Second, failures: 24 * time.Hour}
			d, err := flags.doctor(out)
			if err != nil {
				t.Fatal(err)
			}
			d.api.user, d.api.password = "reader", "secret"
			err = d.run(t.Context())
			if status := exitStatus(err); err == nil && tc.status != exitOK || err != nil && status != tc.status {
				t.Errorf("the error is %v, with status %d, want %d", err, status, tc.status)
			}
			match(t, out.String(), tc.patterns)
		})
	}
}

// TestDoctorAsksForTheInput holds that Graylog is asked what listens at the
// port, where a record cannot be sent.
func TestDoctorAsksForTheInput(t *testing.T) {
	addr := listen(t, func(c net.Conn) { c.Read(make([]byte, 1)) })
	_, port, _ := net.SplitHostPort(addr)
	web := httptest.NewServer(&fakeGraylog{system: `{"is_processing":true,"lifecycle":"running"}`,
		states: `{"state":"RUNNING","message_input":{"title":"in","type":"org.graylog.plugins.beats.Beats2Input","attributes":{"port":` + port + `}}}`})
	defer web.Close()
	t.Setenv(envUser, "reader")
	t.Setenv(envPassword, "secret")
	see(t, exitFailure, []string{"--server", addr, "--api", web.URL}, "^failed +GELF", `^failed +input +the input "in" at port \d+ is a Beats2Input`, "> .*GELF TCP")
}

func TestDoctorLogIn(t *testing.T) {
	server := gelftest.NewServer(t)
	g := &fakeGraylog{search: `{}`, system: `{"is_processing":true}`}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, _, sent := r.BasicAuth(); sent && (r.URL.Path == "/healthz" || r.URL.Path == "/api/") {
			t.Errorf("the password is sent to %s, before it is known who is there", r.URL.Path)
		}
		if r.URL.Path == "/api/search/universal/relative" {
			g.failures.Add(1)
		}
		g.ServeHTTP(w, r)
	}))
	defer web.Close()
	args := []string{"--server", server.Addr(), "--api", web.URL, "--timeout", "1s"}
	t.Setenv(envUser, "")
	see(t, exitFailure, args, "^failed +API .*wants a user", "> .*SYNLOGGER_API_USER", "^ok +probe")
	t.Setenv(envUser, "reader")
	t.Setenv(envPassword, "wrong")
	see(t, exitFailure, args, "^failed +API .*does not let the user reader in")
	t.Setenv(envPassword, "secret")
	see(t, exitFailure, args, "^failed +search .*the indexer refused [1-9].*mapper_parsing_exception")
	web.Close()
	see(t, exitFailure, args, "^failed +API .*neither Graylog nor a collector: connection refused", "> Nobody answers")
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	see(t, exitFailure, []string{"--server", server.Addr(), "--api", other.URL}, "^failed +API .*neither", "> Is this the address")
}

// TestRealGraylogDoctor has the doctor find its probe in Graylog, and miss one
// that went elsewhere.
func TestRealGraylogDoctor(t *testing.T) {
	srv := graylogtest.Open(t)
	ttp, err := role.Lookup("ttp")
	if err != nil {
		t.Fatal(err)
	}
	input := srv.Input(ttp.Input)
	srv.Settle(input, srv.Stream(ttp.Stream, graylogtest.Contains("logger", ttp.Prefix)), ttp.Prefix+"settle")
	t.Setenv(envUser, srv.User)
	t.Setenv(envPassword, srv.Password)
	see(t, exitOK, []string{"--server", input.Addr, "--role", "ttp", "--api", srv.URL, "--timeout", "30s", "--failures", "0"},
		"^ok +API .*is Graylog "+regexp.QuoteMeta(srv.Version), "^ok +probe", "^ok +search +Graylog has stored the probe", "^ok +stream +it is in .*"+ttp.Stream)
	see(t, exitFailure, []string{"--server", gelftest.NewServer(t).Addr(), "--api", srv.URL, "--timeout", "3s"},
		"^ok +probe", "^failed +search +Graylog has not stored the probe within 3s: no input of this Graylog")
}
