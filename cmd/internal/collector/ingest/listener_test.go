package ingest

import (
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/gelf"
)

// A testInput is an input whose records stay in its queue.
type testInput struct {
	*Listener
	t        *testing.T
	queue    *Queue
	refusals Refusals
	errs     chan error
}

// newInput binds an input that does not receive yet.
func newInput(t *testing.T) *testInput {
	t.Helper()
	in, err := Listen(Input{"TTP Logs", "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	return &testInput{Listener: in, t: t, queue: NewQueue(), errs: make(chan error, 100)}
}

// receive serves the input. The channel is closed when Serve returns.
func (in *testInput) receive() (done chan struct{}) {
	done = make(chan struct{})
	go func() {
		defer close(done)
		in.Serve(Sink{in.queue, &in.refusals, func(_ string, err error) { in.errs <- err }})
	}()
	return done
}

// startInput runs an input until the test ends. change may change its bounds before.
func startInput(t *testing.T, change func(*Listener)) *testInput {
	t.Helper()
	in := newInput(t)
	change(in.Listener)
	done := in.receive()
	t.Cleanup(func() { in.Drain(); <-done })
	in.until("it receives", in.IsRunning)
	return in
}

// until waits for a condition.
func (in *testInput) until(what string, holds func() bool) {
	in.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			in.t.Fatal("timeout waiting for: ", what)
		}
	}
}

// queued waits until n records are queued.
func (in *testInput) queued(n int) {
	in.t.Helper()
	in.until(fmt.Sprint(n, " records"), func() bool { return in.queue.Len() == n })
}

// dial opens a connection that ends with the test.
func (in *testInput) dial() net.Conn {
	in.t.Helper()
	conn, err := net.Dial("tcp", in.Addr)
	if err != nil {
		in.t.Fatal(err)
	}
	in.t.Cleanup(func() { conn.Close() })
	return conn
}

// frameOf returns a frame with a message.
func frameOf(message string) string {
	return fmt.Sprintf(`{"version":"1.1","host":"h","short_message":%q}`, message)
}

// closedBy waits until the other side closes a connection.
func closedBy(t *testing.T, conn net.Conn) {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	_, err := io.Copy(io.Discard, conn)
	if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
		t.Fatal("the connection is still open")
	}
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// Many connections with incomplete frames take a bounded amount of memory and do not
// keep others from logging.
func TestIncompleteFrameMemory(t *testing.T) {
	in := startInput(t, func(in *Listener) { in.frameTimeout = time.Hour })
	const conns = 300
	part := []byte(`{"version":"1.1","host":"h","short_message":"` + strings.Repeat("x", gelf.MaxFrame-4096))
	before := heap()
	var senders sync.WaitGroup
	var open []net.Conn
	for range conns {
		conn := in.dial()
		open = append(open, conn)
		senders.Go(func() { conn.Write(part) }) // until the connection is closed
	}
	in.until("all connections and long frames", func() bool {
		return in.open() == conns && len(in.longFrames) == maxLongFrames
	})
	fmt.Fprint(in.dial(), frameOf("short"), "\x00")
	in.queued(1)
	const limit = maxLongFrames*gelf.MaxFrame + conns*(64<<10) + 16<<20
	used := heap() - before
	t.Logf("%d connections with incomplete frames take %d MiB", conns, used>>20)
	if used > limit {
		t.Errorf("%d connections take %d MiB, want at most %d", conns, used>>20, limit>>20)
	}
	for _, conn := range open {
		if err := conn.(*net.TCPConn).SetLinger(0); err != nil { // discards what the kernel has buffered
			t.Error(err)
		}
		conn.Close()
	}
	senders.Wait()
	fmt.Fprint(in.dial(), frameOf("long "+strings.Repeat("x", 1<<20)), "\x00")
	in.queued(2)
	in.until("an end of all long frames", func() bool { return len(in.longFrames) == 0 })
}

// A connection with a frame that is not completed in time is closed and counted. A
// connection that is silent between frames stays open.
func TestFrameTimeout(t *testing.T) {
	in := startInput(t, func(in *Listener) {
		in.frameTimeout = 300 * time.Millisecond
		in.longFrames <- struct{}{} // held by another connection
		for len(in.longFrames) < cap(in.longFrames) {
			in.longFrames <- struct{}{}
		}
	})
	silent := in.dial()
	fmt.Fprint(silent, frameOf("one"), "\x00")
	in.queued(1)
	for _, part := range []string{
		`{"version":`, frameOf("two") + "\x00{", frameOf(strings.Repeat("x", 2*longFrame)),
	} {
		conn := in.dial()
		fmt.Fprint(conn, part)
		closedBy(t, conn)
	}
	fmt.Fprint(silent, frameOf("three"), "\x00")
	in.queued(3)
	got, _ := in.refusals.Read()
	if got[errFrameTimeout.Error()] != 2 || got[errFrameMemory.Error()] != 1 || len(got) != 2 {
		t.Errorf("refused %v", got)
	}
	if n := in.Stats().Refused; n != 3 {
		t.Errorf("the input refused %d frames, want 3", n)
	}
}

// A connection beyond the limit is closed, counted and reported. When a connection
// ends, another is accepted.
func TestInputConnections(t *testing.T) {
	in := startInput(t, func(in *Listener) { in.maxConns = 2 })
	first, second := in.dial(), in.dial()
	fmt.Fprint(second, frameOf("one"), "\x00")
	in.queued(1)
	closedBy(t, in.dial())
	if s := in.Stats(); s.Rejected != 1 || s.Open != 2 || s.Connections != 3 {
		t.Errorf("%d of %d connections rejected, %d open; want 1 of 3, 2", s.Rejected, s.Connections, s.Open)
	}
	if err := <-in.errs; !strings.Contains(err.Error(), in.Title) || !strings.Contains(err.Error(), "2 are open") {
		t.Errorf("reported as %v", err)
	}
	first.Close()
	in.until("its end", func() bool { return in.open() == 1 })
	fmt.Fprint(in.dial(), frameOf("two"), "\x00")
	fmt.Fprint(second, frameOf("three"), "\x00")
	in.queued(3)
}

// A web page cannot log records with an HTTP request to an input.
func TestRequestToInput(t *testing.T) {
	in := startInput(t, func(*Listener) {})
	conn := in.dial()
	forged := frameOf("forged") + "\x00"
	fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n{}\x00%s%s",
		in.Addr, 3+2*len(forged), forged, forged)
	closedBy(t, conn)
	fmt.Fprint(in.dial(), frameOf("logged"), "\x00")
	in.queued(1)
	reasons, _ := in.refusals.Read()
	if s := in.Stats(); s.Records+s.Refused != 2 || reasons["connection closed: an HTTP request"] != 1 {
		t.Errorf("%d frames received, refused %v", s.Records+s.Refused, reasons)
	}
}

// A connection that is still in the backlog when the drain begins is drained like the
// others.
func TestDrainBacklog(t *testing.T) {
	in := newInput(t)
	defer in.Close()
	conn := in.dial()
	in.Drain()
	served := in.receive()
	if _, err := io.ReadAll(conn); err != nil { // until the listener closes its half
		t.Fatal(err)
	}
	if _, err := fmt.Fprint(conn, frameOf("the last"), "\x00"); err != nil {
		t.Fatal(err)
	}
	<-served
	if n := in.queue.Len(); n != 1 {
		t.Errorf("%d records came, want 1", n)
	}
}
