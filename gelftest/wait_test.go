package gelftest

import (
	"fmt"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"
)

// A recorder is a test that records how it fails.
type recorder struct {
	testing.TB
	text string
}

func (r *recorder) Helper()        {}
func (r *recorder) Cleanup(func()) {}
func (r *recorder) Fatalf(format string, args ...any) {
	r.text = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// failure returns the text with which f fails its test, or "" if it passes.
func failure(t *testing.T, f func(testing.TB)) string {
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(r)
	}()
	<-done
	return r.text
}

func TestWaitTimesOut(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for WaitTimeout")
	}
	t.Parallel()
	start := time.Now()
	got := failure(t, func(tb testing.TB) {
		srv := NewServer(tb)
		defer srv.Stop()
		c, err := net.Dial("tcp", srv.Addr())
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		fmt.Fprintf(c, "{\"host\":\"h\",\"short_message\":\"hello\"}\x00{}\x00\x00")
		srv.Wait(4)
	})
	if d := time.Since(start); d < WaitTimeout {
		t.Errorf("timed out after %v", d)
	}
	for _, want := range []string{
		"received 2 of 4 records, and no record for 10s; 0 connections are open",
		`received: {"host":"h","short_message":"hello"}`,
		"received: {}\n\t\trejected: gelf: neither short_message nor message",
		"of the stream: empty",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the test ends with\n%s\nwithout %q", got, want)
		}
	}
}

func TestWaitConnsTimesOut(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for WaitTimeout")
	}
	t.Parallel()
	got := failure(t, func(t testing.TB) {
		srv := NewServer(t)
		defer srv.Stop()
		srv.WaitConns(1)
	})
	if want := "0 of 1 connections are open after 10s"; !strings.Contains(got, want) {
		t.Errorf("the test ends with %q, want %q", got, want)
	}
}
