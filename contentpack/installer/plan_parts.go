package installer

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aimakerspace/synlogger/contentpack"
	"github.com/aimakerspace/synlogger/contentpack/internal/facts"
	"github.com/aimakerspace/synlogger/internal/graylog"
)

// planInputs returns the actions for inputs that are missing, that the options of the
// pack change, or that they leave out.
func planInputs(p contentpack.Pack, want wanted, have parts) (actions []action) {
	for _, in := range p.Inputs {
		configuration := want.inputs[in.Title]
		live, ok := have.inputs[in.Title]
		if !ok {
			actions = append(actions, createInputAction(in.Title, configuration))
			continue
		}
		if keys := changed(live, configuration); len(keys) > 0 {
			actions = append(actions, changeInputAction(in.Title, live, configuration, keys))
		}
	}
	for _, title := range slices.Sorted(maps.Keys(have.inputs)) {
		if _, ok := want.inputs[title]; !ok {
			e := newEntity("input", have.inputs[title].ID, title)
			actions = append(actions, deletePart(e, "the options leave it out"))
		}
	}
	return actions
}

func createInputAction(title string, configuration facts.Object) action {
	step := Step{actionCreate, "input " + title, fmt.Sprintf("at port %v", configuration["port"])}
	return action{step, []string{createInput, createInputType}, func(ctx context.Context, s *session) error {
		attributes := maps.Clone(configuration)
		attributes[restoredAttribute] = restored
		_, err := s.api.CreateInput(ctx, graylog.Input{
			Title:      title,
			Type:       graylog.GELFTCP,
			Global:     true,
			Attributes: attributes,
		})
		return err
	}}
}

func changeInputAction(title string, live graylog.Input, configuration facts.Object, keys []string) action {
	attributes := maps.Clone(live.Attributes)
	var changes []string
	for _, key := range keys {
		changes = append(changes, fmt.Sprintf("%s from %q to %q", key,
			graylog.Printable(fmt.Sprint(live.Attributes[key])), fmt.Sprint(configuration[key])))
		attributes[key] = configuration[key]
	}
	live.Attributes = attributes
	step := Step{actionChange, "input " + title, strings.Join(changes, ", ")}
	return action{step, []string{editInput, createInputType}, func(ctx context.Context, s *session) error {
		before, err := s.startTimes(ctx, live.ID)
		if err == nil {
			err = s.api.UpdateInput(ctx, live)
		}
		if err != nil {
			return err
		}
		return s.awaitRestart(ctx, live.ID, before)
	}}
}

// startTimes returns when an input was started on the nodes on which it is running.
func (s *session) startTimes(ctx context.Context, id string) (map[string]string, error) {
	nodes, err := s.api.ClusterInputStates(ctx)
	times := map[string]string{}
	for node, states := range nodes {
		for _, one := range states {
			if one.ID == id && one.Running() {
				times[node] = one.Started
			}
		}
	}
	return times, err
}

// awaitRestart waits until an input that was running has been started again, or
// inputTimeout. Another change before that can leave it stopped.
func (s *session) awaitRestart(ctx context.Context, id string, before map[string]string) error {
	for deadline := time.Now().Add(inputTimeout); time.Now().Before(deadline); {
		now, err := s.startTimes(ctx, id)
		if err != nil {
			return err
		}
		old := false
		for node, started := range before {
			old = old || now[node] == started
		}
		if !old {
			return nil
		}
		if err := pause(ctx, inputPoll); err != nil {
			return err
		}
	}
	return nil
}

// deletePart returns an action that deletes an input, a stream or a dashboard.
func deletePart(e entity, reason string) action {
	rights := map[string]string{"input": deleteInput, "stream": editStream, "dashboard": editDashboard}
	step := Step{actionDelete, e.String(), reason}
	return action{step, []string{rights[e.Type.Name]}, func(ctx context.Context, s *session) error {
		switch e.Type.Name {
		case "input":
			return s.api.DeleteInput(ctx, e.ID)
		case "stream":
			return s.api.DeleteStream(ctx, e.ID)
		}
		return s.api.DeleteDashboard(ctx, e.ID)
	}}
}

