package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/gelftest"
	_ "github.com/aimakerspace/synlogger/internal/golden"
	"github.com/aimakerspace/synlogger/role"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// output is what a command prints, for a test to read while the command runs.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// waitFor returns the groups of the first match of the pattern in what is
// printed.
func (o *output) waitFor(t *testing.T, pattern string) []string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if m := re.FindStringSubmatch(o.String()); m != nil {
			return m
		}
		if time.Now().After(deadline) {
			t.Fatalf("%q was not printed, but:\n%s", pattern, o)
		}
	}
}

// command runs the command line in the background. The function it returns
// waits for its end and returns the exit status.
func command(ctx context.Context, args ...string) (stdout, stderr *output, wait func() int) {
	stdout, stderr = new(output), new(output)
	status := make(chan int, 1)
	go func() { status <- run(ctx, args, stdout, stderr) }()
	return stdout, stderr, func() int { return <-status }
}

// table matches the account of one stream: sent, received and stored.
func table(stream string) string { return stream + ` +(\d+) +(\d+) +(\d+)` }

func TestDemoEndsWithAnAccount(t *testing.T) {
	stdout, stderr, wait := command(t.Context(), "demo", "--for", "2s", "--ports", "auto")
	if status := wait(); status != exitOK {
		t.Fatalf("status %d, want 0\n%s%s", status, stdout, stderr)
	}
	for _, r := range role.All() {
		m := stdout.waitFor(t, table(r.Stream))
		if m[1] == "0" || m[1] != m[2] || m[1] != m[3] {
			t.Errorf("%s: sent %s, received %s, stored %s, want all the same and some", r.Stream, m[1], m[2], m[3])
		}
	}
}

// TestDemoToServer has a server of the test's in Graylog's place.
func TestDemoToServer(t *testing.T) {
	server := gelftest.NewServer(t)
	stdout, stderr, wait := command(t.Context(), "demo", "--server", server.Addr(), "--for", "1s")
	if status := wait(); status != exitOK {
		t.Fatalf("status %d, want 0\n%s%s", status, stdout, stderr)
	}
	all := 0
	for _, r := range role.All() {
		n, err := strconv.Atoi(stdout.waitFor(t, r.Stream+` +(\d+)`)[1])
		if err != nil || n == 0 {
			t.Errorf("%s: %d records, %v", r.Stream, n, err)
		}
		all += n
	}
	all += len(role.All()) // those that try the inputs
	if records := server.Wait(all); len(records) != all {
		t.Errorf("%d records have come, %d were sent", len(records), all)
	}
}

// TestDemoToServerTLS has the demo log to servers that take TLS, and to some
// that do not take what it sends.
func TestDemoToServerTLS(t *testing.T) {
	t.Parallel()
	server := gelftest.NewTLSServer(t)
	ca := caFile(t, server)
	plain := gelftest.NewServer(t)
	closes := listen(t, func(net.Conn) {})
	for _, tc := range []struct {
		name   string
		args   []string
		status int
		want   string
	}{
		{"TLS", []string{"--server", server.URL(), "--ca-file", ca, "--server-name", "localhost"}, exitOK, "Worker Stream +[1-9]"},
		{"unknown authority", []string{"--server", server.URL()}, exitFailure, "failed +certificate .*unknown authority"},
		{"another name", []string{"--server", server.URL(), "--ca-file", ca, "--server-name", "x.example"}, exitFailure, "failed +certificate .*not x.example"},
		{"plain to TLS", []string{"--server", server.Addr()}, exitFailure, "Worker Logs, .*failed +GELF .*speaks TLS\n.*> Use tls://"},
		{"TLS to plain", []string{"--server", "tls://" + plain.Addr(), "--ca-file", ca}, exitFailure, "failed +TLS "},
		{"nobody", []string{"--server", "127.0.0.1:1"}, exitFailure, "4 of 4 inputs accept no records"},
		{"hangs up", []string{"--server", closes}, exitFailure, "failed +GELF +the server hung up"},
		{"UDP", []string{"--server", "udp://" + plain.Addr()}, exitUnknown, "nobody answers UDP: the records were sent, not confirmed"},
		{"UDP to nobody", []string{"--server", "udp://127.0.0.1:1"}, exitFailure, "failed +GELF +nobody takes datagrams"},
		{"no file", []string{"--server", server.URL(), "--ca-file", "/none.pem"}, exitFailure, "failed +configuration .*/none.pem"},
		{"half a pair", []string{"--server", server.URL(), "--cert-file", "/none.pem"}, exitUsage, "give both"},
		{"no server", []string{"--ca-file", ca}, exitUsage, "--ca-file has no meaning without --server"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			stdout, stderr, wait := command(t.Context(), append([]string{"demo", "--for", "500ms"}, tc.args...)...)
			if status := wait(); status != tc.status {
				t.Errorf("status %d, want %d", status, tc.status)
			}
			match(t, stdout.String()+stderr.String(), []string{tc.want})
		})
	}
}

