package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/aimakerspace/synlogger/cmd/internal/clitest"
	"github.com/aimakerspace/synlogger/role"
)

// TestPortInUse checks that the error names the port and the flags that select
// another.
func TestPortInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	addr := l.Addr().String()
	for _, tc := range []struct {
		flags []string
		want  []string
	}{
		{
			flags: []string{"--input", "ttp logs=" + addr},
			want:  []string{"TTP Logs cannot listen on tcp " + addr, `--input "TTP Logs=`, "--ports auto", "in use"},
		},
		{
			flags: []string{"--page", addr},
			want:  []string{"page cannot listen on tcp " + addr, "--page HOST:PORT", "--ports auto"},
		},
	} {
		for _, name := range []string{"collect", "demo"} {
			_, stderr, wait := command(t.Context(), append([]string{name, "--ports", "auto"}, tc.flags...)...)
			if code := wait(); code != exitFailure {
				t.Errorf("%s %q: exit code %d, want 1", name, tc.flags, code)
			}
			for _, want := range tc.want {
				if !strings.Contains(stderr.String(), want) {
					t.Errorf("%s %q: no %q in\n%s", name, tc.flags, want, stderr)
				}
			}
		}
	}
}

// TestWrongAddress checks that the error names the address and not another program.
func TestWrongAddress(t *testing.T) {
	const elsewhere = "192.0.2.1" // reserved for documentation: no machine has it
	for _, tc := range []struct{ args, want, flag string }{
		{"--bind " + elsewhere, "This machine does not have the address " + elsewhere, "--bind"},
		{"--page " + elsewhere + ":9000", "This machine does not have the address " + elsewhere, "--page HOST:PORT"},
		{"--bind nothing.invalid", "The host nothing.invalid has no address", "--bind"},
	} {
		for _, name := range []string{"collect", "demo"} {
			args := append([]string{name, "--ports", "auto"}, strings.Fields(tc.args)...)
			_, stderr, wait := command(t.Context(), args...)
			code, text := wait(), stderr.String()
			if code != exitFailure || !strings.Contains(text, tc.want) || !strings.Contains(text, tc.flag) ||
				strings.Contains(text, "nother program") {
				t.Errorf("%q: exit code %d, want 1 and %q\n%s", args, code, tc.want, text)
			}
		}
	}
}

// TestCollectKeepsRecords runs the command as a process, ends it like Ctrl-C, and
// looks for the records in a second process.
func TestCollectKeepsRecords(t *testing.T) {
	t.Parallel()
	binary := build(t)
	dir := filepath.Join(t.TempDir(), "logs")
	const records = 20_000

	collect := func(use func(stdout *clitest.Buffer)) *clitest.Buffer {
		stdout := new(clitest.Buffer)
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
			t.Errorf("after Ctrl-C: %v, want exit code 0", err)
		}
		return stdout
	}

	first := collect(func(stdout *clitest.Buffer) {
		addr := stdout.WaitFor(t, `Worker Logs .* (127\.0\.0\.1:\d+)`)[1]
		stdout.WaitFor(t, "Press Ctrl-C to stop")
		h := role.Worker(role.Config{Server: addr, Name: "unit"})
		for i := range records {
			slog.New(h).Info("Epoch trained", "i", i)
		}
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	first.WaitFor(t, fmt.Sprintf("%d frames received, %d records stored, 0 refused", records, records))

	collect(func(stdout *clitest.Buffer) {
		page := stdout.WaitFor(t, `(http://127\.0\.0\.1:\d+)/`)[1]
		stdout.WaitFor(t, "Press Ctrl-C to stop")
		resp, err := http.Get(fmt.Sprintf("%s/api/wait?stream=worker&q=epoch&n=%d&timeout=10s", page, records))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		http.DefaultClient.CloseIdleConnections()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("the records are missing after a restart: %s", resp.Status)
		}
	})
}
