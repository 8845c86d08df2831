package installer

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aimakerspace/synlogger/contentpack"
)

// Install makes the server have the pack, once, and running. It uploads the pack
// and installs it, resumes its streams, and waits until its inputs run. It does nothing
// if the server has the pack already, so you can call it at each start of a system.
//
// An existing installation is changed in place: missing inputs, streams and dashboards
// are created again, and inputs get the addresses, ports and TLS files of the options.
// Streams keep their ids, so earlier records stay in them. Install keeps what people
// have changed otherwise and reports it, unless Reset is set. A dashboard that nobody
// has changed is replaced by that of a newer revision.
//
// The report contains the performed steps, and the findings of [Client.Verify]
// without refused records. If there is an obstacle, or the user lacks a permission,
// nothing is changed and the error is [ErrObstacle] or [ErrForbidden].
func (c *Client) Install(ctx context.Context, p contentpack.Pack) (Report, error) {
	return c.run(ctx, "install", func(s *session) error { return s.install(ctx, p) })
}

const (
	// maxPlans limits how often a plan is made: for an installation, for starting
	// what it left stopped, and for the auto loader of a starting server, which
	// may install the pack at the same time.
	maxPlans = 8

	// maxStarts limits how often an input is started. Its port may become free
	// only after the input that had it was deleted.
	maxStarts = 3
)

func (s *session) install(ctx context.Context, p contentpack.Pack) error {
	starts := map[string]int{} // by input
	for range maxPlans {
		st, err := s.settledState(ctx)
		if err != nil {
			return err
		}
		actions, obstacles, err := s.plan(p, st)
		if err != nil {
			return err
		}
		if len(obstacles) > 0 {
			s.report.Findings = append(s.report.Findings, obstacles...)
			return obstacleError(obstacles)
		}
		actions = slices.DeleteFunc(actions, func(a action) bool {
			return a.Action == actionStart && starts[a.Object] == maxStarts
		})
		if len(actions) == 0 {
			return s.verify(ctx, p, st, true)
		}
		if err := s.checkRights(ctx, actions); err != nil {
			return err
		}
		for _, a := range actions {
			if a.Action == actionStart {
				if err := pause(ctx, time.Duration(starts[a.Object])*time.Second); err != nil {
					return err
				}
				starts[a.Object]++
			}
			if err := s.perform(ctx, a); err != nil {
				return err
			}
		}
	}
	return fmt.Errorf("the server still differs after %d attempts: does another program install the pack?", maxPlans)
}

// perform performs a step and adds it to the report.
func (s *session) perform(ctx context.Context, a action) error {
	s.progress("%s", a.Step)
	if err := a.perform(ctx, s); err != nil {
		return fmt.Errorf("%s %s: %w", a.Action, a.Object, err)
	}
	s.report.Steps = append(s.report.Steps, a.Step)
	return nil
}

// settledState reads the state of the server when none of the pack's inputs is
// starting any more, or after inputTimeout.
func (s *session) settledState(ctx context.Context) (state, error) {
	deadline := time.Now().Add(inputTimeout)
	for attempt := 0; ; attempt++ {
		st, err := s.readState(ctx)
		if err != nil {
			return st, err
		}
		var waiting []string
		if kept, ok := st.kept(); ok {
			inputs := st.partsOf(kept).inputs
			for _, title := range slices.Sorted(maps.Keys(inputs)) {
				// A new input has no state for a moment.
				id := inputs[title].ID
				isNew := len(st.inputStates[id]) < st.nodes && attempt < 6
				if isNew || st.inputState(id).Changing() {
					waiting = append(waiting, title)
				}
			}
		}
		if len(waiting) == 0 || time.Now().After(deadline) {
			return st, nil
		}
		if attempt == 0 {
			s.progress("waiting for the inputs %s", strings.Join(waiting, ", "))
		}
		if err := pause(ctx, inputPoll); err != nil {
			return st, err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for the inputs: %w", ctx.Err())
	}
}
