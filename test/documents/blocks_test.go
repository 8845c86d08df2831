package documents

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The code blocks of README.md, CONTRIBUTING.md and docs/*.md are tested by their
// language:
//
//	go      compiles: a file with a package clause, or the statements of a function,
//	        whose imports are found by their names
//	sh      each line is a command that tryCommand knows; # begins a comment, a
//	        backslash continues a line
//	python  prints the record "Hello World!" of a collector
//	text    is output, and is not tested
//
// To exclude a block, write a comment with the reason in the line above it:
//
//	<!-- not tested: needs a cluster -->

// documents returns the paths of the documents, relative to the root.
func documents(t *testing.T) (files []string) {
	t.Helper()
	for _, pattern := range []string{"README.md", "CONTRIBUTING.md", "docs/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range found {
			file, err := filepath.Rel(root, file)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
		}
	}
	return files
}

// A block is a code block of a document.
type block struct {
	language string
	text     string
	line     int    // of its first fence
	excluded string // reason why it is not tested, or ""
}

var (
	fence   = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")
	exclude = regexp.MustCompile(`<!-- not tested: (.+) -->\n$`)
)

// blocks returns the code blocks of a document.
func blocks(text string) (found []block) {
	for _, m := range fence.FindAllStringSubmatchIndex(text, -1) {
		b := block{
			language: text[m[2]:m[3]],
			text:     text[m[4]:m[5]],
			line:     1 + strings.Count(text[:m[0]], "\n"),
		}
		if e := exclude.FindStringSubmatch(text[:m[0]]); e != nil {
			b.excluded = e[1]
		}
		found = append(found, b)
	}
	return found
}

func TestBlocks(t *testing.T) {
	text := "# Title\n\n```go\nx := 1\n```\n\n<!-- not tested: needs a cluster -->\n```sh\nmake\n```\n"
	want := []block{{"go", "x := 1\n", 3, ""}, {"sh", "make\n", 8, "needs a cluster"}}
	if got := blocks(text); !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// TestDocuments tests the code blocks of all documents.
func TestDocuments(t *testing.T) {
	tested := map[string]int{}
	for _, file := range documents(t) {
		for _, b := range blocks(readFile(t, file)) {
			t.Run(fmt.Sprintf("%s line %d", file, b.line), func(t *testing.T) {
				if b.excluded != "" {
					t.Skip(b.excluded)
				}
				tested[b.language]++
				switch b.language {
				case "go":
					compile(t, b.text)
				case "sh":
					for _, line := range commandLines(b.text) {
						tryCommand(t, line)
					}
				case "python":
					runPython(t, b.text)
				case "text":
				default:
					t.Errorf("a block of the language %q cannot be tested", b.language)
				}
			})
		}
	}
	if tested["go"] == 0 || tested["sh"] == 0 {
		t.Errorf("tested blocks: %v, want some of go and sh", tested)
	}
}

// compile vets a Go program, or a fragment of one.
func compile(t *testing.T, text string) {
	t.Helper()
	if !regexp.MustCompile(`(?m)^package `).MatchString(text) {
		text = completeProgram(text)
	}
	name := "main.go"
	if strings.Contains(text, "testing.T") {
		name = "main_test.go"
	}
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "vet", file).CombinedOutput(); err != nil {
		t.Errorf("go vet: %v\n%s\n%s", err, out, text)
	}
}

// importable lists the packages that the statements of a document may use without
// an import declaration.
var importable = []string{
	"context", "errors", "fmt", "log", "log/slog", "net/http", "os", "os/signal", "regexp", "syscall", "time",
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

// runPython runs a script with a collector that contains one record.
func runPython(t *testing.T, script string) {
	t.Helper()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("python3 is not installed")
	}
	script = strings.ReplaceAll(script, usualPage, helloCollector(t))
	out, err := exec.Command("python3", "-c", script).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Hello World!") {
		t.Errorf("%v: %s", err, out)
	}
}
