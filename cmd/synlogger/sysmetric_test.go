package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/gelf"
	"github.com/aimakerspace/synlogger/gelftest"
	"github.com/aimakerspace/synlogger/sysmetric"
)

func TestSysmetricReportsUntilInterrupted(t *testing.T) {
	server := gelftest.NewServer(t)
	ctx, interrupt := context.WithCancel(t.Context())
	_, stderr, wait := command(ctx, "sysmetric", "--server", server.Addr(), "--name", "hospital-1", "--every", "50ms",
		"--path", "/srv/train.py", "--class", "Trainer", "--function", "fit", "site=north", "formula=a=b")
	server.WaitLen(3)
	interrupt()
	if status := wait(); status != exitOK {
		t.Fatalf("status %d\n%s", status, stderr)
	}
	records := server.Wait(sent(t, stderr))
	for _, want := range []string{"Tracking terminated with exit code 0", "Sysmetric operations stopped.", "Probed system's hardware usage successfully."} {
		last := records[len(records)-1]
		records = records[:len(records)-1]
		if last.Message.Message != want {
			t.Errorf("%q, want %q", last.Message.Message, want)
		}
		checkFields(t, last.Message, map[string]any{"logger": "SYS_hospital-1", "resolution": 0.05,
			"ID_path": "/srv/train.py", "ID_class": "Trainer", "ID_function": "fit", "site": "north", "formula": "a=b"})
		if _, ok := last.Fields["memory_total"].(int64); !ok {
			t.Errorf("%q has no memory_total: %v", want, last.Fields)
		}
	}
}

