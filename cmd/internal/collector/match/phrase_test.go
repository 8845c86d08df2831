package match

import (
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/cmd/internal/collector/index"
)

func TestHasPhrase(t *testing.T) {
	tests := []struct {
		text, phrase string
		want         bool
	}{
		{"", "a", false}, {"a", "", false}, {"a", "a", true}, {"b A", "a", true},
		{"a b", "a b", true}, {"b a", "a b", false}, {"a x b", "a b", false}, {"x a, B. y", "a-b", true},
		{"a a b", "a b", true},
		{"a b a c", "a b a c", true},
		{"a b a b a c", "a b a c", true},
		{"a a", "a a a", false},
		{"a a a", "a a", true},
		{"0 1 2 3 4 5 6 7 8 9", "1 2 3 4 5 6 7 8 9", true}, {"0 1 2 3 4 5 6 7 9 8", "1 2 3 4 5 6 7 8 9", false},
		{strings.Repeat("x", 200) +
			" b", strings.Repeat("x", 300) + " b", true}, // the words are equal once they are truncated
	}
	for _, tt := range tests {
		if got := hasPhrase(tt.text, index.Words(tt.phrase)); got != tt.want {
			t.Errorf("%q in %q is %v, want %v", tt.phrase, tt.text, got, tt.want)
		}
	}
}
