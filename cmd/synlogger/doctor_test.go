package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/collector"
	"github.com/aimakerspace/synlogger/gelftest"
	"github.com/aimakerspace/synlogger/internal/graylogtest"
	"github.com/aimakerspace/synlogger/role"
)

// see runs a doctor, and compares its exit status and the lines that it prints
// with patterns, in this order.
func see(t *testing.T, status int, args []string, patterns ...string) {
	t.Helper()
	stdout, stderr, wait := command(t.Context(), append([]string{"doctor"}, args...)...)
	if got := wait(); got != status {
		t.Errorf("status %d, want %d", got, status)
	}
	match(t, stdout.String()+stderr.String(), patterns)
}

func match(t *testing.T, text string, patterns []string) {
	t.Helper()
	rest := text
	for _, p := range patterns {
		at := regexp.MustCompile("(?m)" + p).FindStringIndex(rest)
		if at == nil {
			t.Errorf("there is no %q, at its place, in\n%s", p, text)
			return
		}
		rest = rest[at[1]:]
	}
}

func TestDoctorPlain(t *testing.T) {
	t.Parallel()
	server := gelftest.NewServer(t)
	see(t, exitOK, []string{"--server", server.Addr(), "--role", "worker", "--name", "unit"},
		"^ok +configuration +Worker to tcp://127.*logger WKR_unit$", "^ok +name +127.0.0.1 is an address", "^ok +connection +127.* took ", "^ok +GELF ", "^ok +probe .*doctor_probe:probe")
	records := server.Wait(2)
	for i, want := range []string{"connection", "probe"} {
		r := records[i]
		if probe, _ := r.Fields["doctor_probe"].(string); r.Err != nil || len(r.Findings) > 0 || !strings.HasPrefix(probe, want) || r.Fields["logger"] != "WKR_unit" {
			t.Errorf("record %d is %+v", i, r)
		}
	}
}

func TestDoctorName(t *testing.T) {
	t.Parallel()
	_, port, _ := net.SplitHostPort(gelftest.NewServer(t).Addr())
	see(t, exitOK, []string{"--server", "localhost:" + port}, "^ok +name +localhost is .*127.0.0.1", "^ok +connection +127.0.0.1")
}

func TestDoctorUDP(t *testing.T) {
	t.Parallel()
	server := gelftest.NewServer(t)
	see(t, exitUnknown, []string{"--server", "udp://" + server.Addr()}, "^unknown +GELF +nobody answers UDP: a datagram was sent, not confirmed", "> Give --api",
		"^unknown +probe +.*sent, not confirmed", "no step failed, but the outcome of 2 of 4 is unknown")
	server.Wait(2)
	server.Stop()
	see(t, exitFailure, []string{"--server", "udp://" + server.Addr()}, "^failed +GELF +nobody takes datagrams: connection refused", "> .*nobody listens")
}

// caFile writes the certificate of the server to a file.
func caFile(t *testing.T, server *gelftest.Server) string {
	t.Helper()
	conn, err := tls.Dial("tcp", server.Addr(), server.ClientTLS())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return writePEM(t, conn.ConnectionState().PeerCertificates[0].Raw)
}

