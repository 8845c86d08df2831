package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/internal/graylogtest"
)

// TestRealGraylogRefused makes a real index refuse a text after a number. Both
// commands that look for such records fail, and name the field, both types and the
// loggers.
func TestRealGraylogRefused(t *testing.T) {
	srv := graylogtest.Open(t)
	input := srv.NewInput("Refused", graylogtest.TCP)
	field := fmt.Sprintf("refused%d", time.Now().UnixNano())
	send := func(logger string, seq int, value string) {
		srv.Send(input, fmt.Appendf(nil,
			`{"version":"1.1","host":"unit","short_message":"x","_logger":"WKR_%s%s","_seq":%d,"_%s":%s}`,
			logger, field, seq, field, value))
	}
	send("number", 1, "5")
	srv.Wait(input.Query(), 1)
	send("text", 1, `"a text"`)
	send("text", 2, "7")
	srv.Wait(input.Query(), 2)
	for _, args := range [][]string{
		{"doctor", "--server", input.Addr, "--url", srv.URL, "--failures", "1h"},
		{"contentpack", "verify", "--failures", "1h"},
	} {
		wants := []string{
			"a text in the refused records",
			"probably WKR_text" + field,
			"with this field: WKR_number" + field,
		}
		for deadline := time.Now().Add(graylogtest.WaitTimeout); ; time.Sleep(time.Second) {
			stdout, stderr, wait := command(t.Context(), args...)
			if code := wait(); code != exitFailure {
				t.Fatalf("%q: exit code %d\n%s%s", args, code, stdout, stderr)
			}
			line := lineWith(stdout.String(), "the field "+field+" is an integer (long) in the index ")
			if strings.HasPrefix(line, "failed ") && containsAll(line, wants) {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%q does not report %s:\n%s", args, field, stdout)
			}
		}
	}
}

// lineWith returns the first line that contains a text, or "".
func lineWith(text, part string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, part) {
			return line
		}
	}
	return ""
}

func containsAll(text string, parts []string) bool {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}
