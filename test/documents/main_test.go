// Package documents tests what the documents and the files in deploy say: code blocks,
// commands, tables, and names of files, tests and environment variables.
package documents

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/aimakerspace/synlogger/internal/golden"
)

// root is the root of the repository.
const root = "../.."

// synlogger is the path of the command.
var synlogger string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "synlogger")
	if err == nil {
		synlogger, err = build(dir)
	}
	code := 1
	if err == nil {
		code = m.Run()
	} else {
		fmt.Fprintln(os.Stderr, err)
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

// build compiles the command and returns its path.
func build(dir string) (string, error) {
	path := filepath.Join(dir, "synlogger")
	cmd := exec.Command("go", "build", "-o", path, "./synlogger")
	cmd.Dir = filepath.Join(root, "cmd")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
}

func readFile(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// output returns the standard output of a command line of synlogger that must succeed.
func output(t *testing.T, args ...string) string {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.Command(synlogger, args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Errorf("synlogger %s: %v\n%s", strings.Join(args, " "), err, &stderr)
	}
	return string(out)
}

// checkCommandLine checks the command and the flags of a command line of synlogger
// without running it: with --help, it prints the help of that command.
func checkCommandLine(t *testing.T, args []string) {
	t.Helper()
	words := []string{"synlogger"}
	for _, arg := range args {
		if strings.HasPrefix(arg, "-") || strings.Contains(arg, "=") {
			break
		}
		words = append(words, arg)
	}
	help := output(t, append(args, "--help")...)
	usage := strings.Join(words, " ")
	if !strings.Contains(help, "\nUsage:\n  "+usage+" ") && !strings.Contains(help, "\nUsage:\n  "+usage+"\n") {
		t.Errorf("%q is not a command", usage)
	}
}
