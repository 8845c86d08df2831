package internal_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	_ "github.com/aimakerspace/synlogger/internal/golden" // the flag -update
)

const module = "github.com/aimakerspace/synlogger/"

// TestImports holds which packages of this module, and of the standard library, a
// library package may reach.
func TestImports(t *testing.T) {
	for _, tt := range []struct {
		pkg       string
		own       []string // packages of this module that it may import
		forbidden []string // packages of the standard library
		standard  bool     // it imports the standard library and this module only
	}{
		{pkg: "gelf", forbidden: []string{"log/slog", "net/http", "expvar"}, standard: true},
		{pkg: "gelftest", own: []string{"gelf"}, forbidden: []string{"log/slog", "net/http", "expvar"}, standard: true},
		{pkg: "sysmetric", forbidden: []string{"net/http", "expvar", "testing"}},
		{pkg: "internal/spool", forbidden: []string{"log/slog", "net/http", "expvar", "testing"}, standard: true},
	} {
		deps := dependencies(t, module+tt.pkg)
		for _, dep := range deps {
			own, isOwn := strings.CutPrefix(dep, module)
			switch {
			case dep == module+tt.pkg:
			case isOwn && !slices.Contains(tt.own, own), slices.Contains(tt.forbidden, dep):
				t.Errorf("%s imports %s", tt.pkg, dep)
			case tt.standard && !isOwn && strings.Contains(strings.Split(dep, "/")[0], "."):
				t.Errorf("%s imports %s, which is not part of the standard library", tt.pkg, dep)
			}
		}
	}
}

// dependencies returns the import paths that a package reaches.
func dependencies(t *testing.T, pkg string) []string {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", pkg).CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v: %s", err, out)
	}
	deps := strings.Fields(string(out))
	if !slices.Contains(deps, pkg) {
		t.Fatalf("go list does not print %s: %s", pkg, out)
	}
	return deps
}
