package contentpack

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Facts are what a pack, or what a server has of it, comes to, without the ids
// that hold it together: "input TTP Logs: port" is "9300". What is empty is no
// fact, so that a field that a server leaves out or adds counts for nothing.
type facts map[string]string

// A Difference is a fact in which two packs differ, or a server from its pack.
// What one of them lacks is "".
type Difference struct {
	Where string `json:"where"` // "stream TTP Stream: rule 1 value"
	Have  string `json:"have"`
	Want  string `json:"want"`
}

// differences returns those in all facts of either side, in order.
func differences(have, want facts) []Difference {
	all := maps.Clone(have)
	maps.Copy(all, want)
	return differencesIn(slices.Sorted(maps.Keys(all)), have, want)
}

// missing returns the facts of want that are not those of have. What have has
// beside them is none of our business.
func missing(have, want facts) []Difference {
	return differencesIn(slices.Sorted(maps.Keys(want)), have, want)
}

func differencesIn(keys []string, have, want facts) (out []Difference) {
	for _, key := range keys {
		if have[key] != want[key] && !strings.HasSuffix(key, eventStreams) {
			out = append(out, Difference{key, have[key], want[key]})
		}
	}
	return out
}

// eventStreams is what an upload may take away, see tabEncoder.encode.
const eventStreams = ": search events streams"

// An object is one of JSON.
type object = map[string]any

// readJSON decodes one JSON value, numbers as they are written.
func readJSON(raw []byte) (v object, err error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	err = dec.Decode(&v)
	return v, err
}

// packFacts returns those of a pack's JSON, be it ours or another's.
func packFacts(raw []byte) (facts, error) {
	pack, err := readJSON(raw)
	if err != nil {
		return nil, fmt.Errorf("this is no pack: %w", err)
	}
	f := facts{}
	for _, key := range []string{"name", "rev", "summary", "description", "vendor", "url", "parameters"} {
		f.add("pack: "+key, pack[key])
	}
	entities := list(pack["entities"])
	titles := map[string]string{} // of streams
	for _, e := range entities {
		if kind(e) == "stream" {
			titles[str(e["id"])] = str(plain(dig(e, "data", "title")))
		}
	}
	for _, e := range entities {
		data, _ := plain(e["data"]).(object)
		name := kind(e) + " " + str(data["title"])
		for _, c := range list(e["constraints"]) {
			f.add(name+": constraint "+str(c["type"]), c["version"])
		}
		f.addEntity(kind(e), data, titles)
	}
	return f, nil
}

func kind(entity object) string { return str(dig(entity, "type", "name")) }

// addEntity adds the facts of an input, a stream or a dashboard.
func (f facts) addEntity(kind string, data object, streams map[string]string) {
	prefix := kind + " " + str(data["title"])
	switch kind {
	case "input":
		f.add(prefix+": type", data["type"])
		f.add(prefix+": global", data["global"])
		for key, v := range obj(data["configuration"]) {
			f.add(prefix+": "+key, v)
		}
	case "stream":
		for _, key := range []string{"description", "matching_type", "remove_matches", "default_stream"} {
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

func (f facts) addDashboard(prefix string, data object, streams map[string]string) {
	f.add(prefix+": summary", data["summary"])
	f.add(prefix+": description", data["description"])
	searches := map[string]object{} // search types by id
	for _, q := range list(dig(data, "search", "queries")) {
		tab := "tab " + str(dig(data, "state", str(q["id"]), "titles", "tab", "title"))
		f.add(tab+": timerange", q["timerange"])
		f.add(tab+": query", q["query"])
		for _, s := range list(q["search_types"]) {
			searches[str(s["id"])] = s
		}
	}
	for _, state := range obj(data["state"]) {
		state := obj(state)
		tab := str(dig(state, "titles", "tab", "title"))
		for _, w := range list(state["widgets"]) {
			id := str(w["id"])
			at := position(obj(dig(state, "positions", id)))
			title := str(dig(state, "titles", "widget", id))
			name := "widget " + or(title, titleAt(tab, at))
			f.add(name+": title", title)
			f.add(name+": tab", tab)
			f.add(name+": position", at)
			f.flatten(name+":", w, streams)
			for _, s := range items(dig(state, "widget_mapping", id)) {
				search := searches[str(s)]
				f.flatten(name+": search "+str(search["type"]), search, streams)
			}
		}
	}
}

// titleAt names a widget without a title by ours at the same place, so that the
// two can be compared.
func titleAt(tab, at string) string {
	for _, t := range newDashboard().Tabs {
		for _, w := range t.Widgets {
			if t.Title == tab && w.Position.String() == at {
				return w.Title
			}
		}
	}
	return "at " + at
}

// position writes down a place as Position does.
func position(p object) string {
	return fmt.Sprintf("%v,%v %v×%v", p["col"], p["row"], p["width"], p["height"])
}

// flatten adds all that an object holds, under the path to it.
func (f facts) flatten(path string, o object, streams map[string]string) {
	for key, v := range o {
		at := path + " " + key
		switch key {
		case "id", "scaling", "created_at": // says nothing, or the same in two ways
		case "streams":
			var titles []string
			for _, id := range items(v) {
				titles = append(titles, or(streams[str(id)], "unknown"))
			}
			f.add(at, strings.Join(titles, ", "))
		case "row_pivots", "column_pivots", "row_groups", "column_groups":
			for i, group := range list(v) {
				if fields := items(group["fields"]); len(fields) == 1 { // since 5.0
					group = maps.Clone(group)
					group["field"] = fields[0]
					delete(group, "fields")
				}
				f.flatten(fmt.Sprintf("%s %d", at, i+1), group, streams)
			}
		case "timerange", "query":
			f.add(at, v)
		default:
			if objects := list(v); len(objects) > 0 {
				for i, o := range objects {
					f.flatten(fmt.Sprintf("%s %d", at, i+1), o, streams)
				}
			} else if o, ok := v.(object); ok {
				f.flatten(at, o, streams)
			} else {
				f.add(at, v)
			}
		}
	}
}

// add adds a fact, unless it is empty.
func (f facts) add(path string, v any) {
	if text := str(plain(v)); text != "" {
		f[path] = text
	}
}

// str writes a JSON value as text: "" for null, a list with commas.
func str(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []any:
		var texts []string
		for _, item := range v {
			texts = append(texts, str(item))
		}
		return strings.Join(texts, ", ")
	case object:
		if q, ok := v["query_string"]; ok {
			return str(q)
		}
		if v["type"] == "relative" {
			return fmt.Sprintf("the last %v s", v["range"])
		}
		return ""
	}
	return fmt.Sprint(v)
}

// plain replaces {"@type": …, "@value": …} by the value, at any depth.
func plain(v any) any {
	switch v := v.(type) {
	case object:
		if constant, ok := v["@value"]; ok {
			return constant
		}
		out := object{}
		for key, member := range v {
			out[key] = plain(member)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = plain(v[i])
		}
		return out
	}
	return v
}

// dig follows keys into objects. It returns nil where there is nothing.
func dig(v any, path ...string) any {
	for _, key := range path {
		v = obj(v)[key]
	}
	return v
}

func obj(v any) object {
	o, _ := v.(object)
	return o
}

func items(v any) []any {
	list, _ := v.([]any)
	return list
}

// list returns the objects of a list.
func list(v any) (out []object) {
	for _, item := range items(v) {
		if o, ok := item.(object); ok {
			out = append(out, o)
		}
	}
	return out
}
