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

// get returns parts of a block, nil for those that the block does not have. It calls read
// with the names of the parts that are not in the cache.
func (c *partCache) get(first int64, names []string,
	read func(names []string) (map[string]string, error)) (map[string]any, error) {
	found := make(map[string]any, len(names))
	missing := c.find(first, names, found)
	if len(missing) == 0 {
		return found, nil
	}
	data, err := read(missing)
	if err != nil {
		return nil, err
	}
	made := make([]cachedPart, len(missing))
	for i, name := range missing {
		if text, ok := data[name]; ok {
			if made[i].part, err = index.DecodePart(name, text); err != nil {
				return nil, fmt.Errorf("block %d, %s: %w", first, name, err)
			}
		}
		made[i].bytes = len(data[name]) + 100
		found[name] = made[i].part
	}
	c.add(first, missing, made)
	return found, nil
}

// find adds the cached parts to found and returns the names of the others.
func (c *partCache) find(first int64, names []string, found map[string]any) (missing []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, name := range names {
		if hit, ok := c.parts[partKey{first, name}]; ok {
			found[name] = hit.part
		} else {
			missing = append(missing, name)
		}
	}
	return missing
}

// add adds parts to the cache, and removes others if there are too many.
func (c *partCache) add(first int64, names []string, parts []cachedPart) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.parts == nil {
		c.parts = make(map[partKey]cachedPart)
	}
	for i, name := range names {
		key := partKey{first, name}
		c.bytes += parts[i].bytes - c.parts[key].bytes
		c.parts[key] = parts[i]
	}
	for k, p := range c.parts { // in random order
		if c.bytes <= cacheBytes {
			break
		}
		delete(c.parts, k)
		c.bytes -= p.bytes
	}
}

// DropCache empties the cache of parts. Benchmarks use it to measure first reads.
func (s *Store) DropCache() {
	s.parts.mu.Lock()
	defer s.parts.mu.Unlock()
	s.parts.parts, s.parts.bytes = nil, 0
}
