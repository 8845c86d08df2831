package doctor

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/clitest"
	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/gelftest"
	"github.com/aimakerspace/synlogger/role"
)

func TestTCP(t *testing.T) {
	t.Parallel()
	server := gelftest.NewServer(t)
	worker, err := role.Lookup("worker")
	if err != nil {
		t.Fatal(err)
	}
	opts := options(t, server.Addr())
	opts.Role = worker
	check(t, StatusOK, opts,
		"^ok +configuration +Worker to tcp://127.*logger doctor-WKR_unit$",
		"^ok +name +127.0.0.1 is an IP address",
		"^ok +connection +127.* connected in ",
		"^ok +GELF ",
		"^ok +probe .*doctor_probe:probe",
	)
	records := server.Wait(2)
	for i, want := range []string{"connection", "probe"} {
		r := records[i]
		probe, _ := r.Fields["doctor_probe"].(string)
		if r.Err != nil || len(r.Findings) > 0 || !strings.HasPrefix(probe, want) || r.Fields["logger"] != "doctor-WKR_unit" {
			t.Errorf("record %d is %+v", i, r)
		}
	}
}

func TestHostName(t *testing.T) {
	t.Parallel()
	_, port, _ := net.SplitHostPort(gelftest.NewServer(t).Addr())
	check(t, StatusOK, options(t, "localhost:"+port),
		"^ok +name +localhost resolves to .*127.0.0.1",
		"^ok +connection +127.0.0.1",
	)
}

func TestUDP(t *testing.T) {
	t.Parallel()
	server := gelftest.NewServer(t)
	opts := options(t, "udp://"+server.Addr())
	check(t, StatusUnknown, opts,
		"^unknown +GELF +UDP has no acknowledgments: a datagram was sent",
		"> Give --url",
		"^unknown +probe +.*sent, not confirmed",
		"no step failed, but 2 of 4 were not confirmed",
	)
	server.Wait(2)
	server.Stop()
	check(t, StatusFailed, opts,
		"^failed +GELF +the host refused a datagram: connection refused",
		"> .*no program listens",
	)
}

func TestConfiguration(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "none.pem")
	files := delivery.TLS{CAFile: missing}
	check(t, StatusFailed, withTLS(options(t, "tls://127.0.0.1"), files), "^failed +configuration .*none.pem")
	check(t, StatusFailed, withTLS(options(t, "127.0.0.1"), files), "^failed +configuration .*use tls://")
	opts := options(t, "127.0.0.1")
	opts.Name = "DIR_x"
	check(t, StatusFailed, opts, "^failed +configuration .*Director Stream too")
}

// TestWrongServers checks what the doctor finds at ports that are not GELF inputs.
func TestWrongServers(t *testing.T) {
	t.Parallel()
	web := httptest.NewUnstartedServer(http.NotFoundHandler())
	web.Config.ErrorLog = quietLog
	web.Start()
	defer web.Close()
	const closed = "127.0.0.1:1" // another test could use a port that was free a moment ago
	closeAtOnce := func(net.Conn) {}
	closeUponFrame := func(c net.Conn) { c.Read(make([]byte, 1)) }
	ssh := func(c net.Conn) {
		io.WriteString(c, "SSH-2.0-x\x1b[2J\r\n")
		io.Copy(io.Discard, c)
	}
	for _, tc := range []struct {
		name     string
		server   string
		patterns []string
	}{
		{
			name:   "closed port",
			server: closed,
			patterns: []string{
				"^failed +connection .*connection refused",
				`> .*no program listens on port \d+.*input "TTP Logs"`,
				"1 of 3 steps failed",
			},
		},
		{
			name:     "unknown host",
			server:   "something.invalid",
			patterns: []string{"^failed +name .*something.invalid", "> .*name"},
		},
		{
			name:   "HTTP",
			server: web.Listener.Addr().String(),
			patterns: []string{
				`^failed +GELF +a web server answers: "HTTP/1.1 400 Bad Request`,
				`> .*input of the type GELF TCP, "TTP Logs" on port 9300`,
			},
		},
		{
			name:   "closes at once",
			server: clitest.Serve(t, closeAtOnce),
			patterns: []string{
				"^failed +GELF +the server closed the connection upon a record",
				"> .*not belong to a GELF TCP input",
			},
		},
		{
			name:   "closes upon a frame",
			server: clitest.Serve(t, closeUponFrame),
			patterns: []string{
				"^failed +GELF +the server closed the connection upon a record: connection reset by peer",
				"> .*Beats",
			},
		},
		{
			name:     "SSH",
			server:   clitest.Serve(t, ssh),
			patterns: []string{`^failed +GELF +an SSH server answers: "SSH-2.0-x\\x1b\[2J`},
		},
	} {
		t.Run(tc.name, func(t *testing.T) { check(t, StatusFailed, options(t, tc.server), tc.patterns...) })
	}
}

func TestInvalidOptions(t *testing.T) {
	for _, tc := range []struct {
		name, server, url, want string
	}{
		{"scheme", "ftp://x", "", `unknown scheme "ftp"`},
		{"URL without scheme", "127.0.0.1", "127.0.0.1:9000", "http://127.0.0.1:9000"},
		{"URL with a password", "127.0.0.1", "http://admin:hunter2@graylog", "the URL contains a user"},
		{"invalid URL with a password", "127.0.0.1", "http://a%zz:hunter2@graylog", "invalid URL"},
	} {
		opts := options(t, tc.server)
		if tc.url != "" {
			opts = withAPI(opts, tc.url)
		}
		_, err := New(opts)
		if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, want %s", tc.name, err, tc.want)
		}
	}
}

func TestCollector(t *testing.T) {
	t.Parallel()
	page, ttp := runCollector(t)
	check(t, StatusOK, withAPI(options(t, ttp), page),
		"^ok +API .*is a collector",
		"^ok +probe",
		"^ok +stream +the probe is in TTP Stream, through the input TTP Logs",
	)
	check(t, StatusOK, withAPI(options(t, "udp://"+ttp), page),
		"^note +GELF +UDP has no acknowledgments",
		"^note +probe .*not confirmed",
		"^ok +stream +the probe is in TTP Stream",
	)
	opts := withAPI(options(t, elsewhere(t)), page)
	opts.Timeout = time.Second
	check(t, StatusFailed, opts,
		"^ok +probe",
		"^failed +stream +the collector did not store the probe within 1s",
		"> Does --server lead to the collector of --url",
	)
}

// TestInterrupt checks that the end of the context ends the search for the probe.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	page, _ := runCollector(t)
	opts := withAPI(options(t, elsewhere(t)), page)
	opts.Timeout = time.Minute
	ctx, interrupt := context.WithCancel(t.Context())
	var interrupted time.Time
	opts.OnStep = func(s Step) {
		if s.Name == "probe" && s.Status == StatusOK {
			time.AfterFunc(50*time.Millisecond, func() {
				interrupted = time.Now()
				interrupt()
			})
		}
	}
	d, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Run(ctx); err == nil {
		t.Error("the run is ok")
	}
	if took := time.Since(interrupted); interrupted.IsZero() || took > 10*time.Second {
		t.Errorf("the run ended %v after the interrupt", took)
	}
}
