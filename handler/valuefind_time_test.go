package handler

import (
	"strings"
	"testing"
	"time"
)

// TestFindCredentialsTime tells that a text full of the scheme's word takes a
// time in proportion to its length. It took minutes.
func TestFindCredentialsTime(t *testing.T) {
	const n, limit = 100_000, 10 * time.Second
	for _, text := range []string{"basic=", "Basic:", "_basic", "basic%20", "_bearer"} {
		c := censor{values: []ValuePattern{ValuePatternBasic, ValuePatternBearer}}
		start := time.Now()
		if got := c.text(strings.Repeat(text, n) + " basic=basic=dXNlcjpodW50ZXIy"); strings.HasSuffix(got, "ZXIy") {
			t.Errorf("%s: the credentials are not hidden", text)
		}
		if d := time.Since(start); d > limit {
			t.Errorf("%s: %v", text, d)
		}
	}
}