// planStreams returns the actions for missing streams.
func planStreams(p contentpack.Pack, have parts) (actions []action) {
	for _, stream := range p.Streams {
		if _, ok := have.streams[stream.Title]; !ok {
			step := Step{actionCreate, "stream " + stream.Title, "it does not exist"}
			actions = append(actions, action{step, []string{createStream, resumeStream},
				func(ctx context.Context, s *session) error { return s.createStream(ctx, stream) }})
		}
	}
	return actions
}

// createStream creates a stream in the default index set, and starts it.
func (s *session) createStream(ctx context.Context, stream contentpack.Stream) error {
	set, err := s.api.DefaultIndexSet(ctx)
	if err != nil {
		return err
	}
	request := graylog.Stream{
		Title:        stream.Title,
		Description:  stream.Description + ". " + restored,
		MatchingType: "AND",
		IndexSet:     set.ID,
	}
	for _, r := range stream.Rules {
		request.Rules = append(request.Rules,
			graylog.StreamRule{Field: r.Field, Type: graylog.RuleContains, Value: r.Contains})
	}
	id, err := s.api.CreateStream(ctx, s.version, request)
	if err != nil {
		return err
	}
	return s.api.ResumeStream(ctx, id)
}

// planDashboard returns the actions for a dashboard that is missing, that shows deleted
// streams, or that is one of another version and was not changed by people.
func (s *session) planDashboard(
	p contentpack.Pack, want wanted, st state, have parts,
) (actions []action, err error) {
	object := "dashboard " + p.Dashboard.Title
	live, ok := have.dashboards[p.Dashboard.Title]
	if !ok {
		step := Step{actionCreate, object, "it does not exist"}
		return []action{{step, []string{createDashboard}, func(ctx context.Context, s *session) error {
			return s.saveDashboard(ctx, want, func(fresh facts.Object) facts.Object {
				fresh["description"] = restored
				return fresh
			})
		}}}, nil
	}
	replace, err := s.replaceReason(want, st, have, live)
	switch {
	case err != nil:
		return nil, err
	case replace != "":
		step := Step{actionChange, object, replace}
		actions = append(actions, action{step, []string{editDashboard}, func(ctx context.Context, s *session) error {
			return s.saveDashboard(ctx, want, func(fresh facts.Object) facts.Object {
				live := maps.Clone(live)
				for _, key := range []string{"title", "summary", "state", "search"} {
					live[key] = fresh[key]
				}
				return live
			})
		}})
	case len(st.deadStreams(want, live)) > 0:
		step := Step{actionChange, object, "it shows deleted streams"}
		actions = append(actions, action{step, []string{editDashboard}, func(ctx context.Context, s *session) error {
			return s.saveDashboard(ctx, want, func(fresh facts.Object) facts.Object {
				relink(live, fresh, st.deadStreams(want, live))
				return live
			})
		}})
	}
	return actions, nil
}

// saveDashboard saves what the function edit makes of the wanted dashboard, with the
// streams that exist now.
func (s *session) saveDashboard(
	ctx context.Context, want wanted, edit func(fresh facts.Object) facts.Object,
) error {
	st, err := s.readState(ctx)
	if err != nil {
		return err
	}
	kept, _ := st.kept()
	now := st.partsOf(kept)
	ids := map[string]string{} // of streams by the ids in the pack
	for id, title := range want.streams {
		stream, ok := now.streams[title]
		if !ok {
			return fmt.Errorf("the stream %s does not exist", title)
		}
		ids[id] = stream.ID
	}
	return s.api.SaveDashboard(ctx, s.version, edit(freshDashboard(want.dashboard, ids)))
}
