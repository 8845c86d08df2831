package contentpack

import "strings"

// The index template of the pack. It is merged with Graylog's own, which has a lower
// order. Without it, the index loses whole records:
//   - a record with a value of another type than the first one in the field. With
//     ignore_malformed, the record is stored, and only the value cannot be searched.
//   - a record with another text where the first one looked like a date
//   - a record with a new field after the first 1,000 fields
const (
	IndexTemplateName  = "synlogger"
	IndexTemplateOrder = 10
	MaxFields          = 5000
)

// An IndexTemplate configures the new indices of OpenSearch or Elasticsearch whose
// names match a pattern. It marshals to the JSON of /_template.
type IndexTemplate struct {
	Patterns []string      `json:"index_patterns"` // such as graylog_*
	Order    int           `json:"order"`
	Settings IndexSettings `json:"settings"`
	Mappings IndexMappings `json:"mappings"`
}

// IndexSettings are the settings of an [IndexTemplate].
type IndexSettings struct {
	IgnoreMalformed bool `json:"index.mapping.ignore_malformed"`
	MaxFields       int  `json:"index.mapping.total_fields.limit"`
}

// IndexMappings are the mappings of an [IndexTemplate].
type IndexMappings struct {
	DateDetection bool `json:"date_detection"`
}

// NewIndexTemplate returns the template for indices whose names match one of the
// patterns.
func NewIndexTemplate(patterns ...string) IndexTemplate {
	return IndexTemplate{
		Patterns: patterns,
		Order:    IndexTemplateOrder,
		Settings: IndexSettings{IgnoreMalformed: true, MaxFields: MaxFields},
	}
}

// FieldTypes returns the types that Graylog should give the fields of the dashboard and
// those of every record: string, long or double.
func FieldTypes() map[string]string {
	types := map[string]string{
		"logger":       "string",
		"event":        "string",
		"level_name":   "string",
		"level_number": "long",
		"seq":          "long",
	}
	for _, tab := range newDashboard(false).Tabs {
		for _, w := range tab.Widgets {
			for _, s := range w.Series {
				switch {
				case s.Field == "":
				case strings.HasSuffix(s.Field, "_percent"), strings.HasSuffix(s.Field, "_rate"):
					types[s.Field] = "double"
				default:
					types[s.Field] = "long"
				}
			}
		}
	}
	return types
}
