package installer

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aimakerspace/synlogger/contentpack"
	"github.com/aimakerspace/synlogger/internal/graylog"
	"github.com/aimakerspace/synlogger/internal/graylog/version"
)

// packName names the pack in findings.
const packName = "content pack Synergos Logs"

// Actions of steps.
const (
	actionUpload    = "upload"
	actionDelete    = "delete"
	actionInstall   = "install"
	actionUninstall = "uninstall"
	actionResume    = "resume"
	actionStart     = "start"
)

// An action is a step with the function that performs it.
type action struct {
	Step
	perform func(context.Context, *session) error
}

// plan returns the actions that lead from the state to one running installation
// of the pack, or the obstacles. More actions may be necessary after these.
func (s *session) plan(p contentpack.Pack, st state) (actions []action, obstacles []Finding) {
	current, ok := st.current(p)
	if ok {
		return append(uninstallOthers(p, st, current.ID), start(st, current)...), nil
	}
	if obstacles = s.obstacles(p, st); len(obstacles) > 0 {
		return nil, obstacles
	}
	stored, exists := st.revisions[p.Revision]
	if !exists {
		// Upload before older revisions are uninstalled: if the server does not
		// know the titles of a search's streams, an upload removes the streams.
		actions = append(actions, upload(p))
	}
	actions = append(actions, uninstallOthers(p, st, "")...)
	if exists && stored.content != p.Content() {
		actions = append(actions, deleteRevision(p.Revision, "it has another content"), upload(p))
	}
	return append(actions, install(p)), nil
}

// revisionName names a revision in steps.
func revisionName(n int) string { return fmt.Sprintf("revision %d", n) }

func upload(p contentpack.Pack) action {
	step := Step{actionUpload, revisionName(p.Revision), "content " + p.Content()}
	return action{step, func(ctx context.Context, s *session) error {
		return s.api.Do(ctx, http.MethodPost, packsPath, nil, p, nil)
	}}
}

func install(p contentpack.Pack) action {
	contains := fmt.Sprintf("%d inputs, %d streams, a dashboard", len(p.Inputs), len(p.Streams))
	return action{Step{actionInstall, revisionName(p.Revision), contains}, func(ctx context.Context, s *session) error {
		path := fmt.Sprintf("%s/%s/%d/installations", packsPath, contentpack.ID, p.Revision)
		return s.api.Do(ctx, http.MethodPost, path, nil, installBody(s.version), nil)
	}}
}

// installBody returns the body of a request to install a pack.
func installBody(v version.Version) any {
	return graylog.Entity(v, map[string]any{
		"parameters": map[string]any{},
		"comment":    "synlogger contentpack",
	})
}

// uninstallOthers returns actions that uninstall all installations except one.
func uninstallOthers(p contentpack.Pack, st state, keep string) (actions []action) {
	for _, in := range st.installations {
		if in.ID == keep {
			continue
		}
		reason := "it is installed twice"
		if gone := st.deleted(in); in.Revision != p.Revision {
			reason = fmt.Sprintf("revision %d replaces it", p.Revision)
		} else if st.revisions[in.Revision].content != p.Content() {
			reason = "it has another content"
		} else if len(gone) > 0 {
			reason = "it lacks " + join(gone)
		}
		actions = append(actions, uninstall(in, reason))
	}
	return actions
}

// join returns the types and titles of entities, sorted.
func join(entities []entity) string {
	var all []string
	for _, e := range entities {
		all = append(all, e.String())
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// uninstall returns an action that deletes what an installation has created. It
// ignores the response, which is incomplete in 7.0.1, and adds a finding for each
// entity that still exists.
func uninstall(in installation, reason string) action {
	step := Step{actionUninstall, revisionName(in.Revision), reason}
	return action{step, func(ctx context.Context, s *session) error {
		path := packsPath + "/" + contentpack.ID + "/installations/" + in.ID
		if err := s.api.Do(ctx, http.MethodDelete, path, nil, nil, nil); err != nil {
			return err
		}
		st, err := s.readState(ctx)
		if err != nil {
			return err
		}
		for _, e := range in.Entities {
			if st.has(e) {
				s.problem(
					e.String(),
					"See the log of the server. Delete it by hand unless another content pack needs it.",
					"Graylog has not deleted it (%s)",
					e.ID,
				)
			}
		}
		return nil
	}}
}

func deleteRevision(n int, reason string) action {
	return action{Step{actionDelete, revisionName(n), reason}, func(ctx context.Context, s *session) error {
		return s.api.Do(ctx, http.MethodDelete, fmt.Sprintf("%s/%s/%d", packsPath, contentpack.ID, n), nil, nil, nil)
	}}
}

// start returns actions that resume the paused streams of an installation and
// start its inputs. Graylog 7 installs streams paused.
func start(st state, in installation) (actions []action) {
	for _, stream := range st.streamsOf(in) {
		if stream.Disabled {
			step := Step{actionResume, "stream " + stream.Title, "it is paused"}
			actions = append(actions, action{step, func(ctx context.Context, s *session) error {
				return s.api.ResumeStream(ctx, stream.ID)
			}})
		}
	}
	for _, input := range st.inputsOf(in) {
		if is := st.inputState(input.ID); !is.Running() && !is.Changing() {
			step := Step{actionStart, "input " + input.Title, "it is " + strings.ToLower(is.State)}
			actions = append(actions, action{step, func(ctx context.Context, s *session) error {
				return s.api.StartInput(ctx, input.ID)
			}})
		}
	}
	return actions
}
