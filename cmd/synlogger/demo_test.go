package main

import (
	"strings"
	"testing"
)

// TestDemo checks that the flags of the demo reach the collector.
func TestDemo(t *testing.T) {
	t.Parallel()
	args := []string{"demo", "--for", "1s", "--ports", "auto", "--max-records", "5"}
	stdout, stderr, wait := command(t.Context(), args...)
	if code := wait(); code != exitFailure || !strings.Contains(stderr.String(), "Stream contains ") {
		t.Errorf("exit code %d, want 1\n%s%s", code, stdout, stderr)
	}
}
