package collector

import (
	"errors"
	"fmt"
	"os"
)

// A storeDir is the directory of a store, which one collector at a time may use.
type storeDir struct {
	path      string
	temporary bool // close removes the directory
	lock      dirLock
}

// openDir creates a directory if it does not exist and locks it. If path is empty,
// it creates a temporary directory. The error wraps ErrLocked if another collector
// uses the directory.
func openDir(path string) (*storeDir, error) {
	if path == "" {
		return openTemporary()
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("collector: store: %w", err)
	}
	d := &storeDir{path: path}
	if err := d.lock.create(path); err != nil {
		_ = d.close()
		return nil, fmt.Errorf("collector: store in %s: %w", path, err)
	}
	return d, nil
}

// close releases the lock, and removes the directory if it is temporary.
func (d *storeDir) close() error {
	var err error
	if d.temporary {
		err = removeTemporary(d.path, &d.lock)
	}
	return errors.Join(err, d.lock.release())
}
