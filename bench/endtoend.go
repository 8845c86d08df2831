package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/aimakerspace/synlogger/bench/internal/peer"
)

// A scenario is one way to run all peers.
type scenario struct {
	title    string
	duration time.Duration
	serve    []string // flags of the server
	send     []string // flags of the sender
}

func scenarios(duration time.Duration) []scenario {
	return []scenario{
		{"1 goroutine", duration, nil, []string{"-goroutines", "1"}},
		{"8 goroutines", duration, nil, []string{"-goroutines", "8"}},
		{
			"20,000 records/s, the server is down for 3 s",
			5 * time.Second,
			[]string{"-outage", "3s"},
			[]string{"-rate", "20000"},
		},
		{
			"20,000 records/s, the server does not read",
			5 * time.Second,
			[]string{"-stall"},
			[]string{"-rate", "20000"},
		},
	}
}

// A result is one measurement end to end.
type result struct {
	Sent
	Served
}

func (r result) accepted() float64 { return float64(r.Accepted) / r.Calling.Seconds() }

func (r result) delivered() float64 {
	if r.Records == 0 {
		return 0
	}
	return float64(r.Records) / r.LastRead.Sub(r.Start).Seconds()
}

// cpu returns the seconds of CPU time per million delivered records.
func (r result) cpu() float64 {
	if r.Records == 0 {
		return 0
	}
	return r.CPU.Seconds() / float64(r.Records) * 1e6
}

func (r result) lost() int64 { return int64(r.Accepted) - int64(r.Records) }

// A table is the results of one scenario, by peer.
type table struct {
	scenario scenario
	peers    []peer.Peer
	results  map[string][]result
}

// measureEndToEnd measures each peer once per pass, so a change of the machine's load
// concerns all of them.
func measureEndToEnd(passes int, all []scenario) ([]table, error) {
	var tables []table
	for _, s := range all {
		t := table{s, peer.Peers, map[string][]result{}}
		for range passes {
			for _, p := range t.peers {
				r, err := s.measure(p.Name)
				if err != nil {
					return nil, fmt.Errorf("%s, %s: %w", s.title, p.Name, err)
				}
				t.results[p.Name] = append(t.results[p.Name], r)
			}
		}
		tables = append(tables, t)
	}
	return tables, nil
}

// measure runs a server and a sender, each in its own process.
func (s scenario) measure(name string) (r result, err error) {
	exe, err := os.Executable()
	if err != nil {
		return r, err
	}
	server := exec.Command(exe, append([]string{"serve"}, s.serve...)...)
	server.Stderr = os.Stderr
	in, err := server.StdinPipe()
	if err != nil {
		return r, err
	}
	out, err := server.StdoutPipe()
	if err != nil {
		return r, err
	}
	if err := server.Start(); err != nil {
		return r, err
	}
	defer server.Process.Kill()
	addr, err := readLine(out)
	if err != nil {
		return r, fmt.Errorf("read the server's address: %w", err)
	}
	args := append([]string{"send", "-peer", name, "-addr", addr, "-duration", s.duration.String()}, s.send...)
	sender := exec.Command(exe, args...)
	var failure bytes.Buffer
	sender.Stderr = &failure
	text, err := sender.Output()
	if err == nil {
		err = json.Unmarshal(text, &r.Sent)
	}
	if err != nil {
		return r, fmt.Errorf("sender: %w: %s", err, failure.Bytes())
	}
	in.Close()
	if err := json.NewDecoder(out).Decode(&r.Served); err != nil {
		return r, fmt.Errorf("read the server's counts: %w", err)
	}
	return r, server.Wait()
}

func readLine(r interface{ Read([]byte) (int, error) }) (string, error) {
	var line strings.Builder
	for b := make([]byte, 1); ; {
		if _, err := r.Read(b); err != nil {
			return "", err
		}
		if b[0] == '\n' {
			return line.String(), nil
		}
		line.WriteByte(b[0])
	}
}

// median returns the median of f over the results.
func median[T any](results []T, f func(T) float64) float64 {
	values := make([]float64, len(results))
	for i, r := range results {
		values[i] = f(r)
	}
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}

// minimum returns the minimum of f over the results.
func minimum[T any](results []T, f func(T) float64) float64 {
	lowest := f(results[0])
	for _, r := range results[1:] {
		lowest = min(lowest, f(r))
	}
	return lowest
}

// maximum returns the maximum of f over the results.
func maximum[T any](results []T, f func(T) float64) float64 {
	return -minimum(results, func(r T) float64 { return -f(r) })
}
