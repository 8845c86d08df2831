package storedir

import (
	"database/sql"
	"errors"
	"path/filepath"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// lockFile is the database whose only purpose is the lock.
const lockFile = "lock.db"

// ErrLocked says that another collector uses the directory of the store.
var ErrLocked = errors.New("another collector uses the directory")

// A dirLock is the lock of a store's directory: a transaction on a database of
// its own that never ends. The operating system releases it when the process
// dies, even by kill -9. The zero value holds no lock.
type lock struct {
	db *sql.DB
	tx *sql.Tx
}

// create takes the lock of a directory, whose file it creates if there is none.
func (l *lock) create(dir string) error {
	if err := restrictFile(filepath.Join(dir, lockFile), true); err != nil {
		return err
	}
	return l.acquire(dir)
}

// acquire takes the lock of a directory that has the file of the lock. It
// returns ErrLocked if another collector holds it.
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

// release gives the lock back. It does nothing if no lock is held.
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
