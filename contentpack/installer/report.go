package installer

// A Report is the result of a method of [Client]. Its JSON is the output of
// synlogger contentpack --json.
type Report struct {
	Server  string `json:"server"`  // URL
	Version string `json:"version"` // of Graylog, "7.0.1+29f3984"

	// Steps are the performed steps, or from Diff, those that Install would
	// perform.
	Steps []Step `json:"steps"`

	// Differences are those between an installed pack and the wanted one. Only
	// Diff sets them.
	Differences []Difference `json:"differences,omitempty"`

	// Findings are problems on the server, and notes.
	Findings []Finding `json:"findings"`
}

// OK reports whether no finding is a problem.
func (r Report) OK() bool {
	for _, f := range r.Findings {
		if f.Problem {
			return false
		}
	}
	return true
}

// A Step changes something on the server.
type Step struct {
	Action string `json:"action"` // upload, delete, install, uninstall, create, change, resume, start or rotate
	Object string `json:"object"` // "stream TTP Stream"
	Reason string `json:"reason,omitempty"`
}

// String returns the step as a short sentence.
func (s Step) String() string {
	text := s.Action + " " + s.Object
	if s.Reason != "" {
		text += ": " + s.Reason
	}
	return text
}

// A Finding is a deviation of the server from the pack.
type Finding struct {
	Problem bool   `json:"problem"` // whether records may get lost or be shown wrongly
	Where   string `json:"where"`   // "input TTP Logs"
	Found   string `json:"found"`
	Advice  string `json:"advice,omitempty"`
}

// A Difference is a value of the wanted pack that the server has differently. A
// missing value is "".
type Difference struct {
	Where string `json:"where"` // "stream TTP Stream: rule 1 value"
	Have  string `json:"have"`
	Want  string `json:"want"`
}
