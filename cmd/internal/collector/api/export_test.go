package api

// An Endpoint is a path of the REST API.
type Endpoint struct {
	Method, Path string
	Params       []string
}

// Endpoints returns all paths of the REST API.
func Endpoints() []Endpoint {
	var all []Endpoint
	for _, rt := range (&API{}).table() {
		e := Endpoint{Method: rt.httpMethod(), Path: rt.path}
		for _, p := range rt.params {
			e.Params = append(e.Params, p.name)
		}
		all = append(all, e)
	}
	return all
}

// Names of the package that the tests use.
type (
	SearchAnswer = searchAnswer
	ErrorAnswer  = errorAnswer
	TailEvent    = tailEvent
	Object       = object
)

const (
	MaxFields   = maxFields
	TailRecords = tailRecords
)
