// Package facts compares content packs with each other, and with what a server
// made of one.
//
// A pack is reduced to [Facts]: its values under readable names, without the ids
// that connect its parts. So the pack as it was uploaded, the same pack with other
// ids, and the server's present inputs, streams and dashboard are comparable.
package facts

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Facts are the values of a pack, or of what a server made of it. For example,
// the value of "input TTP Logs: port" is "9300". Empty values are omitted, so a
// field that a server adds or leaves out is not a difference.
type Facts map[string]string

// An Entity is an input, a stream or a dashboard of a pack.
type Entity struct {
	Kind string // input, stream or dashboard
	ID   string // in the pack
	Data Object // without the types of its values
	raw  Object
}

// Title returns the title of the entity.
func (e Entity) Title() string { return text(e.Data["title"]) }

// Entities returns the entities of a pack's JSON.
func Entities(raw []byte) (entities []Entity, err error) {
	pack, err := readJSON(raw)
	if err != nil {
		return nil, fmt.Errorf("read the content pack: %w", err)
	}
	for _, e := range list(pack["entities"]) {
		data, _ := plain(e["data"]).(Object)
		entities = append(entities, Entity{text(member(e, "type", "name")), text(e["id"]), data, e})
	}
	return entities, nil
}

// Pack returns the facts of a pack's JSON.
func Pack(raw []byte) (Facts, error) {
	pack, err := readJSON(raw)
	if err != nil {
		return nil, fmt.Errorf("read the content pack: %w", err)
	}
	entities, err := Entities(raw)
	if err != nil {
		return nil, err
	}
	f := Facts{}
	for _, key := range []string{"name", "rev", "summary", "description", "vendor", "url", "parameters"} {
		f.add("pack: "+key, pack[key])
	}
	streams := map[string]string{} // titles by id
	for _, e := range entities {
		if e.Kind == "stream" {
			streams[e.ID] = e.Title()
		}
	}
	for _, e := range entities {
		for _, c := range list(e.raw["constraints"]) {
			f.add(e.Kind+" "+e.Title()+": constraint "+text(c["type"]), c["version"])
		}
		f.AddEntity(e.Kind, e.Title(), e.Data, streams)
	}
	return f, nil
}

// AddEntity adds the facts of an input, a stream or a dashboard under a name, which is
// the title in the pack. The titles of streams by id are needed for a dashboard.
func (f Facts) AddEntity(kind, name string, data Object, streams map[string]string) {
	prefix := kind + " " + name
	switch kind {
	case "input":
		f.add(prefix+": title", data["title"])
		f.add(prefix+": type", data["type"])
		f.add(prefix+": global", data["global"])
		for key, v := range object(data["configuration"]) {
			f.add(prefix+": "+key, v)
		}
	case "stream":
		for _, key := range []string{"title", "description", "matching_type", "remove_matches", "default_stream"} {
			f.add(prefix+": "+key, data[key])
		}
		rules := list(data["stream_rules"])
		f[prefix+": rules"] = fmt.Sprint(len(rules))
		for i, r := range rules {
			for _, key := range []string{"type", "field", "value", "inverted"} {
				f.add(fmt.Sprintf("%s: rule %d %s", prefix, i+1, key), r[key])
			}
		}
	case "dashboard":
		f.addDashboard(prefix, data, streams)
	default:
		f.add(prefix, "exists")
	}
}

// add adds a fact unless its value is empty.
func (f Facts) add(name string, v any) {
	if value := text(plain(v)); value != "" {
		f[name] = value
	}
}

// Live returns the facts that a server can have too: those of inputs, streams and
// the dashboard, without the constraints of versions.
func (f Facts) Live() Facts {
	out := Facts{}
	for name, v := range f {
		if strings.HasPrefix(name, "pack: ") || strings.Contains(name, ": constraint ") {
			continue
		}
		out[name] = v
	}
	return out
}

// Dashboard returns the facts of the dashboard.
func (f Facts) Dashboard() Facts {
	out := Facts{}
	for name, v := range f {
		if kind, _, _ := strings.Cut(name, " "); kind == "dashboard" || kind == "tab" || kind == "widget" {
			out[name] = v
		}
	}
	return out.Live()
}

// Subjects returns what the facts are about, such as "widget CPU", sorted.
func (f Facts) Subjects() (subjects []string) {
	for name := range f {
		subject, _, _ := strings.Cut(name, ": ")
		subjects = append(subjects, subject)
	}
	slices.Sort(subjects)
	return slices.Compact(subjects)
}

// Added returns the subjects of have that want lacks.
func Added(have, want Facts) []string {
	known := want.Subjects()
	return slices.DeleteFunc(have.Subjects(), func(s string) bool { return slices.Contains(known, s) })
}

// Differing returns the names of the facts that differ, sorted.
func Differing(have, want Facts) []string {
	all := maps.Clone(have)
	maps.Copy(all, want)
	return differing(all, have, want)
}

// Missing returns the names of the facts in want that have lacks or has
// differently, sorted. Other facts of have are ignored.
func Missing(have, want Facts) []string { return differing(want, have, want) }

// isSearchStreams reports whether a fact names the streams of a search. Uploading a
// pack can remove them, and the query of our widgets names the loggers: see package
// contentpack.
func isSearchStreams(name string) bool {
	return strings.Contains(name, ": search ") && strings.HasSuffix(name, " streams")
}

func differing(names, have, want Facts) (out []string) {
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if have[name] != want[name] && !(have[name] == "" && isSearchStreams(name)) {
			out = append(out, name)
		}
	}
	return out
}
