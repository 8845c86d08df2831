package sysmetric

import (
	"math"
	"time"
)

// A gauge keeps the last sample of some counters, and what came out when it was
// compared with the one before.
type gauge[T any] struct {
	at     time.Time // of the sample, zero if there is none
	sample T
	values [2]float64
	known  bool // whether there are values
}

// A delta tells what has become of counters in the seconds between two samples.
// It says false if no time has passed by their count.
type delta[T any] func(a, b T, seconds float64) ([2]float64, bool)

// compare takes the sample of this moment and returns the values to report,
// which are the last ones if this moment is too close to that of the last
// sample. It says false until there are two samples.
func (g *gauge[T]) compare(sample T, window time.Duration, delta delta[T]) ([2]float64, bool) {
	now := time.Now()
	elapsed := now.Sub(g.at)
	switch {
	case g.at.IsZero():
		g.at, g.sample = now, sample
	case elapsed > 0 && elapsed >= window:
		values, ok := delta(g.sample, sample, elapsed.Seconds())
		if ok {
			g.values, g.known = values, true
		}
		// Counters that stand still for a second have been set back.
		if ok || elapsed >= time.Second {
			g.at, g.sample = now, sample
		}
	}
	return g.values, g.known
}

// busyPercent returns the share of all cores' time that was not idle. Times
// that run backwards, as those of idle cores do at times, count as none.
func busyPercent(a, b cpuTimes, _ float64) (percent [2]float64, ok bool) {
	var busy, idle float64
	for i := range b.busy {
		busy += max(0, b.busy[i]-a.busy[i])
	}
	for i := range b.idle {
		idle += max(0, b.idle[i]-a.idle[i])
	}
	if busy+idle <= 0 {
		return percent, false
	}
	return [2]float64{percentOf(busy, busy+idle)}, true
}

// trafficRates returns the bytes in and out a second of the devices that are in
// both samples. One that counts from zero again, as a disk does that was taken
// out and put back, counts as none.
func trafficRates(a, b map[string]traffic, seconds float64) (rates [2]float64, ok bool) {
	for name, now := range b {
		if then, known := a[name]; known {
			rates[0] += grown(then.inBytes, now.inBytes)
			rates[1] += grown(then.outBytes, now.outBytes)
		}
	}
	return [2]float64{perSecond(rates[0], seconds), perSecond(rates[1], seconds)}, true
}

// perSecond has one decimal.
func perSecond(bytes, seconds float64) float64 { return math.Round(10*bytes/seconds) / 10 }

func grown(a, b uint64) float64 {
	if b < a {
		return 0
	}
	return float64(b - a)
}

// quotaPercent returns the share that a control group has used of the CPU time
// that it may use. A little more than 100 is possible: the kernel lets a group
// that was idle run over its quota.
func quotaPercent(a, b cgroup, seconds float64) (percent [2]float64, ok bool) {
	if b.cores <= 0 || a.cores <= 0 {
		return percent, true
	}
	return [2]float64{percentOf(max(0, b.cpuUsed-a.cpuUsed), b.cores*seconds)}, true
}

// percentOf has two decimals; what is behind them is noise.
func percentOf(part, whole float64) float64 { return math.Round(1e4*part/whole) / 100 }

func sum(devices map[string]traffic) (t traffic) {
	for _, d := range devices {
		t.in += d.in
		t.out += d.out
		t.inBytes += d.inBytes
		t.outBytes += d.outBytes
	}
	return t
}
