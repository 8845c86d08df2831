package main

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/clitest"
	"github.com/aimakerspace/synlogger/cmd/internal/health"
	"github.com/aimakerspace/synlogger/gelftest"
)

// healthcheck runs the command healthcheck and returns its exit code and output.
func healthcheck(t *testing.T, args ...string) (int, string) {
	t.Helper()
	stdout, stderr, wait := command(t.Context(), append([]string{"healthcheck"}, args...)...)
	code := wait()
	return code, stdout.String() + stderr.String()
}

// checkHealth fails the test unless healthcheck ends with an exit code and prints a text.
func checkHealth(t *testing.T, code int, want string, args ...string) {
	t.Helper()
	if got, text := healthcheck(t, args...); got != code || !strings.Contains(text, want) {
		t.Errorf("healthcheck %q: exit code %d, want %d and %q\n%s", args, got, code, want, text)
	}
}

// waitHealth repeats healthcheck until it ends with an exit code and prints a text.
func waitHealth(t *testing.T, code int, want string, args ...string) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		got, text := healthcheck(t, args...)
		if got == code && strings.Contains(text, want) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("healthcheck %q: exit code %d, want %d and %q\n%s", args, got, code, want, text)
		}
	}
}

// startProcess starts the command as a process, which is killed at the end of the test.
func startProcess(t *testing.T, binary string, env []string, args ...string) (*os.Process, *clitest.Buffer) {
	t.Helper()
	output := new(clitest.Buffer)
	cmd := exec.Command(binary, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), env...), output, output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		_ = cmd.Wait() // killed
	})
	return cmd.Process, output
}

// startAgent starts an agent as a process, and returns the address of its health check.
func startAgent(t *testing.T, binary string, env []string, args ...string) (*os.Process, string) {
	t.Helper()
	args = append([]string{"sysmetric", "--every", "100ms", "--health", "127.0.0.1:0"}, args...)
	process, output := startProcess(t, binary, env, args...)
	return process, output.WaitFor(t, `answered at http://([^/]+)/healthz\n`)[1]
}

// TestHealthcheckAgent checks an agent while its server works, while the server is
// stopped, and while the agent is stopped.
func TestHealthcheckAgent(t *testing.T) {
	t.Parallel()
	server := gelftest.NewServer(t)
	process, addr := startAgent(t, build(t), nil, "--server", server.Addr())
	server.WaitLen(1)
	waitHealth(t, exitOK, "ok, records sent: ", "--health", addr, "--delivery")

	server.Stop()
	waitHealth(t, exitFailure, "records do not reach the server: ", "--health", addr, "--delivery")
	checkHealth(t, exitOK, "ok, but records do not reach the server: ", "--health", addr)
	server.Start()
	waitHealth(t, exitOK, "ok, records sent: ", "--health", addr, "--delivery")

	if err := process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	waitHealth(t, exitFailure, "does not answer in time", "--health", addr, "--timeout", "200ms")
	if err := process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	waitHealth(t, exitOK, "ok", "--health", addr)
	if err := process.Kill(); err != nil {
		t.Fatal(err)
	}
	waitHealth(t, exitFailure, "nothing listens at http://"+addr+"/healthz", "--health", addr)
}

// TestHealthcheckStuckAgent checks an agent that waits for a file of proc.
func TestHealthcheckStuckAgent(t *testing.T) {
	t.Parallel()
	proc := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(proc, "meminfo"), 0o600); err != nil {
		t.Skip(err)
	}
	server := gelftest.NewServer(t)
	_, addr := startAgent(t, build(t), []string{"HOST_PROC=" + proc}, "--server", server.Addr())
	checkHealth(t, exitFailure, "the agent has not reported yet", "--health", addr)
}

// TestHealthcheckEnvironment checks that one variable configures an agent and its check.
func TestHealthcheckEnvironment(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	t.Setenv(health.EnvAddress, "0.0.0.0:"+port)
	_, stderr, wait := command(t.Context(), "sysmetric", "--server", "127.0.0.1:1")
	if code := wait(); code != exitFailure || !strings.Contains(stderr.String(), "Another program uses the port") ||
		!strings.Contains(stderr.String(), port) {
		t.Errorf("exit code %d with a port in use, want 1\n%s", code, stderr)
	}
	l.Close()
	server := gelftest.NewServer(t)
	process, _ := startProcess(t, build(t), nil, "sysmetric", "--server", server.Addr())
	waitHealth(t, exitOK, "ok, records sent: ")
	process.Kill()
	t.Setenv(health.EnvAddress, "nowhere")
	checkHealth(t, exitUsage, health.EnvAddress+` "nowhere": address nowhere: missing port`)
}

// TestHealthcheckCollector checks a collector with a token, and one that cannot store
// records.
func TestHealthcheckCollector(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "logs")
	process, output := startProcess(t, build(t), []string{envPageToken + "=0123456789abcdef"},
		"collect", "--ports", "auto", "--dir", dir)
	addr := output.WaitFor(t, `http://(127\.0\.0\.1:\d+)/`)[1]
	waitHealth(t, exitOK, "ok\n", "--health", addr)
	checkHealth(t, exitFailure, "the process is a collector", "--health", addr, "--delivery")
	if err := process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	waitHealth(t, exitFailure, "nothing listens", "--health", addr)
}

// TestHealthcheckAnswers checks answers of other servers, and that of a collector whose
// store fails.
func TestHealthcheckAnswers(t *testing.T) {
	for _, tt := range []struct {
		status int
		body   string
		want   string
	}{
		{http.StatusServiceUnavailable, `{"error": "the store is full"}`, "/healthz does not work: the store is full\n"},
		{http.StatusServiceUnavailable, "busy", "is neither an agent nor a collector"},
		{http.StatusOK, "<html>Graylog</html>", "is neither an agent nor a collector"},
		{http.StatusOK, `{"status": "starting"}`, "is neither an agent nor a collector"},
		{http.StatusFound, "", "answers 302 Found"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(tt.status)
			io.WriteString(w, tt.body)
		}))
		checkHealth(t, exitFailure, tt.want, "--health", server.Listener.Addr().String())
		server.Close()
	}
}

// TestHealthRejectsNames checks that a web page cannot read the answer through a name
// that resolves to this machine.
func TestHealthRejectsNames(t *testing.T) {
	server, err := health.Listen("127.0.0.1:0", func() (health.Delivery, error) { return health.Delivery{}, nil })
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	for host, want := range map[string]int{
		"127.0.0.1:9110":    http.StatusOK,
		"localhost":         http.StatusOK,
		"[::1]:9110":        http.StatusOK,
		"rebound.test:9110": http.StatusForbidden,
	} {
		req, err := http.NewRequest(http.MethodGet, server.URL(), nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var report health.Report
		err = json.NewDecoder(resp.Body).Decode(&report)
		resp.Body.Close()
		if resp.StatusCode != want || (err == nil) != (want == http.StatusOK) {
			t.Errorf("%s: %s, %v, want %d", host, resp.Status, err, want)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}
