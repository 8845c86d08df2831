package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/aimakerspace/synlogger/cmd/internal/clitest"
	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/gelf"
	"github.com/aimakerspace/synlogger/gelftest"
	_ "github.com/aimakerspace/synlogger/internal/golden"
	"github.com/aimakerspace/synlogger/role"
	"github.com/aimakerspace/synlogger/sysmetric"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start runs an agent in the background. The returned function waits until it ends.
func start(ctx context.Context, t *testing.T, cfg role.Config, opts Config) (*clitest.Buffer, func() error) {
	t.Helper()
	stderr := new(clitest.Buffer)
	opts.Stderr = stderr
	a, err := New(cfg, opts)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	return stderr, func() error { return <-ended }
}

// sent returns the number of records that the agent has sent, according to its last
// line.
func sent(t *testing.T, stderr *clitest.Buffer) int {
	t.Helper()
	n, err := strconv.Atoi(stderr.WaitFor(t, `records sent: (\d+)\n`)[1])
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

func TestReportsUntilInterrupted(t *testing.T) {
	server := gelftest.NewServer(t)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	stderr, wait := start(ctx, t, role.Config{Server: server.Addr(), Name: "hospital-1"}, Config{
		Interval: 50 * time.Millisecond,
		Target:   sysmetric.Target{Path: "/srv/train.py", Class: "Trainer", Function: "fit"},
		Attrs:    []slog.Attr{slog.String("site", "north")},
	})
	server.WaitLen(3)
	interrupt()
	if err := wait(); err != nil {
		t.Fatalf("%v\n%s", err, stderr)
	}
	records := server.Wait(sent(t, stderr))
	for _, want := range []string{
		"Tracking terminated with exit code 0",
		"Sysmetric operations stopped.",
		"Probed system's hardware usage successfully.",
	} {
		last := records[len(records)-1]
		records = records[:len(records)-1]
		if last.Message.Message != want {
			t.Errorf("%q, want %q", last.Message.Message, want)
		}
		checkFields(t, last.Message, map[string]any{
			"logger":      "SYS_hospital-1",
			"resolution":  0.05,
			"ID_path":     "/srv/train.py",
			"ID_class":    "Trainer",
			"ID_function": "fit",
			"site":        "north",
		})
		if _, ok := last.Fields["memory_total"].(int64); !ok {
			t.Errorf("%q has no memory_total: %v", want, last.Fields)
		}
	}
}

func TestInterval(t *testing.T) {
	server := gelftest.NewServer(t)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	stderr, wait := start(ctx, t, role.Config{Server: server.Addr()}, Config{Interval: 200 * time.Millisecond})
	records := server.Wait(4)
	interrupt()
	if err := wait(); err != nil {
		t.Errorf("%v\n%s", err, stderr)
	}
	for i := 1; i < 4; i++ {
		if gap := records[i].Timestamp.Sub(records[i-1].Timestamp); gap < 50*time.Millisecond {
			t.Errorf("report %d came %v after the one before", i, gap)
		}
	}
}

func TestOnce(t *testing.T) {
	server := gelftest.NewServer(t)
	stderr, wait := start(t.Context(), t, role.Config{Server: server.Addr()}, Config{Once: true})
	if err := wait(); err != nil {
		t.Fatalf("%v\n%s", err, stderr)
	}
	records := server.Wait(1)
	if n := sent(t, stderr); n != 1 || len(records) != 1 {
		t.Fatalf("%d records of %d, want 1", len(records), n)
	}
	checkFields(t, records[0].Message, map[string]any{"resolution": OnceWindow.Seconds()})
	if _, ok := records[0].Fields["net_recv_rate"].(float64); !ok {
		t.Errorf("no rate in %v", records[0].Fields)
	}
}

// TestUDP checks that a record over UDP does not count as delivered.
func TestUDP(t *testing.T) {
	t.Parallel()
	server := gelftest.NewServer(t)
	for _, addr := range []string{server.Addr(), "127.0.0.1:1"} {
		stderr, wait := start(t.Context(), t, role.Config{Server: "udp://" + addr}, Config{Once: true})
		if err := wait(); !errors.Is(err, ErrUnconfirmed) {
			t.Errorf("%s: %v, want %v\n%s", addr, err, ErrUnconfirmed, stderr)
		}
	}
	server.Wait(1)
}

// TestNoServer checks that a record is lost without a server, and kept for the next
// start with a spool.
func TestNoServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	_, wait := start(t.Context(), t, role.Config{Server: addr}, Config{Once: true})
	err = wait()
	if err == nil || !strings.Contains(err.Error(), "1 of 1 records lost: ") || !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("without a spool: %v", err)
	}

	cfg := role.Config{Server: addr, Delivery: delivery.Config{SpoolDir: t.TempDir()}}
	once := func(n string) Config { return Config{Once: true, Attrs: []slog.Attr{slog.String("n", n)}} }
	begin := time.Now()
	stderr, wait := start(t.Context(), t, cfg, once("1"))
	if err := wait(); err != nil {
		t.Errorf("with a spool: %v\n%s", err, stderr)
	}
	clitest.Match(t, stderr.String(), "records sent: 0, spooled for the next start: 1: ")
	if took := time.Since(begin); took >= ShutdownTimeout {
		t.Errorf("the agent took %v although its record was in the spool", took)
	}
	server := gelftest.NewServer(t)
	cfg.Server = server.Addr()
	stderr, wait = start(t.Context(), t, cfg, once("2"))
	if err := wait(); err != nil {
		t.Errorf("%v\n%s", err, stderr)
	}
	for i, m := range server.Wait(2) {
		checkFields(t, m.Message, map[string]any{"n": fmt.Sprint(i + 1)})
	}
}
