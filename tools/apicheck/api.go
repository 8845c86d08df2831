package main

import (
	"bufio"
	"fmt"
	"go/version"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// An api maps names of the standard library to the release of Go that added
// them, such as "go1.26". A name is one of
//
//	log/slog                      a package
//	log/slog NewMultiHandler      a function, type, variable or constant
//	bytes Buffer.Peek             a method or field
type api map[string]string

// newerAPI returns the names that were added after a release.
func newerAPI(release string) (api, error) {
	out, err := goCommand(".", "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(strings.TrimSpace(string(out)), "api")
	files, err := filepath.Glob(filepath.Join(dir, "go1*.txt"))
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("%s has no lists of the API: install Go from https://go.dev/dl", dir)
	}
	all := make(api)
	for _, file := range files {
		if err := all.read(file); err != nil {
			return nil, err
		}
	}
	newer := make(api)
	for name, added := range all {
		if version.Compare(added, release) > 0 {
			newer[name] = added
		}
	}
	return newer, nil
}

// read adds the names in a list. Of several releases, the oldest is kept: newer
// lists repeat a name when its declaration changes.
func (a api) read(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	release := strings.TrimSuffix(filepath.Base(file), ".txt")
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := lines.Text()
		if !strings.HasPrefix(line, "pkg ") || strings.Contains(line, "//deprecated") {
			continue
		}
		names, err := parseLine(line)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		for _, name := range names {
			if old, ok := a[name]; !ok || version.Compare(release, old) < 0 {
				a[name] = release
			}
		}
	}
	return lines.Err()
}

// The forms of a line. A type is followed by type parameters or a space.
var (
	lineForm   = regexp.MustCompile(`^pkg ([^ ,]+)(?: \([^)]*\))?, (func|method|type|const|var) (.*)$`)
	nameForm   = regexp.MustCompile(`^\w+`)
	methodForm = regexp.MustCompile(`^\(\*?(\w+)(?:\[.*?\])?\) (\w+)`)
	memberForm = regexp.MustCompile(`^(\w+)(?:\[.*\])? (?:struct|interface), (?:embedded \*?(?:[\w/.]*\.)?)?(\w+)`)
)

// parseLine returns the names that a line such as
//
//	pkg crypto/tls, type Config struct, GetEncryptedClientHelloKeys func(…) #71920
//
// declares: the package and the name in it.
func parseLine(line string) ([]string, error) {
	parts := lineForm.FindStringSubmatch(line)
	if parts == nil {
		return nil, fmt.Errorf("unknown form of a line: %s", line)
	}
	pkg, kind, decl := parts[1], parts[2], parts[3]
	switch kind {
	case "method":
		if m := methodForm.FindStringSubmatch(decl); m != nil {
			return []string{pkg, pkg + " " + m[1] + "." + m[2]}, nil
		}
	case "type":
		if m := memberForm.FindStringSubmatch(decl); m != nil {
			return []string{pkg, pkg + " " + m[1] + "." + m[2]}, nil
		}
		fallthrough
	default:
		if name := nameForm.FindString(decl); name != "" {
			return []string{pkg, pkg + " " + name}, nil
		}
	}
	return nil, fmt.Errorf("unknown form of a line: %s", line)
}
