package main

import (
	"runtime"
	"sync"
	"time"

	"github.com/aimakerspace/synlogger/bench/internal/peer"
)

// A cost is one measurement of the call alone.
type cost struct {
	nanoseconds float64 // per record
	allocations float64 // per record
}

// A frontRow is the costs of one peer.
type frontRow struct {
	title string
	costs map[string][]cost // by peer
}

// measureFrontEnd measures each kind serially, and the plain one on all cores.
func measureFrontEnd(passes int, duration time.Duration) []frontRow {
	var rows []frontRow
	add := func(title string, k peer.Kind, goroutines int) {
		row := frontRow{title, map[string][]cost{}}
		for range passes {
			for _, p := range peer.Peers {
				if c, ok := measureCall(p, k, goroutines, duration); ok {
					row.costs[p.Name] = append(row.costs[p.Name], c)
				}
			}
		}
		rows = append(rows, row)
	}
	for _, k := range peer.Kinds {
		add(string(k), k, 1)
	}
	add("5 attributes, all cores", peer.Plain, runtime.GOMAXPROCS(0))
	return rows
}

// measureCall measures the call for a time, and whether the peer supports the kind.
func measureCall(p peer.Peer, k peer.Kind, goroutines int, duration time.Duration) (cost, bool) {
	log, stop := p.Discard(k)
	if log == nil {
		return cost{}, false
	}
	defer stop()
	for range 10_000 {
		log("hospital-1", 7)
	}
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	counts := make([]int, goroutines)
	var all sync.WaitGroup
	for i := range counts {
		all.Go(func() {
			n := 0
			for time.Since(start) < duration {
				for range 1000 {
					log("hospital-1", 7)
				}
				n += 1000
			}
			counts[i] = n
		})
	}
	all.Wait()
	elapsed := time.Since(start)
	runtime.ReadMemStats(&after)
	calls := 0
	for _, n := range counts {
		calls += n
	}
	return cost{
		nanoseconds: float64(elapsed.Nanoseconds()) / float64(calls),
		allocations: float64(after.Mallocs-before.Mallocs) / float64(calls),
	}, true
}
