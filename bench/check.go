package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/aimakerspace/synlogger/bench/internal/peer"
)

const (
	attempts = 3
	// wantRatio is far below the usual ratios, so a busy machine does not matter.
	wantRatio = 2
)

// check fails if the handler allocates, or if it delivers less than wantRatio times the
// records of the other GELF packages. It never compares a time with a constant.
func check(args []string) error {
	if len(args) > 0 {
		return errors.New("check takes no arguments")
	}
	var errs []error
	for _, k := range peer.Kinds {
		errs = append(errs, retry(func() error { return checkAllocations(k) }))
	}
	s := scenarios(time.Second)[0]
	for _, name := range []string{"go-gelf v2", "slog-graylog"} {
		errs = append(errs, retry(func() error { return checkRank(s, name) }))
	}
	return errors.Join(errs...)
}

// retry calls f until it succeeds, at most attempts times.
func retry(f func() error) (err error) {
	for range attempts {
		if err = f(); err == nil {
			return nil
		}
	}
	return err
}

// checkAllocations ignores allocations that the whole process makes now and then.
func checkAllocations(k peer.Kind) error {
	c, _ := measureCall(peer.Peers[0], k, 1, 50*time.Millisecond)
	if c.allocations >= 0.5 {
		return fmt.Errorf("%s: %.2f allocations per record, want none", k, c.allocations)
	}
	fmt.Printf("%s: %.0f allocations per record\n", k, c.allocations)
	return nil
}

func checkRank(s scenario, name string) error {
	ours, err := s.measure(peer.Peers[0].Name)
	if err != nil {
		return err
	}
	theirs, err := s.measure(name)
	if err != nil {
		return err
	}
	if ours.lost() != 0 || ours.Duplicates != 0 || ours.OutOfOrder != 0 {
		return fmt.Errorf("lost %d, twice %d, out of order %d, want 0",
			ours.lost(), ours.Duplicates, ours.OutOfOrder)
	}
	ratio := ours.delivered() / theirs.delivered()
	if !(ratio >= wantRatio) {
		return fmt.Errorf("delivered %.2f times the records of %s, want at least %d times", ratio, name, wantRatio)
	}
	fmt.Printf("delivered %.1f times the records of %s\n", ratio, name)
	return nil
}
