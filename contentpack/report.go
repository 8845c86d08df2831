package contentpack

// A Report says what a method of [Client] found and did. Its JSON is what
// synlogger contentpack --json prints.
type Report struct {
	Server  string `json:"server"`  // its URL
	Version string `json:"version"` // of Graylog, "7.0.1+29f3984"

	// Steps are what was done, by Diff what Install would do.
	Steps []Step `json:"steps"`

	// Differences are those of an installed pack from the wanted one, as Diff
	// finds them.
	Differences []Difference `json:"differences,omitempty"`

	// Findings are what is wrong on the server, or worth knowing.
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
	Action string `json:"action"` // upload, delete, install, uninstall, resume or start
	Object string `json:"object"` // "stream TTP Stream"
	Reason string `json:"reason,omitempty"`
}

// String returns the step as a sentence of a few words.
func (s Step) String() string {
	text := s.Action + " " + s.Object
	if s.Reason != "" {
		text += ": " + s.Reason
	}
	return text
}

// A Finding is something on the server that is not as the pack has it. One that
// is no problem may be left as it is.
type Finding struct {
	Problem bool   `json:"problem"`
	Where   string `json:"where"`
	Found   string `json:"found"`
	Advice  string `json:"advice,omitempty"`
}
