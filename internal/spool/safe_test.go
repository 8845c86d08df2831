//go:build darwin || freebsd || linux

package spool

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestUnsafeDirectory covers directories that another user can change, or in which
// writes would change files outside. Open must reject them and not change those files.
func TestUnsafeDirectory(t *testing.T) {
	const theirs = "a foreign file"
	link := func(t *testing.T, dir, name string) {
		target := filepath.Join(filepath.Dir(dir), "target")
		writeFile(t, target, []byte(theirs))
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	chown := func(t *testing.T, path string) {
		if os.Geteuid() != 0 {
			t.Skip("only root can give a file to another user")
		}
		if err := os.Chown(path, 12345, -1); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name    string
		prepare func(t *testing.T, dir string)
		want    string
	}{
		{"cursor is a link", func(t *testing.T, dir string) { link(t, dir, "cursor") }, "cursor is not a regular file"},
		{"lock is a link", func(t *testing.T, dir string) { link(t, dir, "lock") }, "lock is not a regular file"},
		{"cursor is a named pipe", func(t *testing.T, dir string) {
			if err := syscall.Mkfifo(filepath.Join(dir, "cursor"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "cursor is not a regular file"},
		{"any user can write to the directory", func(t *testing.T, dir string) {
			if err := os.Chmod(dir, 0o777); err != nil {
				t.Fatal(err)
			}
		}, "run chmod o-w"},
		{"another user owns the directory", chown, "user 12345 owns"},
		{"another user owns a segment", func(t *testing.T, dir string) {
			path := filepath.Join(dir, segmentName(4))
			writeFile(t, path, segmentOf(1, frameOf(1)))
			chown(t, path)
		}, "user 12345 owns"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "spool")
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			tt.prepare(t, dir)
			l, err := Open(Config{Dir: dir})
			if err == nil {
				l.Close()
			}
			if !errors.Is(err, ErrUnsafe) {
				t.Fatalf("Open: %v; want ErrUnsafe", err)
			}
			if text := err.Error(); !strings.Contains(text, tt.want) || !strings.Contains(text, dir) {
				t.Errorf("Open: %v; want %q", err, tt.want)
			}
			target := filepath.Join(filepath.Dir(dir), "target")
			if data, err := os.ReadFile(target); err == nil && string(data) != theirs {
				t.Errorf("the target of the link was overwritten: %q", data)
			}
		})
	}

	t.Run("a link to the directory", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "link")
		if err := os.Symlink(t.TempDir(), dir); err != nil {
			t.Fatal(err)
		}
		open(t, Config{Dir: dir}) // an administrator may move the spool to another disk
	})
	t.Run("sticky directory", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.Chmod(dir, 0o777|os.ModeSticky); err != nil {
			t.Fatal(err)
		}
		open(t, Config{Dir: dir}) // only owners can remove files there
	})
}
