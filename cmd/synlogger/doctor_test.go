package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/gelftest"
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