func TestDemoFailsWhenAStreamLacksRecords(t *testing.T) {
	stdout, stderr, wait := command(t.Context(), "demo", "--for", "1s", "--ports", "auto", "--max-records", "5")
	status := wait()
	if status != exitFailure || !regexp.MustCompile(`Stream holds \d+ of \d+ records`).MatchString(stderr.String()) {
		t.Fatalf("status %d, want 1 and the stream named\n%s%s", status, stdout, stderr)
	}
}

func TestDemoGoesOnUntilInterrupted(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	stdout, stderr, wait := command(ctx, "demo", "--ports", "auto")
	url := stdout.waitFor(t, `Look at (http://\S+)\. The grid goes on`)[1]
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	stdout.waitFor(t, "experiment exp-2: round 1")
	interrupt()
	if status := wait(); status != exitOK {
		t.Fatalf("status %d, want 0\n%s%s", status, stdout, stderr)
	}
	if n := strings.Count(stdout.String(), "TTP Stream"); n != 2 {
		t.Errorf("the account was printed %d times, want after the first experiment and at the end", n)
	}
}

func TestTakenPortIsNamedWithItsFlag(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	for _, tc := range []struct {
		flags []string
		want  []string
	}{
		{[]string{"--input", "ttp logs=" + l.Addr().String()}, []string{"port " + port + " (TTP Logs)", `--input "TTP Logs=`, "--ports auto", "address already in use"}},
		{[]string{"--page", l.Addr().String()}, []string{"port " + port + " (page)", "--page HOST:PORT", "--ports auto"}},
	} {
		for _, name := range []string{"collect", "demo"} {
			_, stderr, wait := command(t.Context(), append([]string{name, "--ports", "auto"}, tc.flags...)...)
			if status := wait(); status != exitFailure {
				t.Errorf("%s %q: status %d, want 1", name, tc.flags, status)
			}
			for _, want := range tc.want {
				if !strings.Contains(stderr.String(), want) {
					t.Errorf("%s %q: no %q in\n%s", name, tc.flags, want, stderr)
				}
			}
		}
	}
}

// TestAddressNotOfThisMachine: the address is at fault, not another program.
func TestAddressNotOfThisMachine(t *testing.T) {
	const elsewhere = "192.0.2.1" // reserved for documentation: no machine has it
	for _, tc := range []struct{ args, want, flag string }{
		{"--host " + elsewhere, "This machine does not have the address " + elsewhere, "--host"},
		{"--page " + elsewhere + ":9000", "This machine does not have the address " + elsewhere, "--page HOST:PORT"},
		{"--host nothing.invalid", "The host nothing.invalid has no address", "--host"},
	} {
		for _, name := range []string{"collect", "demo"} {
			args := append([]string{name, "--ports", "auto"}, strings.Fields(tc.args)...)
			_, stderr, wait := command(t.Context(), args...)
			status, text := wait(), stderr.String()
			if status != exitFailure || !strings.Contains(text, tc.want) || !strings.Contains(text, tc.flag) || strings.Contains(text, "nother program") {
				t.Errorf("%q: status %d, want 1 and %q\n%s", args, status, tc.want, text)
			}
		}
	}
	for err, want := range map[error]string{
		syscall.EACCES:     "This user must not open the port",
		syscall.EADDRINUSE: "Another program has the port",
		syscall.EINVAL:     "Choose another address",
	} {
		got := explain(&collector.ListenError{Title: "TTP Logs", Network: "tcp", Addr: "127.0.0.1:80", Err: os.NewSyscallError("bind", err)})
		if !strings.Contains(got.Error(), want) {
			t.Errorf("%v is explained as %q, want %q", err, got, want)
		}
	}
}

// build makes the command itself and returns where it is.
func build(t *testing.T) string {
	binary := filepath.Join(t.TempDir(), "synlogger")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}

