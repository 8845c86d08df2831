package store

import (
	"fmt"
	"sync"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
)

// cacheBytes bounds the size of the cached parts.
const cacheBytes = 96 << 20

// A partCache caches parts of blocks. Blocks never change, and ids are never reused.
type partCache struct {
	mu    sync.Mutex
	parts map[partKey]cachedPart
	bytes int
}

type partKey struct {
	first int64
	name  string
}

type cachedPart struct {
	part  any
	bytes int
}

func (c *partCache) get(first int64, name string, read func() (string, error)) (any, error) {
	key := partKey{first, name}
	c.mu.Lock()
	hit, ok := c.parts[key]
	c.mu.Unlock()
	if ok {
		return hit.part, nil
	}
	data, err := read()
	if err != nil {
		return nil, err
	}
	var made cachedPart
	if data != "" {
		if made.part, err = index.DecodePart(name, data); err != nil {
			return nil, fmt.Errorf("block %d, %s: %w", first, name, err)
		}
	}
	made.bytes = len(data) + 100
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.parts == nil {
		c.parts = make(map[partKey]cachedPart)
	}
	if old, ok := c.parts[key]; ok {
		c.bytes -= old.bytes
	}
	c.parts[key] = made
	c.bytes += made.bytes
	for k, p := range c.parts { // in random order
		if c.bytes <= cacheBytes {
			break
		}
		delete(c.parts, k)
		c.bytes -= p.bytes
	}
	return made.part, nil
}

// DropCache empties the cache of parts. Benchmarks use it to measure first reads.
func (s *Store) DropCache() {
	s.parts.mu.Lock()
	defer s.parts.mu.Unlock()
	s.parts.parts, s.parts.bytes = nil, 0
}
