package deploy_test

import (
	"strings"
	"testing"
)

// readFromEnv reports whether the command reads a variable, according to the table of
// variables, which the tests of the documents compare with the code.
func readFromEnv(t *testing.T, name string) bool {
	t.Helper()
	return strings.Contains(readFile(t, root+"/docs/CONFIGURATION.md"), "| `"+name+"` |")
}