func writePEM(t *testing.T, der []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestDoctorTLS(t *testing.T) {
	t.Parallel()
	server := gelftest.NewTLSServer(t)
	ca := caFile(t, server)
	see(t, exitOK, []string{"--server", server.URL(), "--ca-file", ca},
		"^ok +TLS +TLS 1.3 with TLS_", "^note +certificate +of CN=gelftest, issued by CN=gelftest, for localhost, 127.0.0.1, expires in 0 days", "> Renew it", "^ok +client +the server asks for no", "^ok +GELF", "^ok +probe")
	see(t, exitFailure, []string{"--server", server.URL()},
		"^failed +certificate .*unknown authority", "> .*--ca-file", "1 of 5 steps failed")
	see(t, exitFailure, []string{"--server", server.URL(), "--ca-file", ca, "--server-name", "graylog.example"},
		"^failed +certificate .*not graylog.example", "> .*--server-name")
	see(t, exitFailure, []string{"--server", server.URL(), "--ca-file", writePEM(t, otherCertificate(t))},
		"^failed +certificate .*unknown authority", "> It is not signed by an authority in --ca-file")
	see(t, exitFailure, []string{"--server", server.Addr()}, "^failed +GELF .*TLS", "> Use tls://")
	see(t, exitFailure, []string{"--server", "tls://" + gelftest.NewServer(t).Addr(), "--timeout", "1s"}, "^failed +TLS +the handshake failed", "> .*tcp://")
}

// otherCertificate returns that of a server that has nothing to do with the
// tested one.
func otherCertificate(t *testing.T) []byte {
	other := httptest.NewTLSServer(http.NotFoundHandler())
	defer other.Close()
	return other.Certificate().Raw
}

// TestDoctorClientCertificate has a server that insists on a certificate, which
// with TLS 1.3 shows after the handshake only.
func TestDoctorClientCertificate(t *testing.T) {
	t.Parallel()
	web := httptest.NewUnstartedServer(http.NotFoundHandler())
	web.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	web.Config.ErrorLog = quietLog
	web.StartTLS()
	defer web.Close()
	ca := writePEM(t, web.Certificate().Raw)
	see(t, exitFailure, []string{"--server", "tls://" + web.Listener.Addr().String(), "--ca-file", ca},
		"^note +client +the server asks for a client's certificate, and got none", "^failed +GELF +the server refused: .*certificate required", "> .*--cert-file")
}

// quietLog is for servers that are spoken to in the wrong language.
var quietLog = log.New(io.Discard, "", 0)

// listen has a server that does as the function says with each connection.
func listen(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serve(conn)
			conn.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().String()
}

func TestDoctorWrongServers(t *testing.T) {
	t.Parallel()
	web := httptest.NewUnstartedServer(http.NotFoundHandler())
	web.Config.ErrorLog = quietLog
	web.Start()
	defer web.Close()
	const closed = "127.0.0.1:1" // a port that was free a moment ago may be another test's by now
	for _, tc := range []struct {
		name, server string
		patterns     []string
	}{
		{"closed port", closed, []string{"^failed +connection .*connection refused", `> .*nobody listens at port \d+.*input "TTP Logs"`, "1 of 3 steps failed"}},
		{"no such name", "something.invalid", []string{"^failed +name .*something.invalid", "> .*name"}},
		{"HTTP", web.Listener.Addr().String(), []string{`^failed +GELF +a web server answers: "HTTP/1.1 400 Bad Request`, `> .*input of the kind GELF TCP, "TTP Logs" at port 9300`}},
		{"closes at once", listen(t, func(net.Conn) {}), []string{"^failed +GELF +the server hung up on a record", "> .*no GELF TCP input"}},
		{"closes upon a frame", listen(t, func(c net.Conn) { c.Read(make([]byte, 1)) }), []string{"^failed +GELF +the server hung up on a record: connection reset by peer", "> .*Beats"}},
		{"SSH", listen(t, func(c net.Conn) { io.WriteString(c, "SSH-2.0-x\x1b[2J\r\n"); io.Copy(io.Discard, c) }), []string{`^failed +GELF +an SSH server answers: "SSH-2.0-x\\x1b\[2J`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			see(t, exitFailure, []string{"--server", tc.server, "--timeout", "5s"}, tc.patterns...)
		})
	}
}

func TestDoctorConfiguration(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "none.pem")
	see(t, exitFailure, []string{"--server", "tls://127.0.0.1", "--ca-file", missing}, "^failed +configuration .*none.pem")
	see(t, exitFailure, []string{"--ca-file", missing}, "^failed +configuration .*use tls://")
	see(t, exitFailure, []string{"--name", "DIR_x"}, "^failed +configuration .*Director Stream too")
}

