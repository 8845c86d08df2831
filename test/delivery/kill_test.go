package delivery

import (
	"bufio"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/gelftest"
	"github.com/aimakerspace/synlogger/handler"
)

// writeTime is the time that the writing goroutine may wait for a processor and the
// file system.
const writeTime = time.Second

// killEnv is the variable that turns the test binary into the process to kill. Its
// value is the address of the server and the directory.
const killEnv = "SYNLOGGER_TEST_KILL"

// TestKilledProcess is the process to kill. It logs numbered records and prints each
// number after Handle has returned.
func TestKilledProcess(t *testing.T) {
	arg := os.Getenv(killEnv)
	if arg == "" {
		return // not the process to kill
	}
	addr, dir, _ := strings.Cut(arg, " ")
	h, err := handler.New(handler.Config{Server: addr, Logger: "TTP_fault", Delivery: delivery.Config{
		SpoolDir: dir, SpoolInterval: spoolInterval, OnError: func(error) {},
	}})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	first, _ := strconv.Atoi(os.Getenv(killEnv + "_FIRST"))
	for i := first; ; i++ {
		slog.New(h).Info("Round finished", "i", i)
		fmt.Println(i)
		time.Sleep(200 * time.Microsecond)
	}
}

// runKilled starts the process and kills it after a duration. It returns the number of
// the next record, and the first number that may be lost.
func runKilled(
	t *testing.T, url, dir string, first int, after time.Duration,
) (next int, safe map[int]time.Duration) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilledProcess$")
	cmd.Env = append(os.Environ(), killEnv+"="+url+" "+dir, killEnv+"_FIRST="+strconv.Itoa(first))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var logged []time.Time // when each number was read
	killed := make(chan time.Time, 1)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		i, err := strconv.Atoi(lines.Text())
		if err != nil || i != first+len(logged) {
			t.Fatalf("the process printed %q, want %d: %v", lines.Text(), first+len(logged), err)
		}
		if len(logged) == 0 { // the process may take long to start
			time.AfterFunc(after, func() {
				killed <- time.Now()
				cmd.Process.Kill()
			})
		}
		logged = append(logged, time.Now())
	}
	cmd.Wait()
	if len(logged) == 0 {
		t.Fatal("the process ended before its first record")
	}
	end := <-killed
	safe = make(map[int]time.Duration)
	for i, at := range logged {
		if age := end.Sub(at); age > spoolInterval+writeTime {
			safe[first+i] = age
		}
	}
	return first + len(logged), safe
}

// TestSpoolKill checks that a killed process loses only records that it logged within
// the spool interval.
func TestSpoolKill(t *testing.T) {
	t.Parallel()
	s := gelftest.NewServer(t)
	dir := t.TempDir()
	next := 0
	owed := make(map[int]time.Duration) // records logged long before a kill, with their age at the kill
	for run := range 12 {
		// Let the server read what its kernel has received: losing that would be another
		// fault.
		s.Start()
		s.Resume()
		waitFor(t, "the server to read what it has", func() bool { return s.Conns() == 0 })
		switch run % 3 {
		case 0:
			s.Stop()
		case 1:
			s.Stall()
		}
		after := spoolInterval + writeTime + time.Duration(100+rand.IntN(600))*time.Millisecond
		var safe map[int]time.Duration
		next, safe = runKilled(t, s.URL(), dir, next, after)
		maps.Copy(owed, safe)
	}
	s.Start()
	s.Resume()
	l := newLoad(t, spooled(s, dir))
	if err := shutdownWithin(t, l.h, time.Minute); err != nil {
		t.Error(err)
	}
	limit := time.Now().Add(gelftest.WaitTimeout)
	for missing := maps.Clone(owed); len(missing) > 0; time.Sleep(5 * time.Millisecond) {
		for i := range unique(numbers(t, s)) {
			delete(missing, i)
		}
		if time.Now().After(limit) {
			t.Fatalf("%d records are missing; number and age at the kill: %v", len(missing), missing)
		}
	}
	for _, r := range s.Records() {
		if r.Err != nil && !strings.Contains(r.Err.Error(), "JSON") {
			t.Errorf("a frame that Graylog rejects: %v", r.Err)
		}
	}
	got := numbers(t, s)
	t.Logf("%d logged, %d of them older than the interval at a kill, %d received, %d duplicates",
		next, len(owed), len(unique(got)), len(got)-len(unique(got)))
	if len(owed) < 100 {
		t.Errorf("only %d records were older than the interval, want at least 100", len(owed))
	}
}
