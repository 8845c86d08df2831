package main

import (
	"context"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/cmd/internal/clitest"
	"github.com/aimakerspace/synlogger/gelf"
	"github.com/aimakerspace/synlogger/gelftest"
)

func checkFields(t *testing.T, m gelf.Message, want map[string]any) {
	t.Helper()
	for field, value := range want {
		if m.Fields[field] != value {
			t.Errorf("%q: %s is %v, want %v", m.Message, field, m.Fields[field], value)
		}
	}
}

// TestSysmetricFlags checks that flags and arguments become fields.
func TestSysmetricFlags(t *testing.T) {
	t.Setenv("SYNLOGGER_NAME", "from-env")
	stdout, stderr, wait := command(t.Context(), "sysmetric", "--once", "--print", "--name", "hospital-1",
		"--path", "/srv/train.py", "--class", "Trainer", "--function", "fit", "site=north", "formula=a=b")
	if code := wait(); code != exitOK || stderr.String() != "" {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	m, findings, err := gelf.Decode([]byte(strings.TrimSpace(stdout.String())))
	if err != nil || len(findings) > 0 {
		t.Fatalf("%v, %v in %s", err, findings, stdout)
	}
	checkFields(t, m, map[string]any{
		"logger":      "SYS_hospital-1",
		"ID_path":     "/srv/train.py",
		"ID_class":    "Trainer",
		"ID_function": "fit",
		"site":        "north",
		"formula":     "a=b",
	})
}

// TestSysmetricEnvironment checks that the environment replaces missing flags.
func TestSysmetricEnvironment(t *testing.T) {
	server := gelftest.NewServer(t)
	t.Setenv("SYNLOGGER_SERVER", server.Addr())
	t.Setenv("SYNLOGGER_NAME", "from-env")
	_, stderr, wait := command(t.Context(), "sysmetric", "--once")
	if code := wait(); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	checkFields(t, server.Wait(1)[0].Message, map[string]any{"logger": "SYS_from-env"})
}

func TestSysmetricUDP(t *testing.T) {
	t.Parallel()
	_, stderr, wait := command(t.Context(), "sysmetric", "--once", "--server", "udp://127.0.0.1:1")
	if code := wait(); code != exitUnknown || !strings.Contains(stderr.String(), "sent, not confirmed") {
		t.Errorf("exit code %d, want %d\n%s", code, exitUnknown, stderr)
	}
}

// TestSysmetricSharedSpool checks a spool that another process uses.
func TestSysmetricSharedSpool(t *testing.T) {
	t.Parallel()
	binary, dir := build(t), t.TempDir()
	const closed = "127.0.0.1:1"
	ctx, interrupt := context.WithCancel(t.Context())
	_, _, wait := command(ctx, "sysmetric", "--server", closed, "--spool-dir", dir)
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
	cmd := exec.Command(binary, "sysmetric", "--once", "--server", closed, "--spool-dir", dir)
	out, _ := cmd.CombinedOutput()
	text := string(out)
	if code := cmd.ProcessState.ExitCode(); code != exitFailure ||
		!strings.Contains(text, dir+": another handler uses the directory") ||
		!strings.Contains(text, "1 of 1 records lost") {
		t.Errorf("exit code %d\n%s", code, text)
	}
}

// TestSysmetricSIGTERM ends the agent like systemd.
func TestSysmetricSIGTERM(t *testing.T) {
	t.Parallel()
	server := gelftest.NewServer(t)
	cmd := exec.Command(build(t), "sysmetric", "--server", server.Addr())
	stderr := new(clitest.Buffer)
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
	m := regexp.MustCompile(`records sent: (\d+)\n`).FindStringSubmatch(stderr.String())
	if m == nil {
		t.Fatalf("the number of records is missing in\n%s", stderr)
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		t.Fatal(err)
	}
	records := server.Wait(n)
	if last := records[len(records)-1].Message; last.Message != "Tracking terminated with exit code 0" {
		t.Errorf("the last record is %q", last.Message)
	}
}
