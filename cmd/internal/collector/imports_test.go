package collector_test

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// imports are the packages of the collector that each of them may import.
var imports = map[string][]string{
	"query":     {},
	"index":     {},
	"match":     {"query", "index"},
	"record":    {"index"},
	"storedir":  {},
	"store":     {"index", "match", "storedir"},
	"search":    {"query", "index", "match", "record", "store"},
	"pivot":     {"query", "index", "record"},
	"dashboard": {"record", "pivot", "search"},
	"ingest":    {"index", "record"},
	"rest":      {"query", "match"},
	"api":       {"query", "index", "record", "store", "search", "pivot", "dashboard", "ingest", "rest"},
	"web":       {"index", "record", "ingest", "rest", "api"},
}

// Imports go one way, and only to the packages that a package needs.
func TestImports(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		allowed, known := imports[e.Name()]
		switch {
		case known:
			checkImports(t, e.Name(), allowed)
		case e.IsDir() && !strings.HasSuffix(e.Name(), "test"):
			t.Errorf("package %s is not in the table of imports", e.Name())
		}
	}
}

// checkImports checks the imports of a package without its tests.
func checkImports(t *testing.T, pkg string, allowed []string) {
	t.Helper()
	const collector = "github.com/aimakerspace/synlogger/cmd/internal/collector"
	files, err := filepath.Glob(filepath.Join(pkg, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatal(pkg, files, err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range f.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			name, inside := strings.CutPrefix(path, collector)
			if inside && !slices.Contains(allowed, strings.TrimPrefix(name, "/")) {
				t.Errorf("%s imports %s", file, path)
			}
		}
	}
}
