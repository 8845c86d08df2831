package delivery

import (
	"context"
	"encoding/binary"
	"log/slog"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/gelftest"
	"github.com/aimakerspace/synlogger/handler"
)

// A nameServer answers every question for an IPv4 address with those it has.
type nameServer struct {
	conn net.PacketConn
	mu   sync.Mutex
	ips  []net.IP
}

// newNameServer has all names of this process looked up at a server of its own,
// until the test ends. Such a test must not be parallel.
func newNameServer(t *testing.T, ips ...string) *nameServer {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &nameServer{conn: conn}
	n.set(ips...)
	was := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
	var serving sync.WaitGroup
	serving.Go(n.serve)
	t.Cleanup(func() {
		net.DefaultResolver = was
		conn.Close()
		serving.Wait()
	})
	return n
}

func (n *nameServer) set(ips ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ips = nil
	for _, ip := range ips {
		n.ips = append(n.ips, net.ParseIP(ip).To4())
	}
}

func (n *nameServer) serve() {
	buf := make([]byte, 1500)
	for {
		size, from, err := n.conn.ReadFrom(buf)
		if err != nil {
			return
		}
		n.conn.WriteTo(n.answer(buf[:size]), from)
	}
}

// answer is in the format of RFC 1035, section 4.1.
func (n *nameServer) answer(query []byte) []byte {
	const header = 12
	end := header
	for query[end] != 0 { // labels of the name
		end += int(query[end]) + 1
	}
	kind := binary.BigEndian.Uint16(query[end+1:])
	end += 5
	reply := append([]byte(nil), query[:end]...)
	reply[2], reply[3] = 0x84, 0             // an authoritative answer
	clear(reply[6:header])                   // no other sections
	binary.BigEndian.PutUint16(reply[4:], 1) // one question
	const typeA, pointer = 1, 0xc000 | header
	if kind != typeA {
		return reply
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	binary.BigEndian.PutUint16(reply[6:], uint16(len(n.ips)))
	for _, ip := range n.ips {
		reply = binary.BigEndian.AppendUint16(reply, pointer)
		reply = binary.BigEndian.AppendUint32(reply, typeA<<16|1)
		reply = binary.BigEndian.AppendUint32(reply, 0) // time to live
		reply = binary.BigEndian.AppendUint16(reply, uint16(len(ip)))
		reply = append(reply, ip...)
	}
	return reply
}

const name = "graylog.synlogger.test."

// TestFaultNameMoves holds that a server which comes back at another address of
// the same name is found.
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
	led := l.account(t, next) // where those that went to the old address count as lost
	if got := len(unique(before)) + led.received; got != led.accepted || led.received == 0 || len(before) == 0 {
		t.Errorf("%d of %d records arrived, %d of them at the new address", got, led.accepted, led.received)
	}
	inOrder(t, led)
}

// TestFaultSeveralAddresses holds that all addresses of a name are tried.
func TestFaultSeveralAddresses(t *testing.T) {
	newNameServer(t, "127.0.0.4", "127.0.0.3", "127.0.0.1")
	s := gelftest.NewServer(t)
	_, port, _ := net.SplitHostPort(s.Addr())
	l := newLoad(t, handler.Config{Server: "tcp://" + net.JoinHostPort(name, port)})
	l.pace(500, 100*time.Millisecond)
	led := l.account(t, s)
	nothingLost(t, led)
	if led.stats.LastError != "" {
		t.Errorf("a trouble, although one address works: %s", led.stats.LastError)
	}
}

// TestFaultShutdownUnderLoad holds that no record gets away uncounted while
// thousands of goroutines log into a handler that is being shut down.
func TestFaultShutdownUnderLoad(t *testing.T) {
	const goroutines = 10_000
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	defer func(was *os.File) { os.Stderr = was }(os.Stderr)
	os.Stderr = null // which takes the late records
	s := gelftest.NewServer(t)
	l := newLoad(t, handler.Config{Server: s.URL(), Delivery: delivery.Config{
		WriteTimeout: time.Minute, DeadAfter: time.Minute, // the server waits for a processor, too
	}})
	var calls atomic.Uint64
	var started, logging sync.WaitGroup
	started.Add(goroutines)
	stop := make(chan struct{})
	for g := range goroutines {
		logging.Go(func() {
			logger := slog.New(l.h).With("g", g)
			for first := true; ; first = false {
				logger.Info("Round finished", "loss", 0.5)
				calls.Add(1)
				if first {
					started.Done()
				}
				select {
				case <-stop:
					return
				case <-time.After(time.Millisecond): // so that the others have their turn
				}
			}
		})
	}
	started.Wait()
	err = l.h.Shutdown(t.Context())
	close(stop)
	logging.Wait()
	stats := l.h.Stats()
	onlyDropped(t, err, stats)
	arrived(t, s, int(stats.Sent))
	own := uint64(0)
	for m := range messages(s) {
		if m != "Round finished" {
			own++
		}
	}
	t.Logf("calls %d: sent %d (%d of our own), dropped %d, to standard error %d, received %d",
		calls.Load(), stats.Sent, own, stats.Dropped.Total(), stats.Diverted, s.Len())
	if sum := stats.Sent - own + stats.Dropped.Total() + stats.Diverted; sum != calls.Load() {
		t.Errorf("%d calls, but %d records are accounted for: %+v", calls.Load(), sum, stats)
	}
	if uint64(s.Len()) != stats.Sent || stats.Queued != 0 {
		t.Errorf("%d records arrived, counted %+v", s.Len(), stats)
	}
	if stats.Diverted == 0 || stats.Sent == 0 {
		t.Errorf("nothing came before or after the end: %+v", stats)
	}
}
