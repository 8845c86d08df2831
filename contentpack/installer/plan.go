package installer

import (
	"context"
	"errors"
	"fmt"
	"maps"
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
	actionCreate    = "create"
	actionChange    = "change"
	actionResume    = "resume"
	actionStart     = "start"
	actionRotate    = "rotate"
)

// An action is a step with the function that performs it, and the permissions that it
// needs.
type action struct {
	Step
	rights  []string
	perform func(context.Context, *session) error
}

// plan returns the actions that lead from the state to one running installation of the
// pack, or the obstacles. More actions may be necessary after these.
func (s *session) plan(p contentpack.Pack, st state) (actions []action, obstacles []Finding, err error) {
	want, err := newWanted(p)
	if err != nil {
		return nil, nil, err
	}
	kept, ok := st.kept()
	have := st.partsOf(kept)
	if obstacles = s.obstacles(p, want, st, have); len(obstacles) > 0 {
		return nil, obstacles, nil
	}
	if !ok {
		return append(s.planIndex(st.index), s.planInstallation(p, st)...), nil, nil
	}
	actions = s.planIndex(st.index)
	// The uploaded pack shows later what people have changed since.
	if stored, exists := st.revisions[p.Revision]; !exists {
		actions = append(actions, upload(p))
	} else if stored.content != p.Content() && !st.hasInstalled(p.Revision) {
		actions = append(actions, deleteRevision(p.Revision, "it has another content"), upload(p))
	}
	actions = append(actions, s.uninstallOthers(p, st, kept.ID)...)
	actions = append(actions, planInputs(p, want, have)...)
	actions = append(actions, planStreams(p, have)...)
	dashboard, err := s.planDashboard(p, want, st, have)
	if err != nil {
		return nil, nil, err
	}
	actions = append(actions, dashboard...)
	return append(actions, start(st, have)...), nil, nil
}

// planInstallation returns the actions for a server that does not have our pack. It
// uninstalls another program's pack only after ours was installed: after a failure, the
// server still has one of them.
func (s *session) planInstallation(p contentpack.Pack, st state) (actions []action) {
	stored, exists := st.revisions[p.Revision]
	others := s.uninstallOthers(p, st, "")
	switch {
	case !exists:
		actions = append(actions, upload(p))
	case stored.content != p.Content():
		// Graylog does not delete an installed revision.
		actions, others = others, nil
		actions = append(actions, deleteRevision(p.Revision, "it has another content"), upload(p))
	}
	return append(append(actions, s.installAction(p)), others...)
}

// hasInstalled reports whether a revision is installed.
func (st state) hasInstalled(revision int) bool {
	return slices.ContainsFunc(st.installations, func(in installation) bool { return in.Revision == revision })
}

// revisionName names a revision in steps.
func revisionName(n int) string { return fmt.Sprintf("revision %d", n) }

// upload returns an action that uploads the pack. Graylog's auto loader may do so at the
// same time.
func upload(p contentpack.Pack) action {
	step := Step{actionUpload, revisionName(p.Revision), "content " + p.Content()}
	return action{step, []string{"contentpack:create"}, func(ctx context.Context, s *session) error {
		err := s.api.Do(ctx, http.MethodPost, packsPath, nil, p, nil)
		var failure *graylog.Error
		if errors.As(err, &failure) && failure.Status == http.StatusBadRequest {
			if stored, readErr := s.readRevisions(ctx); readErr == nil && stored[p.Revision].content == p.Content() {
				return nil
			}
		}
		return err
	}}
}

func (s *session) installAction(p contentpack.Pack) action {
	contains := fmt.Sprintf("%d inputs, %d streams, a dashboard", len(p.Inputs), len(p.Streams))
	// Before 7.0, Graylog only checks the first of these permissions.
	rights := []string{"contentpack:install", createInput, createInputType, createStream, createDashboard}
	if s.version.Major >= 7 { // the streams are paused
		rights = append(rights, resumeStream)
	}
	step := Step{actionInstall, revisionName(p.Revision), contains}
	return action{step, rights, func(ctx context.Context, s *session) error {
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
func (s *session) uninstallOthers(p contentpack.Pack, st state, keep string) (actions []action) {
	for _, in := range st.installations {
		switch {
		case in.ID == keep:
		case keep != "" && st.revisions[in.Revision].ours():
			actions = append(actions, uninstall(in, "the pack is installed twice"))
		default:
			actions = append(actions, uninstall(in, fmt.Sprintf("revision %d of synlogger replaces it", p.Revision)))
		}
	}
	return actions
}

// uninstall returns an action that deletes what an installation has created. It
// ignores the response, which is incomplete in 7.0.1, and adds a finding for each
// entity that still exists.
func uninstall(in installation, reason string) action {
	step := Step{actionUninstall, revisionName(in.Revision), reason}
	return action{step, []string{"contentpack:uninstall"}, func(ctx context.Context, s *session) error {
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
	step := Step{actionDelete, revisionName(n), reason}
	return action{step, []string{"contentpack:delete"}, func(ctx context.Context, s *session) error {
		return s.api.Do(ctx, http.MethodDelete, fmt.Sprintf("%s/%s/%d", packsPath, contentpack.ID, n), nil, nil, nil)
	}}
}

// start returns actions that resume the paused streams and start the inputs. Graylog 7
// installs streams paused.
func start(st state, have parts) (actions []action) {
	for _, title := range slices.Sorted(maps.Keys(have.streams)) {
		stream := have.streams[title]
		if stream.Disabled {
			step := Step{actionResume, "stream " + title, "it is paused"}
			actions = append(actions, action{step, []string{resumeStream}, func(ctx context.Context, s *session) error {
				return s.api.ResumeStream(ctx, stream.ID)
			}})
		}
	}
	for _, title := range slices.Sorted(maps.Keys(have.inputs)) {
		input := have.inputs[title]
		if is := st.inputState(input.ID); !is.Running() && !is.Changing() {
			step := Step{actionStart, "input " + title, "it is " + strings.ToLower(is.State)}
			actions = append(actions, action{step, []string{startInput}, func(ctx context.Context, s *session) error {
				return s.api.StartInput(ctx, input.ID)
			}})
		}
	}
	return actions
}
