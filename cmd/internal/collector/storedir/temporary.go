package storedir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// temporaryPrefix begins the name of each temporary directory.
const temporaryPrefix = "synlogger-collector-"

// openTemporary creates and locks a temporary directory. It first removes those of
// collectors that were killed.
func openTemporary() (*Dir, error) {
	sweepTemporary(os.TempDir())
	const attempts = 20
	for try := 1; ; try++ {
		path, err := os.MkdirTemp("", temporaryPrefix)
		if err != nil {
			return nil, fmt.Errorf("collector: store: %w", err)
		}
		d := &Dir{Path: path, Temporary: true}
		// Until the directory is locked, another collector that starts may take
		// it for one of a killed collector and remove it.
		if err = d.lock.create(path); err == nil {
			_, err = os.Lstat(filepath.Join(path, lockFile))
		}
		if err == nil {
			return d, nil
		}
		_ = d.Close()
		if try == attempts {
			return nil, fmt.Errorf("collector: store in %s: %w", path, err)
		}
	}
}

// sweepTemporary removes the temporary directories whose lock no collector
// holds. It ignores what is not a directory of this user. What cannot be removed
// is left to the next start.
func sweepTemporary(parent string) {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), temporaryPrefix) {
			continue
		}
		if info, err := e.Info(); err != nil || !info.IsDir() || !ownDir(info) {
			continue
		}
		dir := filepath.Join(parent, e.Name())
		var lock lock
		if lock.acquire(dir) == nil {
			_ = removeTemporary(dir, &lock)
		} else {
			_ = os.Remove(dir) // which is empty before the file of the lock is created
		}
		_ = lock.release()
	}
}

// removeTemporary removes a temporary directory whose lock is held, and releases
// the lock. The file of the lock goes last, so that a collector which is killed
// meanwhile leaves a directory that the next one removes. It goes before the lock
// is released: another collector could lock a directory that is about to vanish.
func removeTemporary(dir string, lock *lock) error {
	entries, err := os.ReadDir(dir)
	errs := []error{err}
	for _, e := range entries {
		if e.Name() != lockFile {
			errs = append(errs, os.RemoveAll(filepath.Join(dir, e.Name())))
		}
	}
	if runtime.GOOS == "windows" { // which does not remove open files
		errs = append(errs, lock.release())
	}
	errs = append(errs, os.Remove(filepath.Join(dir, lockFile)), os.Remove(dir), lock.release())
	for i, err := range errs {
		if errors.Is(err, fs.ErrNotExist) { // another collector removed it just now
			errs[i] = nil
		}
	}
	return errors.Join(errs...)
}
