package collector

import (
	"github.com/aimakerspace/synlogger/cmd/internal/collector/ingest"
	"github.com/aimakerspace/synlogger/cmd/internal/collector/search"
)

// Types of the packages below that callers need.
type (
	Input       = ingest.Input
	ListenError = ingest.ListenError
	Query       = search.Query
)

// RoleInputs returns the inputs of the content pack on a host, see
// [ingest.RoleInputs].
func RoleInputs(host string) []Input { return ingest.RoleInputs(host) }
