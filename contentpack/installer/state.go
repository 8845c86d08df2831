package installer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aimakerspace/synlogger/contentpack"
	"github.com/aimakerspace/synlogger/contentpack/internal/facts"
	"github.com/aimakerspace/synlogger/internal/graylog"
)

// A state is the part of a server's state that matters to a pack.
type state struct {
	revisions     map[int]revision // uploaded revisions of the pack
	installations []installation   // of the pack, the oldest first
	inputs        []graylog.Input
	streams       []graylog.Stream
	dashboards    []graylog.Dashboard
	views         map[string]facts.Object // JSON of the pack's dashboards, by id
	index         index
	nodes         int                             // that returned states of inputs
	inputStates   map[string][]graylog.InputState // by input, one for each node
}

const packsPath = "/api/system/content_packs"

// A revision is an uploaded revision of the pack.
type revision struct {
	raw     json.RawMessage
	content string // "" if another program created it
}

// ours reports whether this package created the revision.
func (r revision) ours() bool { return r.content != "" }

// An installation is one installation of the pack.
type installation struct {
	ID        string   `json:"_id"`
	Revision  int      `json:"content_pack_revision"`
	CreatedAt string   `json:"created_at"` // sorts like time
	Entities  []entity `json:"entities"`
}

// An entity is what an installation has created from an entity of the pack.
type entity struct {
	ID   string `json:"id"`
	Type struct {
		Name string `json:"name"`
	} `json:"type"`
	Title string `json:"title"`
}

func newEntity(kind, id, title string) (e entity) {
	e.ID, e.Title, e.Type.Name = id, title, kind
	return e
}

func (e entity) String() string { return e.Type.Name + " " + e.Title }

// readState reads the state of the server.
func (s *session) readState(ctx context.Context) (st state, err error) {
	if st.revisions, err = s.readRevisions(ctx); err != nil {
		return st, err
	}
	if st.installations, err = s.readInstallations(ctx); err != nil {
		return st, err
	}
	if st.inputs, err = s.api.Inputs(ctx); err != nil {
		return st, err
	}
	if st.streams, err = s.api.Streams(ctx); err != nil {
		return st, err
	}
	if st.dashboards, err = s.api.Dashboards(ctx); err != nil {
		return st, err
	}
	st.views = map[string]facts.Object{}
	for _, d := range st.dashboards {
		if st.owned(d.ID) {
			if st.views[d.ID], err = s.api.Dashboard(ctx, d.ID); err != nil {
				return st, fmt.Errorf("read the dashboard %s: %w", d.Title, err)
			}
		}
	}
	if s.search != nil || s.types {
		kept, _ := st.kept()
		if st.index, err = s.readIndex(ctx, st.partsOf(kept).streams); err != nil {
			return st, err
		}
	}
	nodes, err := s.api.ClusterInputStates(ctx)
	st.inputStates = map[string][]graylog.InputState{}
	for _, states := range nodes {
		if states == nil { // the node did not respond
			continue
		}
		st.nodes++
		for _, one := range states {
			st.inputStates[one.ID] = append(st.inputStates[one.ID], one)
		}
	}
	return st, err
}

func (s *session) readRevisions(ctx context.Context) (map[int]revision, error) {
	var answer struct {
		Revisions map[int]json.RawMessage `json:"content_pack_revisions"`
	}
	err := s.api.Get(ctx, packsPath+"/"+contentpack.ID, nil, &answer)
	if errors.Is(err, graylog.ErrNotFound) {
		err = nil // no revision was uploaded
	}
	revisions := map[int]revision{}
	for n, raw := range answer.Revisions {
		var pack struct{ Description string }
		if err := json.Unmarshal(raw, &pack); err != nil {
			return nil, fmt.Errorf("read revision %d: %w", n, err)
		}
		revisions[n] = revision{raw, contentpack.ContentOf(pack.Description)}
	}
	return revisions, err
}

func (s *session) readInstallations(ctx context.Context) ([]installation, error) {
	var answer struct {
		Installations []installation `json:"installations"`
	}
	err := s.api.Get(ctx, packsPath+"/"+contentpack.ID+"/installations", nil, &answer)
	slices.SortFunc(answer.Installations, func(a, b installation) int {
		return strings.Compare(a.CreatedAt+a.ID, b.CreatedAt+b.ID)
	})
	return answer.Installations, err
}

// deleted returns the entities of an installation that no longer exist.
func (st state) deleted(in installation) (out []entity) {
	for _, e := range in.Entities {
		if !st.has(e) {
			out = append(out, e)
		}
	}
	return out
}

func (st state) has(e entity) bool {
	switch e.Type.Name {
	case "input":
		return slices.ContainsFunc(st.inputs, func(in graylog.Input) bool { return in.ID == e.ID })
	case "stream":
		return slices.ContainsFunc(st.streams, func(s graylog.Stream) bool { return s.ID == e.ID })
	case "dashboard":
		return slices.ContainsFunc(st.dashboards, func(d graylog.Dashboard) bool { return d.ID == e.ID })
	}
	return true
}

// created returns the title in the pack of the entity with this id, if the installation
// has created it.
func (in installation) created(id string) (title string, ok bool) {
	for _, e := range in.Entities {
		if e.ID == id {
			return e.Title, true
		}
	}
	return "", false
}

// inputState returns the worst state of an input on all nodes. The state is
// STOPPED if a node does not know the input.
func (st state) inputState(id string) graylog.InputState {
	states := st.inputStates[id]
	if len(states) == 0 || len(states) < st.nodes {
		return graylog.InputState{ID: id, State: "STOPPED"}
	}
	rank := func(one graylog.InputState) int {
		switch {
		case one.Running():
			return 0
		case one.Changing():
			return 1
		}
		return 2
	}
	return slices.MaxFunc(states, func(a, b graylog.InputState) int { return rank(a) - rank(b) })
}
