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

// temporaryPrefix starts the name of each temporary directory.
const temporaryPrefix = "synlogger-collector-"

// openTemporary creates and locks a temporary directory. It first removes the
// directories of collectors that were killed.
func openTemporary() (*Dir, error) {
	sweepTemporary(os.TempDir())
	const attempts = 20
	for try := 1; ; try++ {
		path, err := os.MkdirTemp("", temporaryPrefix)
		if err != nil {
			return nil, fmt.Errorf("collector: store: %w", err)
		}
		d := &Dir{Path: path, Temporary: true}
		// Until the directory is locked, another collector that starts may consider it
		// abandoned and remove it.
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

// sweepTemporary removes the temporary directories that no collector has locked. It
// ignores everything that is not a directory of this user. The next start retries what
// could not be removed.
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
			_ = os.Remove(dir) // succeeds only if the directory is empty, which it is before its lock exists
		}
		_ = lock.release()
	}
}

// removeTemporary removes a temporary directory whose lock is held, and releases the
// lock. It removes the lock's file last, so the next collector can remove the rest if
// this one is killed. It removes that file before it releases the lock: otherwise
// another collector could lock a directory that is about to vanish.
func removeTemporary(dir string, lock *lock) error {
	entries, err := os.ReadDir(dir)
	errs := []error{err}
	for _, e := range entries {
		if e.Name() != lockFile {
			errs = append(errs, os.RemoveAll(filepath.Join(dir, e.Name())))
		}
	}
	if runtime.GOOS == "windows" { // Windows does not remove open files
		errs = append(errs, lock.release())
	}
	errs = append(errs, os.Remove(filepath.Join(dir, lockFile)), os.Remove(dir), lock.release())
	for i, err := range errs {
		if errors.Is(err, fs.ErrNotExist) { // another collector has just removed it
			errs[i] = nil
		}
	}
	return errors.Join(errs...)
}
