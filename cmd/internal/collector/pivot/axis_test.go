package pivot

import (
	"testing"
	"time"
)

func TestIntervalOf(t *testing.T) {
	for span, want := range map[time.Duration]time.Duration{
		0:                         time.Second,
		time.Minute:               time.Second,
		5 * time.Minute:           5 * time.Second,
		time.Hour:                 time.Minute,
		24 * time.Hour:            30 * time.Minute,
		20 * 365 * 24 * time.Hour: 365 * 24 * time.Hour, 290 * 365 * 24 * time.Hour: 5 * 365 * 24 * time.Hour,
	} {
		if got := intervalOf(0, span.Milliseconds()); got != want.Milliseconds() {
			t.Errorf("the interval of %v is %v, want %v", span, time.Duration(got)*time.Millisecond, want)
		}
	}
	// Any range of time has few rows.
	for _, r := range [][2]int64{{0, 1}, {-5000, 5000}, {-6e13, 2.5e14}, {1767323045123, 1767323045124}} {
		a := newTimeAxis(r[0], r[1])
		if a.first > r[0] || a.first+a.n*a.interval < r[1] || a.n > timeGroups+2 || a.n < 1 {
			t.Errorf("%v: %+v", r, a)
		}
	}
}
