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

const templatePath = "/_template/" + contentpack.IndexTemplateName

// Permissions of steps for index sets.
const (
	rotateIndex   = "deflector:cycle"
	setFieldTypes = "typemappings:create"
)

// fieldTypesSince is the oldest version that lists the types that somebody has fixed.
var fieldTypesSince = version.Version{Major: 6}

// An index is the part of a server's state that decides the types of fields.
type index struct {
	sets     []graylog.IndexSet
	fixed    map[string][]graylog.FieldType // types that somebody has fixed, by the id of the set
	template bool                           // whether OpenSearch has the template for all sets
}

// openSearch returns a client for OpenSearch. Its requests are HTTP with JSON, like those
// to Graylog.
func openSearch(o OpenSearch) (*graylog.Client, error) {
	c, err := graylog.New(graylog.Config{URL: o.URL, User: o.User, Password: o.Password, TLS: o.TLS})
	if err != nil {
		return nil, fmt.Errorf("address of OpenSearch: %w", err)
	}
	if !c.HasLogin() {
		c = c.Anonymous()
	}
	return c, nil
}

// readIndex reads the index sets of the streams, and whether OpenSearch has the template
// for them.
func (s *session) readIndex(ctx context.Context, streams map[string]graylog.Stream) (x index, err error) {
	all, err := s.api.IndexSets(ctx)
	if err != nil {
		return x, err
	}
	for _, set := range all {
		used := func(title string) bool { return streams[title].IndexSet == set.ID }
		if set.Default || slices.ContainsFunc(slices.Collect(maps.Keys(streams)), used) {
			x.sets = append(x.sets, set)
		}
	}
	x.fixed = map[string][]graylog.FieldType{}
	for _, set := range x.sets {
		if s.types && s.version.Compare(fieldTypesSince) >= 0 {
			if x.fixed[set.ID], err = s.api.FixedFieldTypes(ctx, set); err != nil {
				return x, fmt.Errorf("read the types of fields: %w", err)
			}
		}
	}
	if s.search == nil {
		return x, nil
	}
	var answer struct {
		Template *struct {
			Patterns []string `json:"index_patterns"`
			Order    int
			Settings struct {
				Index struct {
					Mapping struct {
						IgnoreMalformed string                 `json:"ignore_malformed"`
						TotalFields     struct{ Limit string } `json:"total_fields"`
					}
				}
			}
			Mappings map[string]any
		} `json:"synlogger"`
	}
	err = s.search.Get(ctx, templatePath, nil, &answer)
	if errors.Is(err, graylog.ErrNotFound) {
		return x, nil
	}
	if err != nil {
		return x, fmt.Errorf("read the index template: %w", err)
	}
	if have := answer.Template; have != nil {
		want := x.wanted()
		mapping := have.Settings.Index.Mapping
		x.template = slices.Equal(have.Patterns, want.Patterns) && have.Order == want.Order &&
			mapping.IgnoreMalformed == "true" && mapping.TotalFields.Limit == fmt.Sprint(want.Settings.MaxFields) &&
			strings.Contains(fmt.Sprint(have.Mappings), "date_detection:false")
	}
	return x, nil
}

// wanted returns the template for the index sets.
func (x index) wanted() contentpack.IndexTemplate {
	var patterns []string
	for _, set := range x.sets {
		patterns = append(patterns, set.Prefix+"_*")
	}
	slices.Sort(patterns)
	return contentpack.NewIndexTemplate(slices.Compact(patterns)...)
}

// planIndex returns the actions that make the index accept more records. They apply to
// new indices, so the index sets are rotated.
func (s *session) planIndex(x index) (actions []action) {
	rotate := map[string]bool{} // by the id of the index set
	if s.search != nil && !x.template {
		want := x.wanted()
		step := Step{actionUpload, "index template " + contentpack.IndexTemplateName,
			"for the indices " + strings.Join(want.Patterns, ", ")}
		actions = append(actions, action{step, nil, func(ctx context.Context, s *session) error {
			return s.search.Do(ctx, http.MethodPut, templatePath, nil, want, nil)
		}})
		for _, set := range x.sets {
			rotate[set.ID] = true
		}
	}
	for _, set := range x.sets {
		if types := s.lackingTypes(x.fixed[set.ID]); len(types) > 0 {
			rotate[set.ID] = true
			step := Step{actionChange, "index set " + set.Title, fmt.Sprintf("it gets the types of %d fields", len(types))}
			actions = append(actions, action{step, []string{setFieldTypes}, func(ctx context.Context, s *session) error {
				for _, t := range types {
					if err := s.api.SetFieldType(ctx, set, t); err != nil {
						return fmt.Errorf("type of the field %s: %w", t.Field, err)
					}
				}
				return nil
			}})
		}
	}
	for _, set := range x.sets {
		if rotate[set.ID] {
			step := Step{actionRotate, "index set " + set.Title, "the changes apply to new indices"}
			actions = append(actions, action{step, []string{rotateIndex}, func(ctx context.Context, s *session) error {
				return s.api.Rotate(ctx, set)
			}})
		}
	}
	return actions
}

// lackingTypes returns the types that Install fixes beside those that are fixed already,
// also if those are others.
func (s *session) lackingTypes(fixed []graylog.FieldType) (out []graylog.FieldType) {
	if !s.types {
		return nil
	}
	types := contentpack.FieldTypes()
	for _, name := range slices.Sorted(maps.Keys(types)) {
		if !slices.ContainsFunc(fixed, func(t graylog.FieldType) bool { return t.Field == name }) {
			out = append(out, graylog.FieldType{Field: name, Type: types[name]})
		}
	}
	return out
}

// indexObstacles returns what prevents the changes of planIndex.
func (s *session) indexObstacles() (out []Finding) {
	if s.types && s.version.Compare(fieldTypesSince) < 0 {
		out = append(out, obstacle("Graylog "+s.report.Version,
			"Put the index template with --opensearch, or update Graylog.",
			"it cannot fix the types of fields (--field-types): 6.0 or later can"))
	}
	if s.search != nil && s.version.Major < 4 {
		out = append(out, obstacle("Graylog "+s.report.Version, "Leave out --opensearch, or update Graylog.",
			"its Elasticsearch 6 does not accept the index template"))
	}
	return out
}

// deleteTemplate returns an action that deletes the index template, if there is one.
func (s *session) deleteTemplate(ctx context.Context) (actions []action, err error) {
	if s.search == nil {
		return nil, nil
	}
	err = s.search.Get(ctx, templatePath, nil, nil)
	if errors.Is(err, graylog.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the index template: %w", err)
	}
	step := Step{actionDelete, "index template " + contentpack.IndexTemplateName, "existing indices keep its settings"}
	return []action{{step, nil, func(ctx context.Context, s *session) error {
		return s.search.Do(ctx, http.MethodDelete, templatePath, nil, nil, nil)
	}}}, nil
}
