package collector

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

// startInput runs a collector with one input, whose bounds are changed before.
func startInput(t *testing.T, opts Options, bound func(*input)) (*Collector, *input) {
	t.Helper()
	opts.Inputs, opts.Page = freeInputs()[:1], PageOff
	if opts.OnError == nil {
		opts.OnError = func(err error) { t.Error(err) }
	}
	c, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	bound(c.inputs[0])
	runStop(t, c)
	return c, c.inputs[0]
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

// Many connections with incomplete frames take a bounded amount of memory, and
// keep nobody from logging.
func TestIncompleteFrameMemory(t *testing.T) {
	c, in := startInput(t, Options{}, func(in *input) { in.frameTimeout = time.Hour })
	const conns = 300
	part := []byte(`{"version":"1.1","host":"h","short_message":"` + strings.Repeat("x", gelf.MaxFrame-4096))
	before := heap()
	var senders sync.WaitGroup
	var open []net.Conn
	for range conns {
		conn := dial(t, c, in.Title)
		open = append(open, conn)
		senders.Go(func() { conn.Write(part) }) // until it is closed
	}
	until(t, "all connections and long frames", func() bool {
		return in.open() == conns && len(in.longFrames) == maxLongFrames
	})
	send(t, c, in.Title, frame("SYS_a", "short"))
	await(t, c, Query{Text: "short"}, 1)
	const limit = maxLongFrames*gelf.MaxFrame + conns*(64<<10) + 16<<20
	used := heap() - before
	t.Logf("%d connections with incomplete frames take %d MiB", conns, used>>20)
	if used > limit {
		t.Errorf("%d connections take %d MiB, want at most %d", conns, used>>20, limit>>20)
	}
	for _, conn := range open {
		if err := conn.(*net.TCPConn).SetLinger(0); err != nil { // what the kernels hold is dropped
			t.Error(err)
		}
		conn.Close()
	}
	senders.Wait()
	send(t, c, in.Title, frame("SYS_a", "long "+strings.Repeat("x", 1<<20)))
	await(t, c, Query{Text: "long"}, 1)
	until(t, "an end of all long frames", func() bool { return len(in.longFrames) == 0 })
}

// A connection whose frame is not completed in time is closed and counted. One
// that is silent between frames stays open.
func TestFrameTimeout(t *testing.T) {
	c, in := startInput(t, Options{}, func(in *input) {
		in.frameTimeout = 300 * time.Millisecond
		in.longFrames <- struct{}{} // of another connection
		for len(in.longFrames) < cap(in.longFrames) {
			in.longFrames <- struct{}{}
		}
	})
	silent := dial(t, c, in.Title)
	fmt.Fprint(silent, frame("SYS_a", "one"), "\x00")
	await(t, c, Query{}, 1)
	for _, part := range []string{
		`{"version":`, frame("SYS_a", "two") + "\x00{", frame("SYS_a", strings.Repeat("x", 2*longFrame)),
	} {
		conn := dial(t, c, in.Title)
		fmt.Fprint(conn, part)
		closedBy(t, conn)
	}
	fmt.Fprint(silent, frame("SYS_a", "three"), "\x00")
	await(t, c, Query{}, 3)
	got := c.Stats().Refused
	if got[errFrameTimeout.Error()] != 2 || got[errFrameMemory.Error()] != 1 || len(got) != 2 {
		t.Errorf("refused %v", got)
	}
	if n := c.Stats().Inputs[0].Refused; n != 3 {
		t.Errorf("the input refused %d frames, want 3", n)
	}
}

// A connection beyond the limit is closed, counted and reported. One that ends
// makes room.
func TestInputConnections(t *testing.T) {
	told := make(chan error, 100)
	c, in := startInput(t, Options{OnError: func(err error) { told <- err }}, func(in *input) { in.maxConns = 2 })
	first, second := dial(t, c, in.Title), dial(t, c, in.Title)
	fmt.Fprint(second, frame("SYS_a", "one"), "\x00")
	await(t, c, Query{}, 1)
	closedBy(t, dial(t, c, in.Title))
	if s := c.Stats().Inputs[0]; s.Rejected != 1 || s.Open != 2 || s.Connections != 3 {
		t.Errorf("%d of %d connections rejected, %d open; want 1 of 3, 2", s.Rejected, s.Connections, s.Open)
	}
	if err := <-told; !strings.Contains(err.Error(), in.Title) || !strings.Contains(err.Error(), "2 are open") {
		t.Errorf("reported as %v", err)
	}
	first.Close()
	until(t, "its end", func() bool { return in.open() == 1 })
	send(t, c, in.Title, frame("SYS_a", "two"))
	fmt.Fprint(second, frame("SYS_a", "three"), "\x00")
	await(t, c, Query{}, 3)
}

// A page in a browser cannot log records by a request to an input.
func TestRequestToInput(t *testing.T) {
	c, in := startInput(t, Options{}, func(*input) {})
	conn := dial(t, c, in.Title)
	forged := frame("SYS_a", "forged") + "\x00"
	fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n{}\x00%s%s",
		in.Addr, 3+2*len(forged), forged, forged)
	closedBy(t, conn)
	send(t, c, in.Title, frame("SYS_a", "logged"))
	await(t, c, Query{}, 1)
	if s := c.Stats(); s.Received != 2 || s.Refused["connection closed: an HTTP request"] != 1 {
		t.Errorf("%d frames received, refused %v", s.Received, s.Refused)
	}
}
