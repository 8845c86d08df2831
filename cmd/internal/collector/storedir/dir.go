// Package storedir creates, locks and removes the directories of stores.
package storedir

import (
	"errors"
	"fmt"
	"os"
)

// A Dir is the directory of a store. Only one collector at a time may use it.
type Dir struct {
	Path      string
	Temporary bool // Close removes the directory
	lock      lock
}

// Open creates a directory if it does not exist, and locks it. If path is empty, it
// creates a temporary directory. The error wraps ErrLocked if another collector uses
// the directory.
func Open(path string) (*Dir, error) {
	if path == "" {
		return openTemporary()
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("collector: store: %w", err)
	}
	d := &Dir{Path: path}
	if err := d.lock.create(path); err != nil {
		_ = d.Close()
		return nil, fmt.Errorf("collector: store in %s: %w", path, err)
	}
	return d, nil
}

// Close releases the lock, and removes the directory if it is temporary.
func (d *Dir) Close() error {
	var err error
	if d.Temporary {
		err = removeTemporary(d.Path, &d.lock)
	}
	return errors.Join(err, d.lock.release())
}
