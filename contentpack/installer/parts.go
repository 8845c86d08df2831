package installer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aimakerspace/synlogger/contentpack"
	"github.com/aimakerspace/synlogger/contentpack/internal/facts"
	"github.com/aimakerspace/synlogger/internal/graylog"
)

// restored marks what Install has created in place of a deleted part. Graylog does not
// add such a part to the installation. It ends the description of a stream and of a
// dashboard, and is the value of the attribute restoredAttribute of an input.
const (
	restored          = "Restored by synlogger contentpack."
	restoredAttribute = "restored"
)

// parts are what the server has of an installed pack, by the titles in the pack.
// People may have changed the titles since.
type parts struct {
	inputs     map[string]graylog.Input
	streams    map[string]graylog.Stream
	dashboards map[string]facts.Object
}

// kept returns the installation of our pack to keep: the one that has most of its
// entities, and the oldest of those.
func (st state) kept() (kept installation, ok bool) {
	most := 0
	for _, in := range st.installations {
		existing := len(in.Entities) - len(st.deleted(in))
		if st.revisions[in.Revision].ours() && existing > most {
			kept, most = in, existing
		}
	}
	return kept, most > 0
}

// partsOf returns what the server has of an installation.
func (st state) partsOf(in installation) parts {
	p := parts{map[string]graylog.Input{}, map[string]graylog.Stream{}, map[string]facts.Object{}}
	for _, live := range st.inputs {
		if title, ok := in.created(live.ID); ok {
			p.inputs[title] = live
		}
	}
	for _, live := range st.streams {
		if title, ok := in.created(live.ID); ok {
			p.streams[title] = live
		}
	}
	for id, live := range st.views {
		if title, ok := in.created(id); ok {
			p.dashboards[title] = live
		}
	}
	for _, live := range st.inputs {
		if _, ok := p.inputs[live.Title]; !ok && st.replacesInput(live) {
			p.inputs[live.Title] = live
		}
	}
	for _, live := range st.streams {
		if _, ok := p.streams[live.Title]; !ok && strings.HasSuffix(live.Description, restored) {
			p.streams[live.Title] = live
		}
	}
	for _, d := range st.dashboards {
		if _, ok := p.dashboards[d.Title]; !ok && strings.HasSuffix(d.Description, restored) {
			p.dashboards[d.Title] = st.views[d.ID]
		}
	}
	return p
}

// replacesInput reports whether an input was created in place of a deleted one of the
// pack. Graylog's page removes the mark when somebody changes the input there.
func (st state) replacesInput(live graylog.Input) bool {
	if st.installed(live.ID) {
		return false
	}
	if _, ok := live.Attributes[restoredAttribute]; ok {
		return true
	}
	return live.Type == graylog.GELFTCP && slices.ContainsFunc(st.installations, func(in installation) bool {
		return st.revisions[in.Revision].ours() && slices.ContainsFunc(st.deleted(in), func(e entity) bool {
			return e.Type.Name == "input" && e.Title == live.Title
		})
	})
}

// installed reports whether an installation of the pack has created the object with
// this id.
func (st state) installed(id string) bool {
	return slices.ContainsFunc(st.installations, func(in installation) bool {
		_, ok := in.created(id)
		return ok
	})
}

// owned reports whether the object with this id belongs to the pack.
func (st state) owned(id string) bool {
	return st.installed(id) || slices.ContainsFunc(st.restored(), func(e entity) bool { return e.ID == id })
}

// restored returns what Install has created in place of deleted parts.
func (st state) restored() (out []entity) {
	add := func(kind, id, title string) { out = append(out, newEntity(kind, id, title)) }
	for _, live := range st.inputs {
		if st.replacesInput(live) {
			add("input", live.ID, live.Title)
		}
	}
	for _, live := range st.streams {
		if strings.HasSuffix(live.Description, restored) && !st.installed(live.ID) {
			add("stream", live.ID, live.Title)
		}
	}
	for _, live := range st.dashboards {
		if strings.HasSuffix(live.Description, restored) && !st.installed(live.ID) {
			add("dashboard", live.ID, live.Title)
		}
	}
	return out
}

// A wanted pack is a pack in the form of its JSON.
type wanted struct {
	facts     facts.Facts
	inputs    map[string]facts.Object // by title
	streams   map[string]string       // titles by the ids in the pack
	dashboard facts.Object
}

func newWanted(p contentpack.Pack) (w wanted, err error) {
	raw, err := p.MarshalJSON()
	if err != nil {
		return w, err
	}
	if w.facts, err = facts.Pack(raw); err != nil {
		return w, err
	}
	entities, err := facts.Entities(raw)
	if err != nil {
		return w, err
	}
	w.inputs, w.streams = map[string]facts.Object{}, map[string]string{}
	for _, e := range entities {
		switch e.Kind {
		case "input":
			w.inputs[e.Title()], _ = e.Data["configuration"].(facts.Object)
		case "stream":
			w.streams[e.ID] = e.Title()
		case "dashboard":
			w.dashboard = e.Data
		}
	}
	return w, nil
}

// optionKeys are the keys of an input's configuration that options of the pack set.
var optionKeys = []string{
	"bind_address", "port", "tls_enable", "tls_cert_file", "tls_key_file", "tls_client_auth",
	"tls_client_auth_cert_file",
}

// changed returns the option keys of an input that differ from the wanted
// configuration. A missing value is like an empty one.
func changed(live graylog.Input, want facts.Object) (keys []string) {
	text := func(v any) string {
		if v == nil || v == false {
			return ""
		}
		return fmt.Sprint(v)
	}
	for _, key := range optionKeys {
		if text(live.Attributes[key]) != text(want[key]) {
			keys = append(keys, key)
		}
	}
	return keys
}
