package storedir

import (
	"database/sql"
	"errors"
	"path/filepath"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// lockFile is a database that serves only as the lock.
const lockFile = "lock.db"

// ErrLocked is the error of a directory that another collector uses.
var ErrLocked = errors.New("another collector uses the directory")

// A lock is the lock of a directory: a transaction on a separate database that never
// ends. The operating system releases it when the process dies, even by kill -9. The
// zero lock is not held.
type lock struct {
	db *sql.DB
	tx *sql.Tx
}

// create acquires the lock of a directory, and creates its file if necessary.
func (l *lock) create(dir string) error {
	if err := restrictFile(filepath.Join(dir, lockFile), true); err != nil {
		return err
	}
	return l.acquire(dir)
}

// acquire acquires the lock of a directory in which the file exists. It returns
// ErrLocked if another collector holds the lock.
func (l *lock) acquire(dir string) (err error) {
	if l.db, err = sql.Open("sqlite", DSN(filepath.Join(dir, lockFile), "exclusive", "busy_timeout(0)")); err != nil {
		return err
	}
	l.db.SetMaxOpenConns(1)
	l.tx, err = l.db.Begin()
	if busy := (*sqlite.Error)(nil); errors.As(err, &busy) && busy.Code()&0xff == sqlite3.SQLITE_BUSY {
		return ErrLocked
	}
	return err
}

// release releases the lock if it is held.
func (l *lock) release() error {
	var errs []error
	if l.tx != nil {
		errs = append(errs, l.tx.Rollback())
	}
	if l.db != nil {
		errs = append(errs, l.db.Close())
	}
	*l = lock{}
	return errors.Join(errs...)
}
