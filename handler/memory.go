package handler

import (
	"bytes"
	"cmp"
	"slices"
	"sync"

	"github.com/aimakerspace/synlogger/gelf"
)

// A Memory keeps the newest records in memory, for tests. Use it as [Config.Writer]. The
// zero value is ready to use. Its methods are safe for concurrent use.
type Memory struct {
	limit int // bytes; 0 means 8 MiB

	mu    sync.Mutex
	lines [][]byte
	size  int
}

// NewMemory returns a memory that keeps at most limit bytes of frames, or 8 MiB if limit
// is 0.
func NewMemory(limit int) *Memory { return &Memory{limit: limit} }

// Write keeps a line, and removes the oldest ones that no longer fit. It always succeeds.
func (m *Memory) Write(line []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lines = append(m.lines, bytes.Clone(line))
	m.size += len(line)
	old := 0
	for m.size > cmp.Or(m.limit, 8<<20) {
		m.size -= len(m.lines[old])
		old++
	}
	m.lines = slices.Delete(m.lines, 0, old)
	return len(line), nil
}

// Records returns the records as Graylog would store them, oldest first.
func (m *Memory) Records() []gelf.Message {
	m.mu.Lock()
	defer m.mu.Unlock()
	records := make([]gelf.Message, 0, len(m.lines))
	for _, line := range m.lines {
		if r, _, err := gelf.Decode(line); err == nil {
			records = append(records, r)
		}
	}
	return records
}
