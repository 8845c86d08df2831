package role

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestImports holds what reaches the binary of an application that logs: the
// standard library, and few others.
func TestImports(t *testing.T) {
	const module = "github.com/aimakerspace/synlogger/"
	allowed := []string{
		module + "gelf", module + "handler", module + "internal/encode", module + "internal/spool", module + "role",
		"github.com/samber/lo", "github.com/samber/slog-common", "github.com/samber/slog-graylog/v2",
		"github.com/Graylog2/go-gelf/gelf",
	}
	for _, pkg := range []string{module + "handler", module + "role"} {
		out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", pkg).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		deps := strings.Fields(string(out))
		if !slices.Contains(deps, pkg) {
			t.Fatalf("%s is not among its own dependencies: %s", pkg, out)
		}
		for _, dep := range deps {
			of := func(path string) bool { return dep == path || strings.HasPrefix(dep, path+"/") }
			if !slices.Contains(allowed, dep) && !of("github.com/samber/lo") && !of("golang.org/x/text") {
				t.Errorf("%s imports %s", pkg, dep)
			}
		}
	}
}
