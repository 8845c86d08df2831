package demo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/aimakerspace/synlogger/cmd/internal/clitest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector"
	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/gelftest"
	_ "github.com/aimakerspace/synlogger/internal/golden"
	"github.com/aimakerspace/synlogger/role"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// onFreePorts returns options of a collector on free ports.
func onFreePorts() collector.Config {
	opts := collector.Config{Inputs: collector.RoleInputs("127.0.0.1"), Page: "127.0.0.1:0"}
	for i := range opts.Inputs {
		opts.Inputs[i].Addr = "127.0.0.1:0"
	}
	return opts
}

func TestLocal(t *testing.T) {
	t.Parallel()
	var out clitest.Buffer
	if err := Local(t.Context(), onFreePorts(), 2*time.Second, &out, &out); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	for _, r := range role.All() {
		m := out.WaitFor(t, r.Stream+` +(\d+) +(\d+) +(\d+)`)
		if m[1] == "0" || m[1] != m[2] || m[1] != m[3] {
			t.Errorf("%s: sent %s, received %s, stored %s, want the same positive number", r.Stream, m[1], m[2], m[3])
		}
	}
}

func TestLocalReportsMissingRecords(t *testing.T) {
	t.Parallel()
	opts := onFreePorts()
	opts.MaxRecords = 5
	var out clitest.Buffer
	err := Local(t.Context(), opts, time.Second, &out, &out)
	if err == nil || !regexp.MustCompile(`Stream contains \d+ of \d+ records`).MatchString(err.Error()) {
		t.Errorf("the error is %v, want one that names the stream\n%s", err, &out)
	}
}

func TestLocalUntilInterrupted(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	var out clitest.Buffer
	ended := make(chan error, 1)
	go func() { ended <- Local(ctx, onFreePorts(), 0, &out, &out) }()
	url := out.WaitFor(t, `Open (http://\S+)\. The grid keeps logging`)[1]
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	out.WaitFor(t, "experiment exp-2: round 1")
	interrupt()
	if err := <-ended; err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	if n := strings.Count(out.String(), "TTP Stream"); n != 2 {
		t.Errorf("the account was printed %d times, want after the first experiment and at the end", n)
	}
}

// runRemote runs a demo that logs to a server for a moment.
func runRemote(t *testing.T, server string, tls delivery.TLS) (out string, err error) {
	t.Helper()
	r, err := NewRemote(server, tls)
	if err != nil {
		t.Fatal(err)
	}
	var buf clitest.Buffer
	err = r.Run(t.Context(), 500*time.Millisecond, &buf)
	return buf.String(), err
}

func TestRemote(t *testing.T) {
	t.Parallel()
	server := gelftest.NewServer(t)
	out, err := runRemote(t, server.Addr(), delivery.TLS{})
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	all := len(role.All()) // records that try the inputs
	for _, r := range role.All() {
		m := regexp.MustCompile(r.Stream + ` +(\d+)`).FindStringSubmatch(out)
		if m == nil {
			t.Fatalf("no line for %s in\n%s", r.Stream, out)
		}
		n, err := strconv.Atoi(m[1])
		if err != nil || n == 0 {
			t.Errorf("%s: %d records, %v", r.Stream, n, err)
		}
		all += n
	}
	if records := server.Wait(all); len(records) != all {
		t.Errorf("%d records arrived, %d were sent", len(records), all)
	}
}

// TestRemoteServers checks TLS, UDP, and servers that do not accept records.
func TestRemoteServers(t *testing.T) {
	t.Parallel()
	secure, plain := gelftest.NewTLSServer(t), gelftest.NewServer(t)
	ca := clitest.CAFile(t, secure)
	closes := clitest.Serve(t, func(net.Conn) {})
	failed := errors.New("4 of 4 inputs accept no records")
	for _, tc := range []struct {
		name   string
		server string
		tls    delivery.TLS
		err    error
		want   string
	}{
		{
			name:   "TLS",
			server: secure.URL(),
			tls:    delivery.TLS{CAFile: ca, ServerName: "localhost"},
			want:   "Worker Stream +[1-9]",
		},
		{
			name:   "unknown authority",
			server: secure.URL(),
			err:    failed,
			want:   "failed +certificate .*unknown authority",
		},
		{
			name:   "other name",
			server: secure.URL(),
			tls:    delivery.TLS{CAFile: ca, ServerName: "x.example"},
			err:    failed,
			want:   "failed +certificate .*not x.example",
		},
		{
			name:   "missing file",
			server: secure.URL(),
			tls:    delivery.TLS{CAFile: "/none.pem"},
			err:    failed,
			want:   "failed +configuration .*/none.pem",
		},
		{
			name:   "plain to TLS",
			server: secure.Addr(),
			err:    failed,
			want:   "Worker Logs, .*failed +GELF .*speaks TLS\n.*> Use tls://",
		},
		{
			name:   "TLS to plain",
			server: "tls://" + plain.Addr(),
			tls:    delivery.TLS{CAFile: ca},
			err:    failed,
			want:   "failed +TLS ",
		},
		{
			name:   "closed port",
			server: "127.0.0.1:1",
			err:    failed,
			want:   "failed +connection ",
		},
		{
			name:   "closes connections",
			server: closes,
			err:    failed,
			want:   "failed +GELF +the server closed the connection",
		},
		{
			name:   "UDP",
			server: "udp://" + plain.Addr(),
			err:    ErrUnconfirmed,
			want:   "Worker Stream +[1-9]",
		},
		{
			name:   "UDP to a closed port",
			server: "udp://127.0.0.1:1",
			err:    failed,
			want:   "failed +GELF +the host refused a datagram",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			out, err := runRemote(t, tc.server, tc.tls)
			if fmt.Sprint(err) != fmt.Sprint(tc.err) {
				t.Errorf("the error is %v, want %v", err, tc.err)
			}
			clitest.Match(t, out, tc.want)
		})
	}
}
