package contentpack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// A server is what a Graylog server has, as far as it matters to a pack.
type server struct {
	revisions     map[int]revision // of our pack, as they were uploaded
	installations []installation   // of it, the oldest first
	inputs        []liveInput
	streams       []liveStream
	dashboards    []liveDashboard
	nodes         int                     // that have told the states of inputs
	states        map[string][]inputState // of inputs, one for each node
}

const packsPath = "/api/system/content_packs"

// A revision is a pack as it was uploaded.
type revision struct {
	raw     json.RawMessage
	content string // "" if it is none of ours
}

// An installation is one time that a pack was installed.
type installation struct {
	ID        string       `json:"_id"`
	Revision  int          `json:"content_pack_revision"`
	CreatedAt string       `json:"created_at"` // sorts as time
	Entities  []liveEntity `json:"entities"`
}

// A liveEntity is what became of an entity of the pack.
type liveEntity struct {
	ID   string `json:"id"`
	Type struct {
		Name string `json:"name"`
	} `json:"type"`
	Title string `json:"title"`
}

func (e liveEntity) String() string { return e.Type.Name + " " + e.Title }

type liveInput struct {
	ID         string `json:"id"`
	Title      string `json:"title"`
	Type       string `json:"type"`
	Global     bool   `json:"global"`
	Attributes object `json:"attributes"`
}

// port returns the TCP port of the input, 0 if it has none.
func (in liveInput) port() int {
	if strings.Contains(in.Type, "UDP") {
		return 0
	}
	n, _ := strconv.Atoi(fmt.Sprint(in.Attributes["port"]))
	return n
}

type liveStream struct {
	ID           string     `json:"id"`
	Title        string     `json:"title"`
	Description  string     `json:"description"`
	Disabled     bool       `json:"disabled"`
	MatchingType string     `json:"matching_type"`
	Remove       bool       `json:"remove_matches_from_default_stream"`
	Default      bool       `json:"is_default"`
	Rules        []liveRule `json:"rules"`
}

type liveRule struct {
	Field    string `json:"field"`
	Type     int    `json:"type"`
	Value    string `json:"value"`
	Inverted bool   `json:"inverted"`
}

type liveDashboard struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// An inputState is that of an input on one node.
type inputState struct {
	ID     string `json:"id"`
	State  string `json:"state"` // RUNNING, STARTING, FAILED, STOPPED, …
	Detail string `json:"detailed_message"`
}

// look reads all of a server.
func (s *session) look(ctx context.Context) (server, error) {
	var sv server
	for _, read := range []func(context.Context, *server) error{
		s.readRevisions, s.readInstallations, s.readInputs, s.readStreams, s.readDashboards, s.readStates,
	} {
		if err := read(ctx, &sv); err != nil {
			return sv, err
		}
	}
	return sv, nil
}

func (s *session) readRevisions(ctx context.Context, sv *server) error {
	var answer struct {
		Revisions map[int]json.RawMessage `json:"content_pack_revisions"`
	}
	err := s.get(ctx, packsPath+"/"+ID, &answer)
	var status *statusError
	if errors.As(err, &status) && status.code == http.StatusNotFound {
		err = nil // there are none
	}
	sv.revisions = map[int]revision{}
	for n, raw := range answer.Revisions {
		var pack struct{ Description string }
		if err := json.Unmarshal(raw, &pack); err != nil {
			return fmt.Errorf("revision %d of the pack: %w", n, err)
		}
		sv.revisions[n] = revision{raw, contentOf(pack.Description)}
	}
	return err
}

func (s *session) readInstallations(ctx context.Context, sv *server) error {
	var answer struct {
		Installations []installation `json:"installations"`
	}
	err := s.get(ctx, packsPath+"/"+ID+"/installations", &answer)
	sv.installations = answer.Installations
	slices.SortFunc(sv.installations, func(a, b installation) int {
		return strings.Compare(a.CreatedAt+a.ID, b.CreatedAt+b.ID)
	})
	return err
}

func (s *session) readInputs(ctx context.Context, sv *server) error {
	var answer struct {
		Inputs []liveInput `json:"inputs"`
	}
	err := s.get(ctx, "/api/system/inputs", &answer)
	sv.inputs = answer.Inputs
	return err
}

func (s *session) readStreams(ctx context.Context, sv *server) error {
	var answer struct {
		Streams []liveStream `json:"streams"`
	}
	err := s.get(ctx, "/api/streams", &answer)
	sv.streams = answer.Streams
	return err
}

// readDashboards reads page by page. The list has another name in each age of
// Graylog.
func (s *session) readDashboards(ctx context.Context, sv *server) error {
	for page := 1; ; page++ {
		var answer struct {
			Total    int             `json:"total"`
			Elements []liveDashboard `json:"elements"`
			Views    []liveDashboard `json:"views"`
		}
		if err := s.get(ctx, fmt.Sprintf("/api/dashboards?page=%d&per_page=100", page), &answer); err != nil {
			return err
		}
		found := append(answer.Elements, answer.Views...)
		sv.dashboards = append(sv.dashboards, found...)
		if len(found) == 0 || len(sv.dashboards) >= answer.Total {
			return nil
		}
	}
}

func (s *session) readStates(ctx context.Context, sv *server) error {
	var nodes map[string][]inputState
	if err := s.get(ctx, "/api/cluster/inputstates", &nodes); err != nil {
		return err
	}
	sv.states = map[string][]inputState{}
	for _, states := range nodes {
		if states == nil { // the node did not answer
			continue
		}
		sv.nodes++
		for _, state := range states {
			sv.states[state.ID] = append(sv.states[state.ID], state)
		}
	}
	return nil
}

// absent returns the entities of an installation that are not there any more.
func (sv server) absent(in installation) (out []liveEntity) {
	for _, e := range in.Entities {
		if !sv.has(e) {
			out = append(out, e)
		}
	}
	return out
}

func (sv server) has(e liveEntity) bool {
	switch e.Type.Name {
	case "input":
		return slices.ContainsFunc(sv.inputs, func(in liveInput) bool { return in.ID == e.ID })
	case "stream":
		return slices.ContainsFunc(sv.streams, func(st liveStream) bool { return st.ID == e.ID })
	case "dashboard":
		return slices.ContainsFunc(sv.dashboards, func(d liveDashboard) bool { return d.ID == e.ID })
	}
	return true
}

// owned returns the ids of all that installations of our pack have made.
func (sv server) owned() map[string]bool {
	ids := map[string]bool{}
	for _, in := range sv.installations {
		for _, e := range in.Entities {
			ids[e.ID] = true
		}
	}
	return ids
}

// inputsOf and streamsOf return what there is of an installation.
func (sv server) inputsOf(in installation) (out []liveInput) {
	for _, live := range sv.inputs {
		if in.made(live.ID) {
			out = append(out, live)
		}
	}
	return out
}

func (sv server) streamsOf(in installation) (out []liveStream) {
	for _, live := range sv.streams {
		if in.made(live.ID) {
			out = append(out, live)
		}
	}
	return out
}

func (in installation) made(id string) bool {
	return slices.ContainsFunc(in.Entities, func(e liveEntity) bool { return e.ID == id })
}

// wanted returns the installation of a pack that is to stay: the oldest that is
// complete.
func (sv server) wanted(p Pack) (installation, bool) {
	if sv.revisions[p.Revision].content != p.Content() {
		return installation{}, false
	}
	for _, in := range sv.installations {
		if in.Revision == p.Revision && len(sv.absent(in)) == 0 {
			return in, true
		}
	}
	return installation{}, false
}
