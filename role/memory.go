package role

import (
	"bytes"
	"cmp"
	"slices"
	"sync"

	"github.com/aimakerspace/synlogger/gelf"
)

// A memory keeps the newest lines that are written to it.
type memory struct {
	limit int // bytes

	mu    sync.Mutex
	lines [][]byte
	size  int
}

func newMemory(limit int) *memory { return &memory{limit: cmp.Or(limit, 8<<20)} }

func (m *memory) Write(line []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lines = append(m.lines, bytes.Clone(line))
	m.size += len(line)
	old := 0
	for m.size > m.limit {
		m.size -= len(m.lines[old])
		old++
	}
	m.lines = slices.Delete(m.lines, 0, old)
	return len(line), nil
}

func (m *memory) messages() []gelf.Message {
	m.mu.Lock()
	defer m.mu.Unlock()
	messages := make([]gelf.Message, 0, len(m.lines))
	for _, line := range m.lines {
		if msg, _, err := gelf.Decode(line); err == nil {
			messages = append(messages, msg)
		}
	}
	return messages
}
