package main

import (
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
		{http.StatusServiceUnavailable, `{"error": "no space left"}`, "/healthz does not work: no space left\n"},
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
