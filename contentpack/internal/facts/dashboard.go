package facts

import (
	"cmp"
	"fmt"
	"maps"
	"strings"

	"github.com/aimakerspace/synlogger/contentpack"
)

func (f Facts) addDashboard(prefix string, data Object, streams map[string]string) {
	f.add(prefix+": title", data["title"])
	f.add(prefix+": summary", data["summary"])
	f.add(prefix+": description", data["description"])
	searches := map[string]Object{} // search types by id
	for _, q := range list(member(data, "search", "queries")) {
		tab := "tab " + text(member(data, "state", text(q["id"]), "titles", "tab", "title"))
		f.add(tab+": timerange", q["timerange"])
		f.add(tab+": query", q["query"])
		for _, s := range list(q["search_types"]) {
			searches[text(s["id"])] = s
		}
	}
	for _, state := range object(data["state"]) {
		f.addTab(object(state), searches, streams)
	}
}

func (f Facts) addTab(state Object, searches map[string]Object, streams map[string]string) {
	tab := text(member(state, "titles", "tab", "title"))
	for _, w := range list(state["widgets"]) {
		id := text(w["id"])
		at := position(object(member(state, "positions", id)))
		title := text(member(state, "titles", "widget", id))
		name := "widget " + cmp.Or(title, titleAt(tab, at))
		f.add(name+": title", title)
		f.add(name+": tab", tab)
		f.add(name+": position", at)
		f.flatten(name+":", w, streams)
		for _, s := range items(member(state, "widget_mapping", id)) {
			search := searches[text(s)]
			f.flatten(name+": search "+text(search["type"]), search, streams)
		}
	}
}

// titleAt returns the title of our widget at a place, to compare a widget without
// a title with it.
func titleAt(tab, at string) string {
	p, _ := contentpack.New(contentpack.Config{}) // these options are valid
	for _, t := range p.Dashboard.Tabs {
		for _, w := range t.Widgets {
			if t.Title == tab && w.Position.String() == at {
				return w.Title
			}
		}
	}
	return "at " + at
}

// position formats a position like contentpack.Position.
func position(p Object) string {
	return fmt.Sprintf("%v,%v %v×%v", p["col"], p["row"], p["width"], p["height"])
}

// flatten adds the members of an object, with its path as a prefix of the names.
func (f Facts) flatten(path string, o Object, streams map[string]string) {
	for key, v := range o {
		at := path + " " + key
		switch key {
		case "id", "scaling", "created_at": // differ without a meaning
		case "streams":
			var titles []string
			for _, id := range items(v) {
				titles = append(titles, cmp.Or(streams[text(id)], "unknown"))
			}
			f.add(at, strings.Join(titles, ", "))
		case "row_pivots", "column_pivots", "row_groups", "column_groups":
			for i, group := range list(v) {
				axis, _, _ := strings.Cut(key, "_")
				f.flatten(fmt.Sprintf("%s %d", at, i+1), oldGroup(group, o[axis+"_limit"]), streams)
			}
		case "timerange", "query":
			f.add(at, v)
		default:
			if objects := list(v); len(objects) > 0 {
				for i, o := range objects {
					f.flatten(fmt.Sprintf("%s %d", at, i+1), o, streams)
				}
			} else if o, ok := v.(Object); ok {
				f.flatten(at, o, streams)
			} else {
				f.add(at, v)
			}
		}
	}
}

// oldGroup returns a group of a chart in the form of Graylog 4. Since 5.0, a group has
// several fields. From 5.0.0 to 5.0.2, all groups of an axis have one limit together.
func oldGroup(group Object, limit any) Object {
	group = maps.Clone(group)
	if fields := items(group["fields"]); len(fields) == 1 {
		group["field"] = fields[0]
		delete(group, "fields")
	}
	if limit == nil || group["type"] != "values" {
		return group
	}
	if config := object(group["config"]); config == nil {
		group["limit"] = cmp.Or(group["limit"], limit)
	} else if config["limit"] == nil {
		config = maps.Clone(config)
		config["limit"] = limit
		group["config"] = config
	}
	return group
}