func TestDoctorJSON(t *testing.T) {
	t.Parallel()
	server := gelftest.NewServer(t)
	stdout, _, wait := command(t.Context(), "doctor", "--json", "--server", server.Addr())
	status := wait()
	var got struct {
		Server string
		OK     bool
		Probe  string `json:"doctor_probe"`
		Steps  []step
	}
	if err := json.Unmarshal([]byte(stdout.String()), &got); err != nil {
		t.Fatalf("%v\n%s", err, stdout)
	}
	if status != exitOK || !got.OK || got.Server != server.URL() || got.Probe != server.Wait(2)[1].Fields["doctor_probe"] || len(got.Steps) != 5 {
		t.Errorf("status %d, %+v", status, got)
	}
}

// runCollector runs a collector at free ports until the test ends.
func runCollector(t *testing.T) (c *collector.Collector, ttp string) {
	t.Helper()
	inputs := collector.RoleInputs("127.0.0.1")
	for i := range inputs {
		inputs[i].Addr = "127.0.0.1:0"
	}
	c, err := collector.New(collector.Options{Inputs: inputs, Page: "127.0.0.1:0", OnError: func(err error) { t.Error(err) }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	for _, in := range c.Inputs() {
		if in.Title == "TTP Logs" {
			ttp = in.Addr
		}
	}
	for deadline := time.Now().Add(30 * time.Second); !healthy(t, c); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the collector's inputs do not run")
		}
	}
	return c, ttp
}

func healthy(t *testing.T, c *collector.Collector) bool {
	w := httptest.NewRecorder()
	c.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/healthz", nil))
	return w.Code == http.StatusOK
}

func TestDoctorAsksCollector(t *testing.T) {
	t.Parallel()
	c, ttp := runCollector(t)
	see(t, exitOK, []string{"--server", ttp, "--api", c.PageURL()}, "^ok +API .*is a collector", "^ok +probe", "^ok +stream +it is in TTP Stream, by the input TTP Logs")
	see(t, exitOK, []string{"--server", "udp://" + ttp, "--api", c.PageURL()}, "^note +GELF +nobody answers UDP", "^note +probe .*not confirmed", "^ok +stream +it is in TTP Stream")
	see(t, exitFailure, []string{"--server", gelftest.NewServer(t).Addr(), "--api", c.PageURL(), "--timeout", "1s"},
		"^ok +probe", "^failed +stream +the collector has not stored the probe within 1s", "> Does --server lead to the collector of --api")
}

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

func TestDoctorUsage(t *testing.T) {
	for _, tc := range []struct{ args, want string }{
		{"--role nurse", "use sysmetric, director, ttp, worker"},
		{"--server http://x", `unknown scheme "http"`},
		{"--timeout 0s", "use a positive duration"},
		{"--cert-file x", "give both"},
		{"--api 127.0.0.1:9000", "http://127.0.0.1:9000"},
		{"--api http://admin:hunter2@graylog", "SYNLOGGER_API_PASSWORD"},
		{"--api http://a%zz:hunter2@graylog", "is no URL"},
		{"--failures -1s", "use a positive duration, or 0"},
		{"now", "none of the commands"},
	} {
		_, stderr, wait := command(t.Context(), append([]string{"doctor"}, strings.Fields(tc.args)...)...)
		if status := wait(); status != exitUsage || !strings.Contains(stderr.String(), tc.want) || strings.Contains(stderr.String(), "hunter2") {
			t.Errorf("%s: status %d\n%s", tc.args, status, stderr)
		}
	}
	stdout, _, wait := command(t.Context(), "__complete", "doctor", "--role", "")
	if wait(); !strings.HasPrefix(stdout.String(), "sysmetric\ndirector\nttp\nworker\n") {
		t.Errorf("the roles are completed as\n%s", stdout)
	}
}

// TestDoctorIsInterrupted holds that Ctrl-C ends a wait.
func TestDoctorIsInterrupted(t *testing.T) {
	t.Parallel()
	c, _ := runCollector(t)
	ctx, interrupt := context.WithCancel(t.Context())
	stdout, _, wait := command(ctx, "doctor", "--server", gelftest.NewServer(t).Addr(), "--api", c.PageURL(), "--timeout", "1m")
	stdout.waitFor(t, "ok +probe")
	start := time.Now()
	interrupt()
	if status := wait(); status != exitFailure || time.Since(start) > 10*time.Second {
		t.Errorf("status %d after %v", status, time.Since(start))
	}
}
