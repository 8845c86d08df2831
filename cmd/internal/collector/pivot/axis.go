package pivot

import "time"

// intervals are the possible lengths of time intervals.
var intervals = []time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour,
	30 * 24 * time.Hour,
}

// intervalOf returns the interval, in milliseconds, that divides a range into about
// sixty.
func intervalOf(from, to int64) int64 {
	for _, i := range intervals {
		if i.Milliseconds()*timeGroups >= to-from {
			return i.Milliseconds()
		}
	}
	year := (365 * 24 * time.Hour).Milliseconds()
	return ((to-from)/timeGroups/year + 1) * year
}

// A timeAxis has n intervals, from first on, in milliseconds.
type timeAxis struct{ first, interval, n int64 }

func newTimeAxis(from, to int64) timeAxis {
	i := intervalOf(from, to)
	first := floorTo(from, i)
	return timeAxis{first, i, (floorTo(max(to-1, from), i)-first)/i + 1}
}

func floorTo(t, step int64) int64 {
	if r := t % step; r < 0 {
		return t - r - step
	} else {
		return t - r
	}
}
