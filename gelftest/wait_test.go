package gelftest

import (
	"fmt"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"
)

// A witness is a test that notes how it was ended.
type witness struct {
	testing.TB
	said string
}

func (w *witness) Helper()        {}
func (w *witness) Cleanup(func()) {}
func (w *witness) Fatalf(format string, args ...any) {
	w.said = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func TestWaitInVain(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for its patience to end")
	}
	t.Parallel()
	w := &witness{TB: t}
	srv := NewServer(w)
	defer srv.Stop()
	c, err := net.Dial("tcp", srv.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "{\"host\":\"h\",\"short_message\":\"hello\"}\x00{}\x00\x00")
	start := time.Now()
	done := make(chan struct{})
	go func() {
		defer close(done)
		srv.Wait(4)
	}()
	<-done
	if d := time.Since(start); d < Patience {
		t.Errorf("gave up after %v", d)
	}
	for _, want := range []string{
		"2 records of 4, and none for 10s; 0 connections open",
		`the last frames: {"host":"h","short_message":"hello"}`,
		"and: {}\n\t\trefused: gelf: neither short_message nor message",
		"of the stream: empty",
	} {
		if !strings.Contains(w.said, want) {
			t.Errorf("the test ends with\n%s\nwithout %q", w.said, want)
		}
	}
}

func TestWaitConnsInVain(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for its patience to end")
	}
	t.Parallel()
	w := &witness{TB: t}
	srv := NewServer(w)
	defer srv.Stop()
	done := make(chan struct{})
	go func() {
		defer close(done)
		srv.WaitConns(1)
	}()
	<-done
	if want := "0 connections after 10s, waited for 1"; !strings.Contains(w.said, want) {
		t.Errorf("the test ends with %q, want %q", w.said, want)
	}
}
