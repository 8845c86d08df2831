package index

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// LevelNames are the syslog severities of RFC 5424, by number.
var LevelNames = [...]string{"EMERGENCY", "ALERT", "CRITICAL", "ERROR", "WARNING", "NOTICE", "INFO", "DEBUG"}

// LevelName returns the name of a severity, its number if it has no name, and "" if it
// is negative.
func LevelName(level int) string {
	switch {
	case level < 0:
		return ""
	case level < len(LevelNames):
		return LevelNames[level]
	}
	return strconv.Itoa(level)
}

// ParseLevel returns the number of a severity, given its number or name.
func ParseLevel(name string) (int, error) {
	upper := strings.ToUpper(name)
	if upper == "WARN" {
		upper = "WARNING"
	}
	if i := slices.Index(LevelNames[:], upper); i >= 0 {
		return i, nil
	}
	if n, err := strconv.Atoi(name); err == nil && n >= 0 && n <= 7 {
		return n, nil
	}
	return 0, errors.New("use a number from 0 to 7 or a name from emergency to debug")
}
