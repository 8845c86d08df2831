// Command modproxy writes modules of this repository into a directory that serves as a
// module proxy, as if a version of them were published.
//
//	go run ./modproxy -o dir [-C repository] [-revision HEAD] -version v0.1.0 [subdirectory ...]
//
// Each subdirectory of the repository, "." by default, is a module. Only files of
// the revision are in the module. GOPROXY=file://dir makes the go command use it.
package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"time"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	modzip "golang.org/x/mod/zip"
)

func main() {
	var s source
	out := flag.String("o", "", "directory to write to")
	flag.StringVar(&s.repository, "C", ".", "root of the repository")
	flag.StringVar(&s.revision, "revision", "HEAD", "commit to publish")
	flag.StringVar(&s.version, "version", "", "version to publish, such as v0.1.0")
	flag.Parse()
	if *out == "" || s.version == "" {
		fmt.Fprintln(os.Stderr, "modproxy: -o and -version are required")
		os.Exit(2)
	}
	modules := flag.Args()
	if len(modules) == 0 {
		modules = []string{"."}
	}
	for _, subdir := range modules {
		if err := s.publish(*out, subdir); err != nil {
			fmt.Fprintf(os.Stderr, "modproxy: %s: %v\n", subdir, err)
			os.Exit(1)
		}
	}
}

// A source is a commit, and the version that its modules get.
type source struct {
	repository string
	revision   string
	version    string
}

// publish writes the files of one module version: its list, info, mod and zip.
func (s source) publish(out, subdir string) (err error) {
	gomod, err := s.git("show", s.revision+":"+path.Join(subdir, "go.mod"))
	if err != nil {
		return err
	}
	m := module.Version{Path: modfile.ModulePath(gomod), Version: s.version}
	escaped, err := module.EscapePath(m.Path)
	if err != nil {
		return fmt.Errorf("go.mod: %w", err)
	}
	dir := filepath.Join(out, filepath.FromSlash(escaped), "@v")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	info, err := json.Marshal(struct {
		Version string
		Time    time.Time
	}{s.version, time.Now().UTC()})
	if err != nil {
		return err
	}
	for name, content := range map[string][]byte{
		"list":              []byte(s.version + "\n"),
		s.version + ".info": info,
		s.version + ".mod":  gomod,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			return err
		}
	}
	files, err := os.MkdirTemp("", "modproxy")
	if err != nil {
		return err
	}
	defer os.RemoveAll(files)
	if err := s.extract(files, subdir); err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(dir, s.version+".zip"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return modzip.CreateFromDir(f, m, files)
}

// extract writes the files of a subdirectory to dir.
func (s source) extract(dir, subdir string) error {
	tree := s.revision
	if subdir != "." {
		tree += ":" + subdir
	}
	archive, err := s.git("archive", "--format=zip", tree)
	if err != nil {
		return err
	}
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return err
	}
	return os.CopyFS(dir, r)
}

// git returns the output of a git command in the repository.
func (s source) git(args ...string) ([]byte, error) {
	cmd := exec.Command("git", append([]string{"-C", s.repository}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("git %s: %w", args[0], err)
	}
	return out, nil
}
