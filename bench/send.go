package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aimakerspace/synlogger/bench/internal/peer"
)

// Sent is what a sending process reports.
type Sent struct {
	Accepted uint64        // calls that returned
	Start    time.Time     // of the first call
	Calling  time.Duration // from the first to the last call
	CPU      time.Duration // user and system time, until all is sent
	Longest  time.Duration // longest call
	P999     time.Duration // 99.9 % of the calls took at most this time
	Blocked  bool          // a call did not return within 2 s after the end
	Unclosed bool          // the close did not return within 5 s
}

// A caller is one goroutine that logs.
type caller struct {
	calls   atomic.Uint64
	began   atomic.Int64 // ns since the start of the process's loop, of the current call
	latency histogram
}

// send logs for a time and prints a Sent. The process ends without waiting for calls that
// block.
func send(args []string) error {
	flags := flag.NewFlagSet("bench send", flag.ContinueOnError)
	name := flags.String("peer", "", "`name` of the package")
	addr := flags.String("addr", "", "`address` of the counting server")
	goroutines := flags.Int("goroutines", 1, "`number` of goroutines that log")
	duration := flags.Duration("duration", time.Second, "`time` to log")
	rate := flags.Int("rate", 0, "records per second of all goroutines; 0 means as many as possible, and wait")
	if err := flags.Parse(args); err != nil {
		return err
	}
	p, ok := peer.Find(*name)
	if !ok {
		return fmt.Errorf("unknown peer %q", *name)
	}
	log, stop, err := p.Dial(*addr, *rate == 0)
	if err != nil {
		return err
	}
	base := runtime.NumGoroutine()
	before := cpuTime()
	start := time.Now()
	callers := make([]caller, *goroutines)
	var all sync.WaitGroup
	for i := range callers {
		interval := time.Duration(0)
		if *rate > 0 {
			interval = time.Second * time.Duration(*goroutines) / time.Duration(*rate)
		}
		all.Go(func() { callers[i].loop(log, fmt.Sprintf("hospital-%d", i), start, *duration, interval) })
	}
	sent := Sent{Start: start, Blocked: !within(*duration+2*time.Second, all.Wait)}
	sent.Calling = min(time.Since(start), *duration)
	now := time.Since(start)
	var latency histogram
	for i := range callers {
		c := &callers[i]
		sent.Accepted += c.calls.Load()
		if sent.Blocked {
			sent.Longest = max(sent.Longest, now-time.Duration(c.began.Load()))
			continue
		}
		latency.add(&c.latency)
	}
	if !sent.Blocked {
		sent.Longest, sent.P999 = latency.longest, latency.quantile(0.999)
		// slog-graylog starts a goroutine for each record.
		for end := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > base+2 && time.Now().Before(end); {
			time.Sleep(time.Millisecond)
		}
		sent.Unclosed = !within(5*time.Second, func() { stop() })
	}
	sent.CPU = cpuTime() - before
	return json.NewEncoder(os.Stdout).Encode(sent)
}

// loop logs for a time: as fast as possible if the interval is 0, or with this distance
// from the start of one call to the next. A late call does not delay the following ones.
func (c *caller) loop(log peer.Log, party string, start time.Time, duration, interval time.Duration) {
	for i, now := 0, time.Since(start); now < duration; i++ {
		if ahead := time.Duration(i)*interval - now; ahead > time.Millisecond {
			time.Sleep(ahead)
			now = time.Since(start)
		}
		c.began.Store(int64(now))
		log(party, i)
		c.calls.Store(uint64(i + 1))
		end := time.Since(start)
		c.latency.record(end - now)
		now = end
	}
}

// within calls f and reports whether it returned within the limit.
func within(limit time.Duration, f func()) bool {
	done := make(chan struct{})
	go func() {
		f()
		close(done)
	}()
	select {
	case <-done:
		return true
	case <-time.After(limit):
		return false
	}
}
