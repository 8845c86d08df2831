package deploy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/handler"
	"github.com/aimakerspace/synlogger/role"
)

// readFromEnv reports whether the agent reads a variable: one of roles, or one that the
// documents list for it. The tests of the documents compare that list with the help.
func readFromEnv(t *testing.T, name string) bool {
	t.Helper()
	ofRole := func(v handler.Variable) bool { return v.Name == name }
	return slices.ContainsFunc(role.Variables(), ofRole) ||
		strings.Contains(readFile(t, root+"/docs/CONFIGURATION.md"), "| `"+name+"` | `sysmetric`")
}
