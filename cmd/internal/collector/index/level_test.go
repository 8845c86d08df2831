package index

import "testing"

func TestLevelName(t *testing.T) {
	for level, want := range map[int]string{-1: "", 0: "EMERGENCY", 3: "ERROR", 7: "DEBUG", 8: "8", 99: "99"} {
		if got := LevelName(level); got != want {
			t.Errorf("level %d is %q, want %q", level, got, want)
		}
	}
}
