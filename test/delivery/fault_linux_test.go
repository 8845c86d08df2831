package delivery

import (
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/gelftest"
	"github.com/aimakerspace/synlogger/handler"
	"github.com/aimakerspace/synlogger/test/internal/namespace"
)

// inNamespace runs the calling test again in a process with a separate network, in
// which packets can be dropped without affecting other processes. It returns true in
// that process. Otherwise it reports the result of the process, or skips the test if
// the system does not allow a separate network.
func inNamespace(t *testing.T) bool {
	t.Helper()
	attr := syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	if id := os.Getuid(); id != 0 {
		attr.Cloneflags |= syscall.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: id, Size: 1}}
	}
	return namespace.Again(t, attr, "SYNLOGGER_TEST_NAMESPACE", "1")
}

// tc configures the queue of the loopback interface.
func tc(t *testing.T, args ...string) error {
	out, err := exec.Command("tc", args...).CombinedOutput()
	if err != nil {
		t.Logf("tc %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return err
}

// TestFaultBlackhole checks that a network that silently drops all packets is noticed
// within DeadAfter, and that no record is lost once it works again.
func TestFaultBlackhole(t *testing.T) {
	t.Parallel()
	if !inNamespace(t) {
		return
	}
	if out, err := exec.Command("ip", "link", "set", "lo", "up").CombinedOutput(); err != nil {
		t.Skipf("ip link: %v: %s", err, out)
	}
	// Most kernels have one of them.
	var heal []string
	for _, way := range []struct{ break_, heal string }{
		{"qdisc add dev lo root netem loss 100%", "qdisc del dev lo root"},
		{"qdisc add dev lo root pfifo limit 0", "qdisc del dev lo root"},
	} {
		if tc(t, strings.Fields(way.break_)...) == nil {
			heal = append(heal, way.break_, way.heal)
			tc(t, strings.Fields(way.heal)...)
			break
		}
	}
	if heal == nil {
		t.Skip("tc cannot drop packets here")
	}
	const deadAfter = 2 * time.Second
	s := gelftest.NewServer(t)
	var mu sync.Mutex
	var first time.Time
	l := newLoad(t, handler.Config{Server: s.URL(), Delivery: delivery.Config{
		DeadAfter:   deadAfter,
		DialTimeout: time.Second,
		MaxBackoff:  200 * time.Millisecond,
		OnError: func(err error) {
			mu.Lock()
			defer mu.Unlock()
			if first.IsZero() {
				first = time.Now()
			}
			t.Log(err)
		},
	}})
	l.pace(1000, time.Second)
	dropped := time.Now()
	if tc(t, strings.Fields(heal[0])...) != nil {
		t.FailNow()
	}
	l.pace(1000, 2*deadAfter)
	tc(t, strings.Fields(heal[1])...)
	l.pace(1000, time.Second)
	led := l.account(t, s)
	nothingLost(t, led)
	mu.Lock()
	defer mu.Unlock()
	if took := first.Sub(dropped); first.IsZero() || took > deadAfter+time.Second {
		t.Errorf("noticed after %v, want at most %v", took, deadAfter)
	} else {
		t.Logf("dropped packets by %q, noticed after %v", heal[0], took)
	}
}
