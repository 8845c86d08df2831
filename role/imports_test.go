package role

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/aimakerspace/synlogger/"

// allowed lists the packages of this module that each package may import. Imports go
// one way: a package imports only packages in lines above its own.
var allowed = []struct {
	pkg     string
	imports []string
}{
	{"gelf", nil},
	{"internal/jsontext", []string{"gelf"}},
	{"internal/panics", nil},
	{"internal/spool", nil},
	{"internal/field", []string{"gelf", "internal/jsontext"}},
	{"censor", []string{"internal/field", "internal/jsontext"}},
	{"internal/encode", []string{"censor", "gelf", "internal/field", "internal/jsontext", "internal/panics"}},
	{"delivery/internal/conn", []string{"internal/panics"}},
	{"delivery/internal/queue", []string{"internal/spool"}},
	{"delivery", []string{"delivery/internal/conn", "delivery/internal/queue", "internal/panics", "internal/spool"}},
	{"handler", []string{"censor", "delivery", "gelf", "internal/encode", "internal/field", "internal/jsontext",
		"internal/panics"}},
	{"role", []string{"censor", "delivery", "gelf", "handler"}},
	{"gelftest", []string{"gelf"}},
	{"handler/prometheus", []string{"handler"}},
	{"sysmetric", nil},
	{"internal/graylog/version", nil},
	{"internal/graylog", []string{"internal/graylog/version"}},
	{"internal/indexfailure", []string{"internal/graylog"}},
	{"contentpack", []string{"internal/graylog/version", "role"}},
	{"contentpack/internal/facts", []string{"contentpack"}},
	{"contentpack/installer", []string{"contentpack", "contentpack/internal/facts", "internal/graylog",
		"internal/graylog/version", "internal/indexfailure"}},
}

// heavy lists packages of the standard library that importing role must not add to an
// application: servers, databases, and packages that register something.
var heavy = []string{"database/sql", "expvar", "flag", "html/template", "net/http", "net/rpc", "os/exec", "testing"}

// list returns the fields that go list prints for packages, one line each.
func list(t *testing.T, format string, packages ...string) []string {
	t.Helper()
	args := append([]string{"list", "-f", format}, packages...)
	out, err := exec.Command("go", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("go %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// TestImports checks that the packages of this module import each other one way, and that
// they import only the standard library beside them.
func TestImports(t *testing.T) {
	for _, rule := range allowed {
		for _, imported := range strings.Fields(list(t, `{{join .Imports " "}}`, module+rule.pkg)[0]) {
			first, _, _ := strings.Cut(imported, "/")
			own, isOwn := strings.CutPrefix(imported, module)
			switch {
			case isOwn && !slices.Contains(rule.imports, own):
				t.Errorf("%s imports %s", rule.pkg, own)
			case !isOwn && strings.Contains(first, ".") && rule.pkg != "sysmetric":
				t.Errorf("%s imports %s", rule.pkg, imported)
			}
		}
	}
}

// TestClosure checks all packages that reach an application which imports role, or the
// content pack as data: those of this module that are listed above, and the standard
// library without its heavy parts.
func TestClosure(t *testing.T) {
	for _, pkg := range []string{"role", "contentpack"} {
		checkClosure(t, pkg)
	}
}

func checkClosure(t *testing.T, pkg string) {
	t.Helper()
	closure := list(t, `{{join .Deps "\n"}}`, module+pkg)
	if !slices.Contains(closure, "log/slog") {
		t.Fatalf("log/slog is not in the closure: %s", closure)
	}
	for _, dep := range closure {
		first, _, _ := strings.Cut(dep, "/")
		own, isOwn := strings.CutPrefix(dep, module)
		known := slices.ContainsFunc(allowed, func(r struct {
			pkg     string
			imports []string
		}) bool {
			return r.pkg == own
		})
		switch {
		case isOwn && !known, !isOwn && strings.Contains(first, "."), slices.Contains(heavy, dep):
			t.Errorf("importing %s imports %s", pkg, dep)
		}
	}
}

// TestNoSlog checks that the packages below the encoder do not reach log/slog: they handle
// frames, not records.
func TestNoSlog(t *testing.T) {
	for _, pkg := range []string{"gelf", "gelftest", "delivery", "internal/spool"} {
		deps := list(t, `{{join .Deps "\n"}}`, module+pkg)
		if !slices.Contains(deps, "errors") {
			t.Fatalf("errors is not a dependency of %s: %s", pkg, deps)
		}
		if slices.Contains(deps, "log/slog") {
			t.Errorf("%s imports log/slog", pkg)
		}
	}
}
