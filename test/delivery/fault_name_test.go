package delivery

import (
	"net"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/gelftest"
	"github.com/aimakerspace/synlogger/handler"
)

// name is the host name that the name server of a test resolves.
const name = "graylog.synlogger.test."

// TestFaultNameMoves checks that a server that moves to another address of the same
// name is found.
func TestFaultNameMoves(t *testing.T) {
	names := newNameServer(t, "127.0.0.1")
	old, next := gelftest.NewServer(t), gelftest.NewServer(t)
	_, port, _ := net.SplitHostPort(old.Addr())
	newProxy(t, "127.0.0.2:"+port, next)
	l := newLoad(t, handler.Config{
		Server:   "tcp://" + net.JoinHostPort(name, port),
		Delivery: delivery.Config{MaxBackoff: 100 * time.Millisecond},
	})
	l.pace(500, 500*time.Millisecond)
	if err := l.h.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	old.WaitLen(l.count)
	before := numbers(t, old)
	old.Stop()
	l.pace(500, 500*time.Millisecond)
	names.set("127.0.0.2")
	l.pace(500, 500*time.Millisecond)
	led := l.account(t, next) // counts the records at the old address as lost
	if got := len(unique(before)) + led.received; got != led.accepted || led.received == 0 || len(before) == 0 {
		t.Errorf("%d of %d records arrived, %d of them at the new address", got, led.accepted, led.received)
	}
	inOrder(t, led)
}

// TestFaultSeveralAddresses checks that all addresses of a name are tried.
func TestFaultSeveralAddresses(t *testing.T) {
	newNameServer(t, "127.0.0.4", "127.0.0.3", "127.0.0.1")
	s := gelftest.NewServer(t)
	_, port, _ := net.SplitHostPort(s.Addr())
	l := newLoad(t, handler.Config{Server: "tcp://" + net.JoinHostPort(name, port)})
	l.pace(500, 100*time.Millisecond)
	led := l.account(t, s)
	nothingLost(t, led)
	if led.stats.LastError != "" {
		t.Errorf("an error was reported, although one address works: %s", led.stats.LastError)
	}
}
