package spool

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// runChild appends numbered frames and prints how many are synced.
func runChild(dir string) error {
	l, err := Open(Config{Dir: dir, SegmentBytes: 64 << 10})
	if err != nil {
		return err
	}
	for n := 0; ; n += 7 {
		if _, err := l.Append([]byte(strings.Join(framesOf(n, n+7), ""))); err != nil {
			return err
		}
		if n%3 == 0 {
			if err := l.Sync(); err != nil {
				return err
			}
			fmt.Println(n + 7)
		}
	}
}

// TestKilledProcess checks that the spool of another process is locked until it is
// killed, and then contains all frames that it had synced.
func TestKilledProcess(t *testing.T) {
	for run := range 5 {
		o := Config{Dir: t.TempDir()}
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), childDir+"="+o.Dir)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		defer child.Process.Kill()
		overdue := time.AfterFunc(30*time.Second, func() { child.Process.Kill() })
		defer overdue.Stop()
		lines := bufio.NewScanner(out)
		synced := 0
		for range 10 + 20*run {
			if !lines.Scan() {
				t.Fatal("the child ended")
			}
			if _, err := fmt.Sscan(lines.Text(), &synced); err != nil {
				t.Fatalf("the child prints %q", lines.Text())
			}
		}
		if _, err := Open(o); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), o.Dir) {
			t.Errorf("Open while the child runs: %v, want ErrLocked", err)
		}
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() {
			fmt.Sscan(lines.Text(), &synced)
		}
		if err := child.Wait(); err == nil {
			t.Fatal("the child ended without being killed")
		}
		got, r := recovered(t, o)
		if len(got) < synced || r.Damage.Ranges != 0 {
			t.Fatalf("%d frames were synced, %d recovered: %+v", synced, len(got), r)
		}
		checkFrames(t, "frames of the child", got, framesOf(0, len(got)))
	}
}
