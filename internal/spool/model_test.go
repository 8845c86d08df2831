package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// A model contains what a Log must contain.
type model struct {
	t *testing.T
	r *rand.Rand
	o Config
	d *faultyDisk
	l *Log

	blocks []modelBlock     // not completely released, oldest first
	synced int              // number of the oldest blocks that are synced
	sizes  map[string]int64 // synced bytes of each segment
	cursor []byte           // at the last sync
}

type modelBlock struct {
	Block
	frames []string
	done   int
}

func (m *model) held() []string {
	var frames []string
	for _, b := range m.blocks {
		frames = append(frames, b.frames[b.done:]...)
	}
	return frames
}

func (m *model) append() {
	var frames []string
	for range 1 + m.r.IntN(20) {
		frames = append(frames, randomFrame(m.r))
	}
	b, err := m.l.Append([]byte(strings.Join(frames, "")))
	if err == nil {
		m.blocks = append(m.blocks, modelBlock{b, frames, 0})
	} else if m.d.find("write", suffix) == nil && !errors.Is(err, ErrFull) && !errors.Is(err, fs.ErrNotExist) {
		m.t.Fatal(err)
	}
}

func (m *model) sync() {
	if err := m.l.Sync(); err != nil {
		m.t.Fatal(err)
	}
	m.synced = len(m.blocks)
	m.note()
}

// note records what is synced.
func (m *model) note() {
	m.sizes = map[string]int64{}
	for _, path := range segmentPaths(m.t, m.o.Dir) {
		m.sizes[filepath.Base(path)] = int64(len(readFile(m.t, path)))
	}
	m.cursor, _ = os.ReadFile(filepath.Join(m.o.Dir, "cursor"))
}

func (m *model) release() {
	for range m.r.IntN(4) {
		if len(m.blocks) == 0 {
			return
		}
		b := &m.blocks[0]
		b.done = b.done + m.r.IntN(len(b.frames)-b.done+1)
		if m.r.IntN(3) > 0 {
			b.done = len(b.frames)
		}
		if err := m.l.Release(b.Block, b.done); err != nil {
			m.t.Fatal(err)
		}
		if b.done == len(b.frames) {
			m.blocks = m.blocks[1:]
			m.synced = max(0, m.synced-1)
		}
	}
}

func (m *model) read() {
	if len(m.blocks) > 0 {
		b := m.blocks[m.r.IntN(len(m.blocks))]
		checkFrames(m.t, "read", read(m.t, m.l, b.Block), b.frames)
	}
}

// adopt checks the pending blocks of a new Log, and continues with that Log.
func (m *model) adopt(l *Log, want []string) {
	m.l = l
	m.blocks = nil
	for _, b := range l.Pending() {
		m.blocks = append(m.blocks, modelBlock{b, read(m.t, l, b), 0})
	}
	checkFrames(m.t, "recovered", m.held(), want)
	if s := l.Stats(); int(s.Frames) != len(want) || s.Failed != 0 {
		m.t.Fatalf("%+v, want %d frames", s, len(want))
	}
	m.synced = len(m.blocks)
	m.note()
}

func (m *model) reopen() {
	if err := m.l.Close(); err != nil {
		m.t.Fatal(err)
	}
	m.adopt(open(m.t, m.o), m.held())
}

// kill continues with a copy of the directory, which must contain every frame.
func (m *model) kill() {
	m.o.Dir = copyDir(m.t, m.o.Dir)
	m.l.Close()
	m.adopt(open(m.t, m.o), m.held())
}

// powerFailure continues with a copy without some of the bytes that were not synced,
// and sometimes with an old cursor. The copy must contain all synced frames in order.
// It may contain others, and some that were released.
func (m *model) powerFailure() {
	held := m.held()
	must := held[:0:0]
	for _, b := range m.blocks[:m.synced] {
		must = append(must, b.frames[b.done:]...)
	}
	m.o.Dir = copyDir(m.t, m.o.Dir)
	m.l.Close()
	for _, path := range segmentPaths(m.t, m.o.Dir) {
		data, from := readFile(m.t, path), m.sizes[filepath.Base(path)]
		writeFile(m.t, path, data[:from+m.r.Int64N(int64(len(data))-from+1)])
	}
	if m.r.IntN(2) == 0 && m.cursor != nil {
		writeFile(m.t, filepath.Join(m.o.Dir, "cursor"), m.cursor)
	}
	l := open(m.t, m.o)
	var got []string
	for _, b := range l.Pending() {
		got = append(got, read(m.t, l, b)...)
	}
	if len(must) > 0 {
		again := slices.Index(got, must[0])
		if again < 0 || len(got) < again+len(must) {
			m.t.Fatalf("%d frames, %d of them released; %d were synced", len(got), again, len(must))
		}
		checkFrames(m.t, "synced", got[again:again+len(must)], must)
		rest := held[len(must):]
		for _, frame := range got[again+len(must):] {
			i := slices.Index(rest, frame)
			if i < 0 {
				m.t.Fatal("a frame that was not appended, or is out of order")
			}
			rest = rest[i+1:]
		}
	}
	m.adopt(l, got)
}

// removeDir removes the directory while it is in use. No frame may be missing.
func (m *model) removeDir() {
	if err := os.RemoveAll(m.o.Dir); err != nil {
		m.t.Fatal(err)
	}
	for range m.r.IntN(3) {
		m.append()
	}
	m.release()
	if restored, err := m.l.Check(); !restored || err != nil {
		m.t.Fatalf("Check: %t, %v", restored, err)
	}
	m.synced = 0
	m.note()
}

// fullDisk makes some appends fail after some bytes.
func (m *model) fullDisk() {
	m.d.set(append(slices.Clone(quick.faults), writeFault(syscall.ENOSPC, m.r.IntN(3000)))...)
	for range m.r.IntN(4) {
		m.append()
	}
	m.release()
	m.d.set(quick.faults...)
}

// TestRandomOperations compares a log with a model of it during random operations.
func TestRandomOperations(t *testing.T) {
	rounds := 40
	if testing.Short() {
		rounds = 8
	}
	for seed := range rounds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			d := new(faultyDisk)
			d.set(quick.faults...)
			r := rand.New(rand.NewPCG(1, uint64(seed)))
			o := Config{Dir: t.TempDir(), MaxBytes: 2 << 20, SegmentBytes: int64(1 + r.IntN(200<<10)), disk: d}
			m := &model{t: t, r: r, o: o, d: d, l: open(t, o)}
			m.note()
			for range 150 {
				switch n := r.IntN(100); {
				case n < 45:
					m.append()
				case n < 65:
					m.release()
				case n < 75:
					m.read()
				case n < 85:
					m.sync()
				case n < 90:
					m.reopen()
				case n < 93:
					m.kill()
				case n < 96:
					m.powerFailure()
				case n < 97 && runtime.GOOS != "windows":
					m.removeDir()
				default:
					m.fullDisk()
				}
				if s := m.l.Stats(); int(s.Frames) != len(m.held()) || s.Bytes > o.MaxBytes {
					t.Fatalf("%+v, want %d frames", s, len(m.held()))
				}
			}
			for len(m.blocks) > 0 {
				m.release()
			}
			if m.l.Size() != 0 || len(segmentPaths(t, m.o.Dir)) != 0 {
				t.Errorf("%d bytes after everything was released: %v", m.l.Size(), segmentPaths(t, m.o.Dir))
			}
		})
	}
}
