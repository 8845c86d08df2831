package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/gelf"
	"github.com/aimakerspace/synlogger/role"
)

// A block is one piece of code in a document.
type block struct {
	language, text string
	line           int
}

var fence = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")

func blocks(t *testing.T, file string) (found []block) {
	t.Helper()
	text := readFile(t, file)
	for _, m := range fence.FindAllStringSubmatchIndex(text, -1) {
		found = append(found, block{text[m[2]:m[3]], text[m[4]:m[5]], 1 + strings.Count(text[:m[0]], "\n")})
	}
	if len(found) == 0 {
		t.Fatalf("%s has no code", file)
	}
	return found
}

func readFile(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

const (
	readme          = "../../README.md"
	graylogDocument = "../../docs/GRAYLOG.md"
)

// documents are those with code.
var documents = []string{readme, "../../docs/COLLECTOR.md", graylogDocument, "../../docs/PYTHON.md"}

// TestDocumentedCode compiles the programs of the documents and tries their
// commands.
func TestDocumentedCode(t *testing.T) {
	for _, file := range documents {
		for _, b := range blocks(t, file) {
			t.Run(fmt.Sprintf("%s line %d", filepath.Base(file), b.line), func(t *testing.T) {
				switch b.language {
				case "go":
					compile(t, b.text)
				case "sh":
					for line := range strings.Lines(b.text) {
						tryDeploy(t, strings.TrimSpace(line))
					}
				case "python":
					runPython(t, b.text)
				case "text": // what a command prints
				default:
					t.Errorf("there is no test for %q", b.language)
				}
			})
		}
	}
}

// compile vets a file within this module.
func compile(t *testing.T, program string) {
	name := "main.go"
	if strings.Contains(program, "testing.T") {
		name = "main_test.go"
	}
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(program), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("go", "vet", file).CombinedOutput(); err != nil {
		t.Errorf("go vet: %v\n%s", err, out)
	}
}

// try does with a command what can be done here: the targets of make have to
// be there, our own command lines to be right, and what is asked of a collector
// to be answered.
func try(t *testing.T, line string) {
	words := strings.Fields(line)
	switch {
	case words[0] == "make":
		makefile := readFile(t, "../../Makefile")
		if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(words[1]) + `:`).MatchString(makefile) {
			t.Errorf("%s: there is no such target", line)
		}
	case strings.HasPrefix(line, "go get github.com/aimakerspace/synlogger@"):
	case strings.HasPrefix(line, "go run github.com/aimakerspace/synlogger/cmd/synlogger@latest "):
		parse(t, words[3:])
	case words[0] == "synlogger":
		parse(t, words[1:])
	case words[0] == "curl":
		ask(t, strings.Trim(words[1], "'"))
	default:
		t.Errorf("%s: there is no test for this command", line)
	}
}

// parse checks a command line without running it.
func parse(t *testing.T, args []string) {
	t.Helper()
	cmd, rest, err := newRoot().Find(args)
	if err == nil {
		err = cmd.ParseFlags(rest)
	}
	if err == nil {
		err = cmd.ValidateArgs(cmd.Flags().Args())
	}
	if err != nil {
		t.Errorf("synlogger %s: %v", strings.Join(args, " "), err)
	}
}

// usual is where documents expect the page.
const usual = "127.0.0.1:9000"

// helloCollector runs a collector with one record until the test ends, and
// returns the address of its page.
func helloCollector(t *testing.T) (page string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	stdout, _, wait := command(ctx, "collect", "--ports", "auto")
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		stop()
		wait()
	})
	page = stdout.WaitFor(t, `http://(127\.0\.0\.1:\d+)/`)[1]
	h := role.TTP(role.Config{Server: stdout.WaitFor(t, `TTP Logs .* (127\.0\.0\.1:\d+)`)[1]})
	defer h.Close()
	slog.New(h).Info("Hello World!")
	resp, err := http.Get("http://" + page + "/api/wait?n=1")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return page
}

// ask sends a request that is written for the usual port to a collector with
// one record.
func ask(t *testing.T, url string) {
	t.Helper()
	resp, err := http.Get("http://" + strings.Replace(url, usual, helloCollector(t), 1))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("%s: %s", url, resp.Status)
	}
}

// runPython runs a script that prints the record of the collector.
func runPython(t *testing.T, script string) {
	t.Helper()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("there is no python3")
	}
	out, err := exec.Command("python3", "-c", strings.ReplaceAll(script, usual, helloCollector(t))).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Hello World!") {
		t.Errorf("%v: %s", err, out)
	}
}

// TestReadmeTables holds the tables against the code that they are about.
func TestReadmeTables(t *testing.T) {
	text := readFile(t, readme)
	for _, r := range role.All() {
		row := fmt.Sprintf("| %s | `%s<name>` | %d | %s | %s | %s |\n", r.Name, r.Prefix, r.Port, r.Input, r.Stream, r.Tab)
		if !strings.Contains(text, row) {
			t.Errorf("no row %s", row)
		}
	}
	for _, field := range printedFields(t) {
		if !strings.Contains(text, "`"+field+"`") {
			t.Errorf("no row for the field %s of the command sysmetric", field)
		}
	}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[role.Config]()) {
		if f.Anonymous {
			continue
		}
		if !regexp.MustCompile("(?m)^\\| .*`" + f.Name + "`.* \\|.*\\|.*\\|.*\\|$").MatchString(text) {
			t.Errorf("no row for the field %s of role.Config", f.Name)
		}
	}
	variables := regexp.MustCompile(`SYNLOGGER_[A-Z_]+`)
	code := variables.FindAllString(readFile(t, "../../role/env.go"), -1)
	if len(code) == 0 {
		t.Error("role/env.go names no variable")
	}
	for _, name := range code {
		if name != "SYNLOGGER_" && !strings.Contains(text, "`"+name+"`") {
			t.Errorf("no row for the variable %s", name)
		}
	}
	known := append(code, envPageToken)
	for _, name := range variables.FindAllString(text, -1) {
		if !slices.Contains(known, name) {
			t.Errorf("the variable %s is none of role.ConfigFromEnv, and none of the doctor's", name)
		}
	}
}

// TestDeliveryTests checks that the tests exist which docs/DELIVERY.md names.
func TestDeliveryTests(t *testing.T) {
	var code strings.Builder
	for _, dir := range []string{"handler", "internal/spool"} {
		files, err := filepath.Glob("../../" + dir + "/*_test.go")
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d test files, %v", dir, len(files), err)
		}
		for _, file := range files {
			code.WriteString(readFile(t, file))
		}
	}
	named := regexp.MustCompile(`Test[A-Z]\w+`).FindAllString(readFile(t, "../../docs/DELIVERY.md"), -1)
	if len(named) < 20 {
		t.Errorf("docs/DELIVERY.md names %d tests", len(named))
	}
	for _, name := range named {
		if !strings.Contains(code.String(), "func "+name+"(") {
			t.Errorf("there is no test %s", name)
		}
	}
}

// printedFields returns the fields of a record of the command sysmetric.
func printedFields(t *testing.T) (fields []string) {
	stdout, stderr, wait := command(t.Context(), "sysmetric", "--once", "--print", "--path", "p", "--class", "c", "--function", "f")
	if status := wait(); status != exitOK {
		t.Fatalf("status %d: %s", status, stderr)
	}
	m, _, err := gelf.Decode([]byte(strings.TrimSpace(stdout.String())))
	if err != nil {
		t.Fatal(err)
	}
	for field := range m.Fields {
		fields = append(fields, field)
	}
	return fields
}
