package sysmetric

import (
	"math"
	"time"
)

// A gauge keeps the last sample of some counters, and the values from its
// comparison with the sample before.
type gauge[T any] struct {
	at     time.Time // of the sample, zero if there is none
	sample T
	values [2]float64
	known  bool // values are set
}

// A compareFunc returns the values for two samples that were taken some seconds
// apart. It returns false if no time has passed according to the samples.
type compareFunc[T any] func(old, new T, seconds float64) ([2]float64, bool)

// add compares a sample with the last one and returns the values to report. It
// returns the last values again if less than window has passed since the last
// sample, and false before the second sample.
func (g *gauge[T]) add(sample T, at time.Time, window time.Duration, compare compareFunc[T]) ([2]float64, bool) {
	elapsed := at.Sub(g.at)
	switch {
	case g.at.IsZero():
		g.at, g.sample = at, sample
	case elapsed > 0 && elapsed >= window:
		values, ok := compare(g.sample, sample, elapsed.Seconds())
		if ok {
			g.values, g.known = values, true
		}
		// Counters that do not advance for a second were reset.
		if ok || elapsed >= time.Second {
			g.at, g.sample = at, sample
		}
	}
	return g.values, g.known
}

// busyPercent returns the share of all cores' time that was not idle. A time that
// runs backwards counts as zero; the idle time of a core sometimes does.
func busyPercent(old, new cpuTimes, _ float64) (percent [2]float64, ok bool) {
	var busy, idle float64
	for i := range new.busy {
		busy += max(0, new.busy[i]-old.busy[i])
	}
	for i := range new.idle {
		idle += max(0, new.idle[i]-old.idle[i])
	}
	if busy+idle <= 0 {
		return percent, false
	}
	return [2]float64{percentOf(busy, busy+idle)}, true
}

// trafficRates returns the bytes in and out per second of the devices in both
// samples. A counter that restarted at zero counts as zero: that of a disk that
// was removed and inserted again, for example.
func trafficRates(old, new map[string]traffic, seconds float64) (rates [2]float64, ok bool) {
	for name, now := range new {
		if then, known := old[name]; known {
			rates[0] += increase(then.inBytes, now.inBytes)
			rates[1] += increase(then.outBytes, now.outBytes)
		}
	}
	return [2]float64{perSecond(rates[0], seconds), perSecond(rates[1], seconds)}, true
}

// perSecond rounds to one decimal.
func perSecond(bytes, seconds float64) float64 { return math.Round(10*bytes/seconds) / 10 }

func increase(old, new uint64) float64 {
	if new < old {
		return 0
	}
	return float64(new - old)
}

// quotaPercent returns how much of its CPU quota a control group has used. It can
// be a little more than 100: the kernel lets a group exceed its quota after being
// idle.
func quotaPercent(old, new cgroup, seconds float64) (percent [2]float64, ok bool) {
	if new.cores <= 0 || old.cores <= 0 {
		return percent, true
	}
	return [2]float64{percentOf(max(0, new.cpuUsed-old.cpuUsed), new.cores*seconds)}, true
}

// percentOf rounds to two decimals; the others are noise.
func percentOf(part, whole float64) float64 { return math.Round(1e4*part/whole) / 100 }

// sum adds up the traffic of all devices.
func sum(devices map[string]traffic) (t traffic) {
	for _, d := range devices {
		t.in += d.in
		t.out += d.out
		t.inBytes += d.inBytes
		t.outBytes += d.outBytes
	}
	return t
}
