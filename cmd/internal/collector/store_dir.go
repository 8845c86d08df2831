package collector

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// The database files in the directory of a store.
const (
	recordsFile = "records.db"
	lockFile    = "lock.db"
)

// ErrLocked says that another collector uses the directory of the store.
var ErrLocked = errors.New("another collector uses the directory")

// A dirLock is the lock of a store's directory: a transaction on a database of
// its own that never ends. The operating system releases it when the process
// dies, even by kill -9. The zero value holds no lock.
type dirLock struct {
	db *sql.DB
	tx *sql.Tx
}

// create takes the lock of a directory, whose file it creates if there is none.
func (l *dirLock) create(dir string) error {
	if err := restrictFile(filepath.Join(dir, lockFile), true); err != nil {
		return err
	}
	return l.acquire(dir)
}

// acquire takes the lock of a directory that has the file of the lock. It
// returns ErrLocked if another collector holds it.
func (l *dirLock) acquire(dir string) (err error) {
	if l.db, err = sql.Open("sqlite", dsn(filepath.Join(dir, lockFile), "exclusive", "busy_timeout(0)")); err != nil {
		return err
	}
	l.db.SetMaxOpenConns(1)
	l.tx, err = l.db.Begin()
	if busy := (*sqlite.Error)(nil); errors.As(err, &busy) && busy.Code()&0xff == sqlite3.SQLITE_BUSY {
		return ErrLocked
	}
	return err
}

// release gives the lock back. It does nothing if no lock is held.
func (l *dirLock) release() error {
	var errs []error
	if l.tx != nil {
		errs = append(errs, l.tx.Rollback())
	}
	if l.db != nil {
		errs = append(errs, l.db.Close())
	}
	*l = dirLock{}
	return errors.Join(errs...)
}

// restrict lets only the owner read the files of a store: it creates the
// database with that mode, and takes the rights of others from files that an
// older collector created. SQLite gives the files beside a database its mode.
func restrict(dir string) error {
	if err := restrictFile(filepath.Join(dir, recordsFile), true); err != nil {
		return err
	}
	for _, suffix := range []string{"-wal", "-shm", "-journal"} {
		if err := restrictFile(filepath.Join(dir, recordsFile+suffix), false); err != nil {
			return err
		}
	}
	return nil
}

// restrictFile gives a file the mode 0600, and creates it first if asked to. It
// never opens an existing file: closing it would release the locks that another
// store of this process has on the file.
func restrictFile(path string, create bool) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if !create {
			return nil
		}
		file, failed := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
		if failed == nil {
			return file.Close()
		}
		if !errors.Is(failed, fs.ErrExist) {
			return failed
		}
		info, err = os.Lstat(path) // another collector created it just now
	}
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a regular file: remove it, or use another directory", path)
	case info.Mode().Perm()&0o077 == 0, runtime.GOOS == "windows": // whose modes tell nothing of other users
		return nil
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return fmt.Errorf("%s can be read by others: %w: change its mode to 0600, or use another directory", path, err)
	}
	return nil
}

// temporaryPrefix begins the name of each temporary directory.
const temporaryPrefix = "synlogger-collector-"

// openTemporary opens a store in a new temporary directory, after it removed
// those of collectors that were killed.
func openTemporary() (*store, error) {
	sweepTemporary(os.TempDir())
	const attempts = 20
	for try := 1; ; try++ {
		dir, err := os.MkdirTemp("", temporaryPrefix)
		if err != nil {
			return nil, fmt.Errorf("collector: store: %w", err)
		}
		s := &store{dir: dir, temporary: true}
		// Until the directory is locked, another collector that starts may take
		// it for one of a killed collector and remove it.
		if err = s.lock.create(dir); err == nil {
			_, err = os.Lstat(filepath.Join(dir, lockFile))
		}
		if err == nil || try == attempts {
			return s.opened(err)
		}
		_ = s.close()
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
		var lock dirLock
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
func removeTemporary(dir string, lock *dirLock) error {
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
