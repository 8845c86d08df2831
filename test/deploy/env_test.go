package deploy_test

import (
	"slices"

	"github.com/aimakerspace/synlogger/handler"
	"github.com/aimakerspace/synlogger/role"
)

// readFromEnv reports whether [role.ConfigFromEnv] reads a variable.
func readFromEnv(name string) bool {
	return slices.ContainsFunc(role.Variables(), func(v handler.Variable) bool { return v.Name == name })
}
