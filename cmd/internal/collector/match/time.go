package match

import (
	"fmt"
	"strings"
	"time"
)

// MinTime and MaxTime are before and after all timestamps, in milliseconds.
const MinTime, MaxTime = -1 << 62, 1 << 62

// timeLayouts are the formats of a time, with the length of the time that each
// denotes.
var timeLayouts = []struct {
	layout string
	unit   time.Duration
}{
	{"2006-01-02T15:04:05.000Z07:00", time.Millisecond},
	{"2006-01-02T15:04:05Z07:00", time.Millisecond}, // accepts any fraction
	{"2006-01-02 15:04:05.000", time.Millisecond},
	{"2006-01-02T15:04:05.000", time.Millisecond},
	{"2006-01-02 15:04:05", time.Second},
	{"2006-01-02T15:04:05", time.Second},
	{"2006-01-02 15:04", time.Minute},
	{"2006-01-02", 24 * time.Hour},
}

// ParseTime returns the range of time that a text denotes, in milliseconds; to is not
// included. For a date it is the whole day.
func ParseTime(text string) (from, to int64, err error) {
	for _, l := range timeLayouts {
		if t, err := time.Parse(l.layout, text); err == nil {
			unit := l.unit
			if unit == time.Millisecond && t.Nanosecond() == 0 && !strings.Contains(text, ".") {
				unit = time.Second
			}
			return t.UnixMilli(), t.Add(unit).UnixMilli(), nil
		}
	}
	return 0, 0, fmt.Errorf(`%q is not a time: use 2026-01-02T03:04:05Z, "2026-01-02 03:04:05" or 2026-01-02`, text)
}