// sent returns how many records the command says that it has sent.
func sent(t *testing.T, stderr *output) int {
	t.Helper()
	n, err := strconv.Atoi(stderr.waitFor(t, `records sent: (\d+)\n`)[1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func checkFields(t *testing.T, m gelf.Message, want map[string]any) {
	t.Helper()
	for field, value := range want {
		if m.Fields[field] != value {
			t.Errorf("%q: %s is %v, want %v", m.Message, field, m.Fields[field], value)
		}
	}
}

func TestSysmetricOnce(t *testing.T) {
	server := gelftest.NewServer(t)
	t.Setenv("SYNLOGGER_SERVER", server.Addr())
	t.Setenv("SYNLOGGER_NAME", "from-env")
	_, stderr, wait := command(t.Context(), "sysmetric", "--once")
	if status := wait(); status != exitOK {
		t.Fatalf("status %d\n%s", status, stderr)
	}
	records := server.Wait(1)
	if n := sent(t, stderr); n != 1 || len(records) != 1 {
		t.Fatalf("%d records of %d, want 1", len(records), n)
	}
	checkFields(t, records[0].Message, map[string]any{"logger": "SYS_from-env", "resolution": 0.2})
	if _, ok := records[0].Fields["net_recv_rate"].(float64); !ok {
		t.Errorf("no rate in %v", records[0].Fields)
	}
}

func TestSysmetricPrints(t *testing.T) {
	stdout, stderr, wait := command(t.Context(), "sysmetric", "--once", "--print", "--name", "x")
	if status := wait(); status != exitOK || stderr.String() != "" {
		t.Fatalf("status %d\n%s", status, stderr)
	}
	m, findings, err := gelf.Decode([]byte(strings.TrimSpace(stdout.String())))
	if err != nil || len(findings) > 0 {
		t.Fatalf("%v, %v in %s", err, findings, stdout)
	}
	checkFields(t, m, map[string]any{"logger": "SYS_x"})
}

// TestSysmetricUDP: what nobody confirms does not count as delivered.
func TestSysmetricUDP(t *testing.T) {
	t.Parallel()
	server := gelftest.NewServer(t)
	for _, addr := range []string{server.Addr(), "127.0.0.1:1"} {
		_, stderr, wait := command(t.Context(), "sysmetric", "--once", "--server", "udp://"+addr)
		if status := wait(); status != exitUnknown || !strings.Contains(stderr.String(), "sent, not confirmed") {
			t.Errorf("%s: status %d, want %d\n%s", addr, status, exitUnknown, stderr)
		}
	}
	server.Wait(1)
}

// TestSysmetricSharedSpool has another handler use the directory.
func TestSysmetricSharedSpool(t *testing.T) {
	t.Parallel()
	binary, dir := build(t), t.TempDir()
	const closed = "127.0.0.1:1"
	ctx, interrupt := context.WithCancel(t.Context())
	_, _, wait := command(ctx, "sysmetric", "--server", closed, "--spool", dir)
	defer wait()
	defer interrupt()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if files, _ := filepath.Glob(filepath.Join(dir, "*.spool")); len(files) > 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the first handler does not use the spool")
		}
	}
	cmd := exec.Command(binary, "sysmetric", "--once", "--server", closed, "--spool", dir)
	out, _ := cmd.CombinedOutput()
	text := string(out)
	if status := cmd.ProcessState.ExitCode(); status != exitFailure || !strings.Contains(text, dir+": another handler uses the directory") ||
		!strings.Contains(text, "1 of 1 records lost") {
		t.Errorf("status %d\n%s", status, text)
	}
}

// TestSysmetricLoses has no server, and then a spool that keeps the record for
// the next start.
func TestSysmetricLoses(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	_, stderr, wait := command(t.Context(), "sysmetric", "--once", "--server", addr)
	if status := wait(); status != exitFailure || !strings.Contains(stderr.String(), "1 of 1 records lost: ") {
		t.Errorf("status %d\n%s", status, stderr)
	}
	spool := t.TempDir()
	start := time.Now()
	_, stderr, wait = command(t.Context(), "sysmetric", "--once", "--server", addr, "--spool", spool, "n=1")
	if status := wait(); status != exitOK ||
		!strings.Contains(stderr.String(), "records sent: 0, in the spool for the next start: 1: ") {
		t.Errorf("status %d\n%s", status, stderr)
	}
	if took := time.Since(start); took >= farewell {
		t.Errorf("the command took %v although its record was in the spool", took)
	}
	server := gelftest.NewServer(t)
	_, stderr, wait = command(t.Context(), "sysmetric", "--once", "--server", server.Addr(), "--spool", spool, "n=2")
	if status := wait(); status != exitOK {
		t.Errorf("status %d\n%s", status, stderr)
	}
	for i, m := range server.Wait(2) {
		checkFields(t, m.Message, map[string]any{"n": fmt.Sprint(i + 1)})
	}
}

// TestSysmetricSIGTERM ends the agent as systemd does.
func TestSysmetricSIGTERM(t *testing.T) {
	server := gelftest.NewServer(t)
	cmd := exec.Command(build(t), "sysmetric", "--server", server.Addr())
	stderr := new(output)
	cmd.Stderr = stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	server.WaitLen(1)
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, stderr)
	}
	records := server.Wait(sent(t, stderr))
	if last := records[len(records)-1].Message; last.Message != "Tracking terminated with exit code 0" {
		t.Errorf("the last record is %q", last.Message)
	}
}

func TestExitStatus(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want int
	}{
		{usageError{errors.New("wrong flag")}, exitUsage},
		{errors.New("no network"), exitFailure},
		{(*sysmetric.Tracker)(nil).Terminate(t.Context()), 42},
	} {
		if got := exitStatus(tt.err); got != tt.want {
			t.Errorf("%v: %d, want %d", tt.err, got, tt.want)
		}
	}
}

func TestSysmetricInterval(t *testing.T) {
	server := gelftest.NewServer(t)
	ctx, interrupt := context.WithCancel(t.Context())
	_, _, wait := command(ctx, "sysmetric", "--server", server.Addr(), "--every", "200ms")
	records := server.Wait(4)
	interrupt()
	wait()
	for i := 1; i < 4; i++ {
		if gap := records[i].Timestamp.Sub(records[i-1].Timestamp); gap < 50*time.Millisecond {
			t.Errorf("probe %d came %v after the one before", i, gap)
		}
	}
}
