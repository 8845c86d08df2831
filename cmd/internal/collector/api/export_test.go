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
		e := Endpoint{Method: rt.HTTPMethod(), Path: rt.Path}
		for _, p := range rt.Params {
			e.Params = append(e.Params, p.Name)
		}
		all = append(all, e)
	}
	return all
}

// Names of the package that the tests use.
type (
	SearchAnswer = searchAnswer
	TailEvent    = tailEvent
)

const (
	MaxFields   = maxFields
	TailRecords = tailRecords
)
