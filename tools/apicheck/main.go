// Command apicheck reports uses of the standard library, and of the language, that are
// newer than the go line of a module's go.mod allows.
//
//	go run ./apicheck [-C dir] [-go version] [packages]
//
// A go line alone does not prove that a module builds with that release: a newer
// Go command compiles the module with its newer standard library. Apicheck reads
// the lists in GOROOT/api, which name the API that each release of Go added, and
// type-checks the packages, their tests included, to find uses of it. A file with
// a build constraint such as go1.26 may use the API of that release.
//
// The packages default to ./... in dir. GOOS and GOARCH select the files as usual.
//
// The exit status is 1 if there are findings, and 2 if the check failed.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"go/version"
	"os"
	"os/exec"
	"strings"
)

func main() {
	dir := flag.String("C", ".", "directory of the module")
	target := flag.String("go", "", "oldest Go version that must work, such as 1.25 (default: the go line of go.mod)")
	flag.Parse()
	findings, err := run(*dir, *target, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "apicheck:", err)
		os.Exit(2)
	}
	for _, f := range findings {
		fmt.Println(f)
	}
	if len(findings) > 0 {
		os.Exit(1)
	}
}

// run returns one finding per use, in the order of the packages.
func run(dir, target string, patterns []string) ([]string, error) {
	if target == "" {
		var err error
		if target, err = goLine(dir); err != nil {
			return nil, err
		}
	}
	release := version.Lang("go" + strings.TrimPrefix(target, "go"))
	if release == "" {
		return nil, fmt.Errorf("-go %q is not a Go version: use 1.25", target)
	}
	newer, err := newerAPI(release)
	if err != nil {
		return nil, err
	}
	packages, err := list(dir, patterns)
	if err != nil {
		return nil, err
	}
	return check(packages, newer, release)
}

// goLine returns the version in the go line of the module in dir.
func goLine(dir string) (string, error) {
	out, err := goCommand(dir, "mod", "edit", "-json")
	if err != nil {
		return "", err
	}
	var mod struct{ Go string }
	if err := json.Unmarshal(out, &mod); err != nil {
		return "", fmt.Errorf("go mod edit -json: %w", err)
	}
	return mod.Go, nil
}

func goCommand(dir string, args ...string) ([]byte, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
	}
	return out, nil
}
