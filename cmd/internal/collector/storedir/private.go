package storedir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// Restrict makes a database of the directory private to its owner. It creates the file
// if necessary, and removes the rights of others from files that an older collector
// created. SQLite gives the files beside a database the same mode.
func (d *Dir) Restrict(name string) error {
	if err := restrictFile(filepath.Join(d.Path, name), true); err != nil {
		return err
	}
	for _, suffix := range []string{"-wal", "-shm", "-journal"} {
		if err := restrictFile(filepath.Join(d.Path, name+suffix), false); err != nil {
			return err
		}
	}
	return nil
}

// restrictFile sets the mode of a file to 0600, and creates the file first if create
// is set. It never opens an existing file: closing it would release the locks that
// another store of this process holds on the file.
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
		info, err = os.Lstat(path) // another collector has just created it
	}
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a regular file: remove it, or use another directory", path)
	case info.Mode().Perm()&0o077 == 0, runtime.GOOS == "windows": // the modes of Windows do not describe other users
		return nil
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return fmt.Errorf("%s can be read by others: %w: change its mode to 0600, or use another directory", path, err)
	}
	return nil
}
