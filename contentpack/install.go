package contentpack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Install brings the pack onto the server, and does nothing where it is
// already: it uploads it, installs it in place of another revision or content
// of it, resumes its streams, and waits until its inputs run. So it can be
// called at each start of a system.
//
// The report has what was done, and what of the result is not as it should be:
// see [Client.Verify]. If something stands in the way, a port that is taken for
// instance, nothing is changed, the report says what, and the error is
// [ErrObstacle].
//
// To replace an installation gives the streams new ids: records that came
// before are in the index as they were, but in no stream of the new ones. Search
// for their logger to find them.
func (c *Client) Install(ctx context.Context, p Pack) (Report, error) {
	return c.with(ctx, func(s *session) error { return s.install(ctx, p) })
}

// ErrObstacle says that a pack cannot be installed, for reasons that are in the
// report.
var ErrObstacle = errors.New("contentpack: something stands in the way")

// rounds bound how often a plan is made: for another installation, for what it
// left to be started, and for the auto loader of a server that starts, which
// may install the pack at the same time.
const rounds = 8

// starts bound how often an input is started that does not run. Its port may be
// free only a moment after the input that had it is gone.
const starts = 3

func (s *session) install(ctx context.Context, p Pack) error {
	started := map[string]int{} // how often, by input
	for range rounds {
		sv, err := s.settled(ctx, p)
		if err != nil {
			return err
		}
		actions, obstacles := s.plan(p, sv)
		if len(obstacles) > 0 {
			s.report.Findings = append(s.report.Findings, obstacles...)
			return ErrObstacle
		}
		actions = slices.DeleteFunc(actions, func(a action) bool { return a.Action == "start" && started[a.Object] == starts })
		if len(actions) == 0 {
			return s.verify(ctx, p, sv)
		}
		for _, a := range actions {
			if a.Action == "start" {
				if err := pause(ctx, time.Duration(started[a.Object])*time.Second); err != nil {
					return err
				}
				started[a.Object]++
			}
			if err := s.take(ctx, a); err != nil {
				return err
			}
		}
	}
	return errors.New("the server changes all the time: does another program install the pack?")
}

// take takes a step.
func (s *session) take(ctx context.Context, a action) error {
	s.progress("%s", a.Step)
	if err := a.take(ctx, s); err != nil {
		return fmt.Errorf("%s %s: %w", a.Action, a.Object, err)
	}
	s.report.Steps = append(s.report.Steps, a.Step)
	return nil
}

// settled reads the server when no input of the pack is about to start any
// more, or takes too long to.
func (s *session) settled(ctx context.Context, p Pack) (server, error) {
	deadline := time.Now().Add(inputTimeout)
	for look := 0; ; look++ {
		sv, err := s.look(ctx)
		if err != nil {
			return sv, err
		}
		var waiting []string
		if keep, ok := sv.wanted(p); ok {
			for _, live := range sv.inputsOf(keep) {
				// One that was just made has no state for a moment.
				if len(sv.states[live.ID]) < sv.nodes && look < 6 || passing(sv.inputState(live.ID).State) {
					waiting = append(waiting, live.Title)
				}
			}
		}
		if len(waiting) == 0 || time.Now().After(deadline) {
			return sv, nil
		}
		if look == 0 {
			s.progress("waiting for the inputs %s", strings.Join(waiting, ", "))
		}
		if err := pause(ctx, firstPause); err != nil {
			return sv, err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting for the inputs: %w", ctx.Err())
	}
}