// TestCollectKeepsWhatArrived runs the command as a process of its own, ends it
// as Ctrl-C does, and looks for the records in a second one.
func TestCollectKeepsWhatArrived(t *testing.T) {
	binary := build(t)
	dir := filepath.Join(t.TempDir(), "logs")
	const records = 20_000

	collect := func(use func(stdout *output)) *output {
		stdout := new(output)
		cmd := exec.Command(binary, "collect", "--ports", "auto", "--dir", dir)
		cmd.Stdout, cmd.Stderr = stdout, os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		defer cmd.Process.Kill()
		use(stdout)
		if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("after Ctrl-C: %v, want status 0", err)
		}
		return stdout
	}

	first := collect(func(stdout *output) {
		addr := stdout.waitFor(t, `Worker Logs .* (127\.0\.0\.1:\d+)`)[1]
		stdout.waitFor(t, "Ctrl-C ends it")
		h := role.Worker(role.Config{Server: addr, Name: "unit"})
		for i := range records {
			slog.New(h).Info("Epoch trained", "i", i)
		}
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	first.waitFor(t, fmt.Sprintf("%d frames received, %d records stored, 0 refused", records, records))

	collect(func(stdout *output) {
		page := stdout.waitFor(t, `(http://127\.0\.0\.1:\d+)/`)[1]
		stdout.waitFor(t, "Ctrl-C ends it")
		resp, err := http.Get(fmt.Sprintf("%s/api/wait?stream=worker&q=epoch&n=%d&timeout=10s", page, records))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		http.DefaultClient.CloseIdleConnections()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("the records are not there after a restart: %s", resp.Status)
		}
	})
}

func TestUsage(t *testing.T) {
	for _, tc := range []struct {
		args   string
		status int
		stdout string
		stderr string
	}{
		{"", exitOK, "Available Commands", ""},
		{"help", exitOK, "synlogger demo", ""},
		{"help demo", exitOK, "Examples:", ""},
		{"collect --help", exitOK, "Examples:", ""},
		{"--version", exitOK, "synlogger ", ""},
		{"completion bash", exitOK, "__start_synlogger", ""},
		{"completion zsh", exitOK, "#compdef synlogger", ""},
		{"dmeo", exitUsage, "", `"dmeo"`},
		{"demo now", exitUsage, "", `"now" is none of the commands and flags of 'synlogger demo'`},
		{"demo --server ftp://x", exitUsage, "", `"ftp://x"`},
		{"demo --server x --dir y", exitUsage, "", "--dir has no meaning beside --server"},
		{"demo --fro 5s", exitUsage, "", "unknown flag: --fro"},
		{"demo --for five", exitUsage, "", "--for"},
		{"demo --for -1s", exitUsage, "", "use a positive duration"},
		{"demo --ports some", exitUsage, "", `use "fixed" or "auto"`},
		{"sysmetric --help", exitOK, "Exit status: 0 no record is lost", ""},
		{"sysmetric now", exitUsage, "", `"now" is no attribute: write it as key=value`},
		{"sysmetric =x", exitUsage, "", `"=x" is no attribute`},
		{"sysmetric --every 0s", exitUsage, "", "--every 0s: use a positive duration"},
		{"sysmetric --server ftp://x", exitUsage, "", `"ftp://x"`},
		{"collect --max-records 0", exitUsage, "", "use a positive number"},
		{"collect --input TTP", exitUsage, "", "TTP Logs=127.0.0.1:19300"},
		{"collect --page 127.0.0.1:x", exitUsage, "", `the port "x" is not a number`},
		{"collect --page nowhere", exitUsage, "", "missing port"},
		{"collect --input X=127.0.0.1:99999", exitUsage, "", `the port "99999" is not a number from 0 to 65535`},
		{"collect --input X=127.0.0.1:1", exitUsage, "", "use one of Sysmetrics Logs, Director Logs"},
	} {
		stdout, stderr, wait := command(t.Context(), strings.Fields(tc.args)...)
		if status := wait(); status != tc.status {
			t.Errorf("%q: status %d, want %d", tc.args, status, tc.status)
		}
		if !strings.Contains(stdout.String(), tc.stdout) || !strings.Contains(stderr.String(), tc.stderr) {
			t.Errorf("%q: want %q on standard output and %q on standard error:\n%s%s", tc.args, tc.stdout, tc.stderr, stdout, stderr)
		}
		if tc.status != exitOK && !strings.Contains(stderr.String(), "Try 'synlogger help'") {
			t.Errorf("%q: no way out in\n%s", tc.args, stderr)
		}
	}
}
