package documents

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/aimakerspace/synlogger/role"
)

// A session runs the blocks of one document that use a collector. "synlogger collect"
// starts the collector, and so does the first block that needs one. Programs, requests
// and commands of synlogger that follow use it.
//
// The collector listens at another address of the loopback network, with the usual
// ports, so that it does not disturb other collectors on the machine.
type session struct {
	t       *testing.T // of the document
	addr    string     // of the collector, instead of 127.0.0.1
	hello   bool       // whether a new collector gets the record "Hello World!"
	running bool
	output  string // of the last block, if it was run
}

// newSession returns a session of a document. It has no collector yet.
func newSession(t *testing.T, document string) *session {
	pid := os.Getpid()
	return &session{
		t:     t,
		addr:  fmt.Sprintf("127.%d.%d.1", 1+pid>>8%250, pid%250),
		hello: !strings.Contains(document, `Server: "127.0.0.1"`),
	}
}

// test tests a block.
func (s *session) test(t *testing.T, b block) {
	t.Helper()
	if b.language == "text" {
		checkOutput(t, s.local(b.text), s.output)
		return
	}
	s.output = ""
	switch b.language {
	case "go":
		dir := compile(t, s.local(b.text))
		if strings.Contains(b.text, "127.0.0.1") && s.collect(t) {
			s.run(t, goCommand(dir, "run", "."))
		}
	case "sh":
		for _, line := range commandLines(b.text) {
			s.command(t, line)
		}
	case "python":
		s.python(t, b.text)
	default:
		t.Errorf("a block of the language %q cannot be tested", b.language)
	}
}

// local returns a text with the address of the collector.
func (s *session) local(text string) string {
	return strings.ReplaceAll(text, "127.0.0.1", s.addr)
}

// command runs a command line, if it uses the collector, or checks it.
func (s *session) command(t *testing.T, line string) {
	t.Helper()
	args := strings.Fields(s.local(line))
	switch {
	case line == "synlogger collect":
		tryCommand(t, line)
		s.collect(t)
	case args[0] == "curl":
		if s.collect(t) {
			s.request(t, strings.Trim(args[len(args)-1], "'\""))
		}
	case args[0] == "synlogger" && s.running && strings.Contains(line, "127.0.0.1"):
		s.run(t, exec.Command(synlogger, args[1:]...))
	default:
		tryCommand(t, line)
	}
}

// run runs a command that must succeed, and keeps its output.
func (s *session) run(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", cmd, err, out)
	}
	s.output += string(out)
}

// request sends a request of curl, and keeps the response.
func (s *session) request(t *testing.T, url string) {
	t.Helper()
	resp, err := http.Get("http://" + strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("%s: %s, %v\n%s", url, resp.Status, err, body)
	}
	s.output += string(body)
}

// python runs a script, which must print the record "Hello World!".
func (s *session) python(t *testing.T, script string) {
	t.Helper()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("python3 is not installed")
	}
	if !s.collect(t) {
		return
	}
	s.run(t, exec.Command("python3", "-c", s.local(script)))
	if !strings.Contains(s.output, "Hello World!") {
		t.Errorf("the script does not print the record: %s", s.output)
	}
}

// collect starts the collector, which runs until the end of the document. It reports
// whether the collector is running: other systems than Linux have only one loopback
// address.
func (s *session) collect(t *testing.T) bool {
	t.Helper()
	if s.running || runtime.GOOS != "linux" {
		return s.running
	}
	cmd := exec.Command(synlogger, "collect", "--bind", s.addr, "--page", s.addr+":9000")
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			s.t.Errorf("the collector: %v", err)
		}
	})
	for lines := bufio.NewScanner(stdout); !s.running && lines.Scan(); {
		s.running = strings.HasPrefix(lines.Text(), "Page")
	}
	if !s.running {
		t.Fatal("the collector does not start")
	}
	if s.hello {
		h := role.TTP(role.Config{Server: s.addr})
		slog.New(h).Info("Hello World!")
		if err := h.Close(); err != nil {
			t.Error(err)
		}
		s.request(t, s.addr+":9000/api/wait?n=1")
		s.output = ""
	}
	return true
}

// checkOutput checks that the lines of a text block occur in an output in this order.
// It ignores the text if no command of the block before was run.
func checkOutput(t *testing.T, text, output string) {
	t.Helper()
	if output == "" {
		return
	}
	rest := output
	for line := range strings.Lines(text) {
		pattern := strings.ReplaceAll(regexp.QuoteMeta(strings.TrimRight(line, "\n")), "…", ".*")
		loc := regexp.MustCompile(`(?m)^` + pattern + `\r?$`).FindStringIndex(rest)
		if loc == nil {
			t.Errorf("the output does not contain the line\n%sin this order:\n%s", line, output)
			return
		}
		rest = rest[loc[1]:]
	}
}

func TestCheckOutput(t *testing.T) {
	for text, ok := range map[string]bool{
		"a\nc\n":    true,
		"x … z\n":   true,
		"c\na\n":    false,
		"a b\n":     false,
		"missing\n": false,
	} {
		var failed testing.T
		checkOutput(&failed, text, "a\nb\nc\nx y z\n")
		if failed.Failed() == ok {
			t.Errorf("%q: failed %v, want %v", text, failed.Failed(), !ok)
		}
	}
}
