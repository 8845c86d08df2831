package spool

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// frameOf returns the frame with a number. The length varies.
func frameOf(n int) string {
	text := strings.Repeat("x", n*7%90)
	return fmt.Sprintf(`{"version":"1.1","host":"h","short_message":"%s","_seq":%d}`+"\x00", text, n)
}

// framesOf returns the frames with the numbers from one to another, excluding it.
func framesOf(from, to int) []string {
	var frames []string
	for n := from; n < to; n++ {
		frames = append(frames, frameOf(n))
	}
	return frames
}

// split splits a sequence of frames.
func split(frames []byte) []string {
	all := strings.SplitAfter(string(frames), "\x00")
	return all[:len(all)-1]
}

func open(t testing.TB, o Config) *Log {
	t.Helper()
	l, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func appendFrames(t testing.TB, l *Log, frames ...string) Block {
	t.Helper()
	b, err := l.Append([]byte(strings.Join(frames, "")))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func read(t testing.TB, l *Log, b Block) []string {
	t.Helper()
	frames, damaged, err := l.Read(b, nil)
	if err != nil || damaged != 0 {
		t.Fatalf("Read: %d damaged, %v", damaged, err)
	}
	return split(frames)
}

func release(t testing.TB, l *Log, b Block, n int) {
	t.Helper()
	if err := l.Release(b, n); err != nil {
		t.Fatal(err)
	}
}

// recovered opens a directory and returns all frames in it.
func recovered(t testing.TB, o Config) ([]string, Recovery) {
	t.Helper()
	l, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var frames []string
	for _, b := range l.Pending() {
		got := read(t, l, b)
		if size := len(strings.Join(got, "")); len(got) != b.Frames || size != b.Bytes {
			t.Fatalf("%d frames of %d bytes in %+v", len(got), size, b)
		}
		frames = append(frames, got...)
	}
	return frames, l.Recovered()
}

func checkFrames(t testing.TB, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("%s (-want +got):\n%s", what, cmp.Diff(want, got))
	}
}

// segmentPaths returns the paths of the segments in a directory, oldest first.
func segmentPaths(t testing.TB, dir string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*"+suffix))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(paths)
	return paths
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func writeFile(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// copyDir returns a copy of a directory: what another process would find if this one
// were killed.
func copyDir(t testing.TB, dir string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

// quick is a disk that does not sync, for tests that open a spool thousands of times.
var quick = &faultyDisk{faults: []fault{{op: "sync"}, {op: "syncDir"}}}

// A fault makes an operation on files with a suffix fail.
type fault struct {
	op     string // open, remove, syncDir, read, write, truncate, sync
	suffix string
	err    error // nil to do nothing, without an error
	wrote  int   // bytes that a write stores but does not report, like os.File
	from   int64 // offset of the page that cannot be read
}

// A faultyDisk is a disk with faults.
type faultyDisk struct {
	osDisk
	mu     sync.Mutex
	faults []fault
}

func (d *faultyDisk) set(faults ...fault) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults = faults
}

func (d *faultyDisk) find(op, path string) *fault {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, f := range d.faults {
		if f.op == op && strings.HasSuffix(path, f.suffix) {
			return &f
		}
	}
	return nil
}

func (d *faultyDisk) fail(op, path string) error {
	if f := d.find(op, path); f != nil && f.err != nil {
		return &os.PathError{Op: op, Path: path, Err: f.err}
	}
	return nil
}

func (d *faultyDisk) open(path string, flag int) (file, error) {
	if err := d.fail("open", path); err != nil {
		return nil, err
	}
	f, err := d.osDisk.open(path, flag)
	if err != nil {
		return nil, err
	}
	return &faultyFile{f, d, path}, nil
}

func (d *faultyDisk) remove(path string) error {
	if err := d.fail("remove", path); err != nil {
		return err
	}
	return d.osDisk.remove(path)
}

func (d *faultyDisk) syncDir(path string) error {
	if d.find("syncDir", path) != nil {
		return d.fail("syncDir", path)
	}
	return d.osDisk.syncDir(path)
}

type faultyFile struct {
	file
	disk *faultyDisk
	path string
}

func (f *faultyFile) WriteAt(p []byte, off int64) (int, error) {
	if found := f.disk.find("write", f.path); found != nil {
		_, _ = f.file.WriteAt(p[:min(found.wrote, len(p))], off)
		return 0, &os.PathError{Op: "write", Path: f.path, Err: found.err}
	}
	return f.file.WriteAt(p, off)
}

func (f *faultyFile) ReadAt(p []byte, off int64) (int, error) {
	if found := f.disk.find("read", f.path); found != nil {
		if off < found.from+pageSize && off+int64(len(p)) > found.from {
			n, _ := f.file.ReadAt(p[:max(0, found.from-off)], off)
			return n, &os.PathError{Op: "read", Path: f.path, Err: found.err}
		}
	}
	return f.file.ReadAt(p, off)
}

func (f *faultyFile) Truncate(size int64) error {
	if err := f.disk.fail("truncate", f.path); err != nil {
		return err
	}
	return f.file.Truncate(size)
}

func (f *faultyFile) Sync() error {
	if f.disk.find("sync", f.path) != nil {
		return f.disk.fail("sync", f.path)
	}
	return f.file.Sync()
}

// randomFrame returns a frame of random bytes, sometimes a long one.
func randomFrame(r *rand.Rand) string {
	n := r.IntN(400)
	if r.IntN(200) == 0 {
		n = r.IntN(300 << 10)
	}
	p := make([]byte, n, n+1)
	for i := range p {
		p[i] = byte(1 + r.IntN(255))
	}
	return string(append(p, 0))
}
