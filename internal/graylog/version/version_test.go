package version

import (
	"strings"
	"testing"
)

func TestCompare(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want int
	}{
		{"7.0.1+29f3984", "7.0.1", 0},
		{"4.0.0", "3.3.11", 1},
		{"3.3.11", "3.3.2", 1},
		{"5.1.0-beta.2", "5.1.1", -1},
	} {
		a, errA := Parse(tc.a)
		b, errB := Parse(tc.b)
		if errA != nil || errB != nil || a.Compare(b) != tc.want || b.Compare(a) != -tc.want {
			t.Errorf("Compare(%s, %s) = %d, want %d; %v, %v", tc.a, tc.b, a.Compare(b), tc.want, errA, errB)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, text := range []string{"", "4", "newest", "7.0.1rc", "12345.0.0"} {
		if v, err := Parse(text); err == nil || !strings.Contains(err.Error(), "write it as 4.0.0") {
			t.Errorf("Parse(%q) = %v, %v", text, v, err)
		}
	}
}
