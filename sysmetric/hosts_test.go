package sysmetric

import (
	"bytes"
	"context"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aimakerspace/synlogger/internal/golden"
	"github.com/aimakerspace/synlogger/role"
)

// TestHosts tracks each host in testdata/hosts, whose counters change every second,
// and compares the frames with the golden file next to it.
func TestHosts(t *testing.T) {
	files, err := filepath.Glob("testdata/hosts/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d hosts, %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) {
			fake := newFakeHost(t, name)
			fake.elsewhere = name == "elsewhere"
			var lines lockedBuffer
			synctest.Test(t, func(t *testing.T) {
				h := role.Sysmetric(role.Config{
					Name:    "unit",
					Host:    "node-a",
					Variant: role.VariantBasic,
					Writer:  &lines,
				})
				defer h.Close()
				target := Target{Path: "/srv/train.py", Class: "Trainer", Function: "fit"}
				tracker, err := newHandler(h, fake.host).Track(t.Context(), target, time.Second)
				if err != nil {
					t.Fatal(err)
				}
				synctest.Wait()
				for step := 2; step <= fake.steps; step++ {
					fake.setStep(t, step)
					time.Sleep(time.Second)
					synctest.Wait()
				}
				if err := tracker.Terminate(t.Context()); err != nil {
					t.Error(err)
				}
			})
			got := strings.NewReplacer(fake.root+"/now", "HOST", "\x00", "").Replace(lines.String())
			golden.Check(t, filepath.Join("testdata/hosts", name+".golden"), got)
		})
	}
}

// A fakeHost contains the files of proc and sysfs at several points in time.
type fakeHost struct {
	host
	root  string
	steps int
}

// newFakeHost extracts testdata/hosts/NAME.txtar, whose file names begin with the
// number of a step, and selects the first step.
func newFakeHost(t *testing.T, name string) *fakeHost {
	root := t.TempDir()
	f := &fakeHost{host: host{proc: root + "/now/proc", sys: root + "/now/sys"}, root: root}
	for path, data := range hostFiles(t, name) {
		step := int(path[0] - '0')
		f.steps = max(f.steps, step)
		full := filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	f.setStep(t, 1)
	return f
}

// hostFiles returns the files of a host by path. The comment before the files can
// contain "like OTHER", to begin with the files of another host, and "without PATH",
// to remove some of these.
func hostFiles(t *testing.T, name string) map[string][]byte {
	archive, err := os.ReadFile(filepath.Join("testdata/hosts", name+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	comment, own := parseArchive(string(archive))
	files := make(map[string][]byte)
	for line := range strings.Lines(comment) {
		verb, arg, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch verb {
		case "#":
		case "like":
			files = hostFiles(t, arg)
		case "without":
			for path := range files {
				if strings.HasPrefix(path, arg+"/") || path == arg {
					delete(files, path)
				}
			}
		default:
			t.Fatalf("%s.txtar: unknown instruction %q", name, line)
		}
	}
	maps.Copy(files, own)
	return files
}

// parseArchive returns the comment and the files of an archive in the txtar format:
// the line "-- NAME --" begins a file.
func parseArchive(archive string) (comment string, files map[string][]byte) {
	files = make(map[string][]byte)
	name := ""
	for line := range strings.Lines(archive) {
		header, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "-- ")
		if header, ok2 := strings.CutSuffix(header, " --"); ok && ok2 {
			name = header
			files[name] = nil
		} else if name == "" {
			comment += line
		} else {
			files[name] = append(files[name], line...)
		}
	}
	return comment, files
}

// setStep selects the files of a step.
func (f *fakeHost) setStep(t *testing.T, step int) {
	now := filepath.Join(f.root, "now")
	if err := os.Remove(now); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	if err := os.Symlink(string(rune('0'+step)), now); err != nil {
		t.Fatal(err)
	}
}

// TestThisHost covers the paths of proc and sysfs.
func TestThisHost(t *testing.T) {
	for _, tt := range []struct {
		proc, sys string
		want      host
	}{
		{"", "", host{"/proc", "/sys", false}},
		{"/proc/", "/sys", host{"/proc/", "/sys", false}},
		{"/host/proc", "/host/sys", host{"/host/proc", "/host/sys", true}},
	} {
		t.Setenv("HOST_PROC", tt.proc)
		t.Setenv("HOST_SYS", tt.sys)
		if got := thisHost(); got != tt.want {
			t.Errorf("HOST_PROC=%q HOST_SYS=%q: %+v, want %+v", tt.proc, tt.sys, got, tt.want)
		}
	}
}

// TestProbeOfMountedHost reads another host that HOST_PROC and HOST_SYS select, like
// an agent in a container.
func TestProbeOfMountedHost(t *testing.T) {
	fake := newFakeHost(t, "elsewhere")
	t.Setenv("HOST_PROC", fake.proc)
	t.Setenv("HOST_SYS", fake.sys)
	h := role.Sysmetric(role.Config{Name: "unit", Variant: role.VariantTest})
	if err := New(h).Probe(context.Background(), Target{}, time.Millisecond); err != nil {
		t.Fatal(err)
	}
	fields := h.Records()[0].Fields
	if got := number(fields["memory_total"]); got != 16384000*1024 {
		t.Errorf("memory_total is %v", got)
	}
	if got := number(fields["net_bytes_recv"]); got != 1005000 {
		t.Errorf("net_bytes_recv is %v, want that of the mounted host", got)
	}
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
