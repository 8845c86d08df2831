package main

import (
	"fmt"
	"runtime"
	"time"

	"github.com/aimakerspace/synlogger/bench/internal/peer"
)

func printMachine() {
	fmt.Printf("%s, %s/%s, %d cores\n\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
}

// printFrontEnd prints the median and minimum, and the allocations.
func printFrontEnd(rows []frontRow) {
	fmt.Print("### The call alone\n\nTime per record in ns: median (minimum); allocations per record.\n\n|  |")
	var peers []string
	for _, p := range peer.Peers {
		if rows[0].costs[p.Name] != nil {
			peers = append(peers, p.Name)
			fmt.Printf(" %s |", p.Name)
		}
	}
	fmt.Print("\n|---|")
	for range peers {
		fmt.Print("---:|")
	}
	for _, row := range rows {
		fmt.Printf("\n| %s |", row.title)
		for _, p := range peers {
			c := row.costs[p]
			if c == nil {
				fmt.Print(" – |")
				continue
			}
			ns := func(c cost) float64 { return c.nanoseconds }
			fmt.Printf(" %.0f (%.0f); %.0f |", median(c, ns), minimum(c, ns),
				median(c, func(c cost) float64 { return c.allocations }))
		}
	}
	fmt.Print("\n\n")
}

func printEndToEnd(tables []table) {
	for _, t := range tables {
		fmt.Printf("### End to end: %s\n\n", t.scenario.title)
		fmt.Println("|  | accepted/s | delivered/s, median (minimum) | CPU s per million | bytes per record |" +
			" lost | twice | out of order | longest call | p99.9 |")
		fmt.Println("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
		for _, p := range t.peers {
			r := t.results[p.Name]
			fmt.Printf("| %s, %s | %.0f | %.0f (%.0f) | %.2f | %.0f | %.0f | %.0f | %.0f | %s | %s |\n",
				p.Name, p.Transport,
				median(r, result.accepted),
				median(r, result.delivered),
				minimum(r, result.delivered),
				median(r, result.cpu),
				median(r, func(r result) float64 { return float64(r.Bytes) / float64(max(r.Records, 1)) }),
				maximum(r, func(r result) float64 { return float64(r.lost()) }),
				maximum(r, func(r result) float64 { return float64(r.Duplicates) }),
				maximum(r, func(r result) float64 { return float64(r.OutOfOrder) }),
				longest(r),
				round(median(r, func(r result) float64 { return float64(r.P999) })),
			)
		}
		fmt.Println()
	}
}

// longest returns the text of the longest call of all passes.
func longest(results []result) string {
	text := round(maximum(results, func(r result) float64 { return float64(r.Longest) }))
	for _, r := range results {
		if r.Blocked {
			return text + ", did not return"
		}
		if r.Unclosed {
			return text + "; close over 5 s"
		}
	}
	return text
}

// round returns a duration with about three digits.
func round(ns float64) string {
	d := time.Duration(ns)
	unit := time.Duration(1)
	for d/unit >= 1000 {
		unit *= 10
	}
	return d.Round(unit).String()
}
