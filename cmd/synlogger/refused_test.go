package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aimakerspace/synlogger/internal/graylogtest"
)

// TestRealGraylogRefused has a real index refuse a text after a number. Both
// commands that look for such records have to fail, and to name the field, both
// kinds and the logger.
func TestRealGraylogRefused(t *testing.T) {
	srv := graylogtest.Open(t)
	input := srv.NewInput("Refused", graylogtest.TCP)
	field := fmt.Sprintf("refused%d", time.Now().UnixNano())
	send := func(logger string, seq int, value string) {
		srv.Send(input, fmt.Appendf(nil, `{"version":"1.1","host":"unit","short_message":"x","_logger":"WKR_%s%s","_seq":%d,"_%s":%s}`,
			logger, field, seq, field, value))
	}
	send("number", 1, "5")
	srv.Wait(input.Query(), 1)
	send("text", 1, `"a text"`)
	send("text", 2, "7")
	srv.Wait(input.Query(), 2)
	for _, args := range [][]string{
		{"doctor", "--server", input.Addr, "--failures", "1h"},
		{"contentpack", "verify", "--failures", "1h"},
	} {
		want := "the field " + field + " is an integer (long) in the index "
		for deadline := time.Now().Add(graylogtest.WaitTimeout); ; time.Sleep(time.Second) {
			stdout, stderr, wait := command(t.Context(), args...)
			status, line := wait(), lineWith(stdout.String(), want)
			if status != exitFailure {
				t.Fatalf("%q: status %d\n%s%s", args, status, stdout, stderr)
			}
			if strings.HasPrefix(line, "failed ") && strings.Contains(line, "a text in the refused records") &&
				strings.Contains(line, "probably WKR_text"+field) && strings.Contains(line, "with this field: WKR_number"+field) {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%q does not report %s:\n%s", args, field, stdout)
			}
		}
	}
}

// lineWith returns the first line that has a text, "" if none has.
func lineWith(text, part string) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, part) {
			return line
		}
	}
	return ""
}
