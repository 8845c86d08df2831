package documents

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	_ "go.opentelemetry.io/otel/trace" // is imported by a recipe of the README
)

// compile vets a Go program, or a fragment of one, and returns its directory.
func compile(t *testing.T, text string) (dir string) {
	t.Helper()
	if !regexp.MustCompile(`(?m)^package `).MatchString(text) {
		text = completeProgram(text)
	}
	name := "main.go"
	if strings.Contains(text, "testing.T") {
		name = "main_test.go"
	}
	dir = workspace(t)
	writeFile(t, filepath.Join(dir, name), text)
	if out, err := goCommand(dir, "vet", ".").CombinedOutput(); err != nil {
		t.Errorf("go vet: %v\n%s\n%s", err, out, text)
	}
	return dir
}

// workspace creates a module for a program, in a workspace with the root module and the
// module of these tests, which requires what documents import, and returns its directory.
func workspace(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	root, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	text := "go 1.26.0\n\nuse (\n\t.\n\t" + root + "\n\t" + filepath.Join(root, "test") + "\n)\n\n" +
		"replace github.com/aimakerspace/synlogger v0.1.0 => " + root + "\n"
	writeFile(t, filepath.Join(dir, "go.mod"), "module example\n\ngo 1.26\n")
	writeFile(t, filepath.Join(dir, "go.work"), text)
	return dir
}

// goCommand returns a command of go in the workspace of a directory.
func goCommand(dir string, args ...string) *exec.Cmd {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK="+filepath.Join(dir, "go.work"))
	return cmd
}

func writeFile(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// importable lists the packages that the statements of a document may use without
// an import declaration.
var importable = []string{
	"context", "errors", "expvar", "fmt", "log", "log/slog", "net/http", "os", "os/signal", "regexp", "syscall", "time",
	"github.com/aimakerspace/synlogger/delivery",
	"github.com/aimakerspace/synlogger/gelf",
	"github.com/aimakerspace/synlogger/gelftest",
	"github.com/aimakerspace/synlogger/handler",
	"github.com/aimakerspace/synlogger/role",
	"github.com/aimakerspace/synlogger/sysmetric",
}

// completeProgram makes a program of statements.
func completeProgram(statements string) string {
	var b strings.Builder
	b.WriteString("package main\n\n")
	for _, path := range importable {
		name := path[strings.LastIndex(path, "/")+1:]
		if regexp.MustCompile(`\b` + name + `\.[A-Z]`).MatchString(statements) {
			fmt.Fprintf(&b, "import %q\n", path)
		}
	}
	fmt.Fprintf(&b, "\nfunc main() {\n%s}\n", statements)
	return b.String()
}

func TestCompleteProgram(t *testing.T) {
	compile(t, "h := role.TTP(role.Config{})\nslog.SetDefault(slog.New(h))\n")
}
