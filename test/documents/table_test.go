package documents

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/gelf"
	"github.com/aimakerspace/synlogger/handler"
	"github.com/aimakerspace/synlogger/internal/golden"
	"github.com/aimakerspace/synlogger/internal/graylog"
	"github.com/aimakerspace/synlogger/role"
)

// allDocuments returns the text of all documents.
func allDocuments(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, file := range documents(t) {
		all.WriteString(readFile(t, file))
	}
	return all.String()
}

// TestRoleTable checks the rows of the roles.
func TestRoleTable(t *testing.T) {
	text := allDocuments(t)
	for _, r := range role.All() {
		row := fmt.Sprintf("| %s | `%s<name>` | %d | %s | %s | %s |\n",
			r.Name, r.Prefix, r.Port, r.Input, r.Stream, r.Tab)
		if !strings.Contains(text, row) {
			t.Errorf("no row %s", row)
		}
	}
}

// TestFieldTable checks that the fields of sysmetric are documented.
func TestFieldTable(t *testing.T) {
	text := allDocuments(t)
	for _, field := range printedFields(t) {
		if !strings.Contains(text, "`"+field+"`") {
			t.Errorf("the field %s of the command sysmetric is not documented", field)
		}
	}
}

// printedFields returns the fields of a record of the command sysmetric.
func printedFields(t *testing.T) (fields []string) {
	t.Helper()
	text := output(t, "sysmetric", "--once", "--print", "--path", "p", "--class", "c", "--function", "f")
	m, _, err := gelf.Decode([]byte(strings.TrimSpace(text)))
	if err != nil {
		t.Fatal(err)
	}
	for field := range m.Fields {
		fields = append(fields, field)
	}
	return fields
}

// TestConfigurationDocument checks the tables of docs/CONFIGURATION.md, and that the
// document contains each field of the configurations. With -update it writes the tables.
func TestConfigurationDocument(t *testing.T) {
	const file = "docs/CONFIGURATION.md"
	text := readFile(t, file)
	onlyHandler := slices.DeleteFunc(handler.Variables(), func(v handler.Variable) bool {
		isSame := func(r handler.Variable) bool { return r.Name == v.Name && r.Field == v.Field }
		return slices.ContainsFunc(role.Variables(), isSame)
	})
	text = withTable(t, text, "<!-- variables of roles -->\n", role.Variables())
	text = withTable(t, text, "<!-- variables of handlers -->\n", onlyHandler)
	golden.Check(t, filepath.Join(root, file), text)
	for _, config := range []reflect.Type{
		reflect.TypeFor[role.Config](),
		reflect.TypeFor[handler.Config](),
		reflect.TypeFor[delivery.Config](),
	} {
		for _, f := range reflect.VisibleFields(config) {
			if f.Name == "TLS" || f.Name == "Delivery" {
				continue
			}
			if !regexp.MustCompile("`(?:Delivery\\.)?" + f.Name + "`").MatchString(text) {
				t.Errorf("the field %s of %v is not documented", f.Name, config)
			}
		}
	}
}

// withTable returns a document with the table of variables after a mark.
func withTable(t *testing.T, document, mark string, variables []handler.Variable) string {
	t.Helper()
	before, rest, ok := strings.Cut(document, mark)
	_, after, ok2 := strings.Cut(rest, "<!-- end -->")
	if !ok || !ok2 {
		t.Fatalf("the document does not contain %q and an end", mark)
	}
	table := "| Variable | Field | Default | Meaning |\n|---|---|---|---|\n"
	for _, v := range variables {
		table += fmt.Sprintf("| `%s` | `%s` | %s | %s |\n", v.Name, v.Field, v.Default, v.Usage)
	}
	return before + mark + table + "<!-- end -->" + after
}

// TestVariables checks that the documents and the code have the same environment
// variables.
func TestVariables(t *testing.T) {
	text := allDocuments(t)
	variables := regexp.MustCompile(`\b(?:SYNLOGGER|GRAYLOG|WEB|GELF|MONGO)_[A-Z0-9_]*[A-Z0-9]`)
	code := variables.FindAllString(output(t, "collect", "--help")+output(t, "healthcheck", "--help"), -1)
	for _, v := range slices.Concat(role.Variables(), handler.Variables()) {
		code = append(code, v.Name)
	}
	for _, name := range code {
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("the variable %s is not documented", name)
		}
	}
	code = append(code, graylog.Env()...)
	known := append(code, deployVariables(t)...)
	for _, name := range variables.FindAllString(text, -1) {
		if !slices.Contains(known, name) {
			t.Errorf("no code reads the variable %s of the documents", name)
		}
	}
}

// deployVariables returns the variables of the compose files, and those of Graylog.
func deployVariables(t *testing.T) (names []string) {
	t.Helper()
	for _, file := range append(composeFiles(t), "deploy/make-env") {
		names = append(names, regexp.MustCompile(`[A-Z][A-Z0-9_]+`).FindAllString(readFile(t, file), -1)...)
	}
	for line := range strings.Lines(readFile(t, "test/deploy/testdata/graylog-settings.txt")) {
		names = append(names, "GRAYLOG_"+strings.ToUpper(strings.TrimSpace(line)))
	}
	return names
}

// TestNamedTests checks that the tests that docs/DELIVERY.md names exist.
func TestNamedTests(t *testing.T) {
	var code strings.Builder
	for _, pattern := range []string{"handler", "delivery", "delivery/internal/*", "internal/*", "test", "test/*"} {
		files, err := filepath.Glob(filepath.Join(root, pattern, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			code.Write(text)
		}
	}
	named := regexp.MustCompile(`Test[A-Z]\w+`).FindAllString(readFile(t, "docs/DELIVERY.md"), -1)
	if len(named) < 20 {
		t.Errorf("docs/DELIVERY.md names %d tests", len(named))
	}
	for _, name := range named {
		if !strings.Contains(code.String(), "func "+name+"(") {
			t.Errorf("the test %s does not exist", name)
		}
	}
}

// TestNamedFiles checks that the files that docs/GRAYLOG.md names exist.
func TestNamedFiles(t *testing.T) {
	generated := []string{"deploy/.env", "deploy/certs"}
	names := regexp.MustCompile(`\b(?:deploy|docs|cmd|role|handler)/[\w.-]+[\w-]`)
	named := names.FindAllString(readFile(t, "docs/GRAYLOG.md"), -1)
	if len(named) < 10 {
		t.Errorf("docs/GRAYLOG.md names %d files", len(named))
	}
	for _, file := range named {
		if found, _ := filepath.Glob(filepath.Join(root, file)); len(found) == 0 && !slices.Contains(generated, file) {
			t.Errorf("%s does not exist", file)
		}
	}
}
