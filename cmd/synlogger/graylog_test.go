package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

var assignment = regexp.MustCompile(`^[A-Z_]+=\S* `)

// tryDeploy does with a command what can be done without a container: what it
// names has to be there, and our own command lines to be right.
func tryDeploy(t *testing.T, line string) {
	for assignment.MatchString(line) {
		_, line, _ = strings.Cut(line, " ")
	}
	words := strings.Fields(strings.TrimPrefix(line, "sudo "))
	switch {
	case strings.HasPrefix(line, "docker compose "):
		tryCompose(t, words[2:])
	case strings.HasPrefix(words[0], "deploy/"):
		if info, err := os.Stat("../../" + words[0]); err != nil || info.Mode().Perm()&0o111 == 0 {
			t.Errorf("%s cannot be run: %v", words[0], err)
		}
	case words[0] == "install":
		from, to := words[len(words)-2], words[len(words)-1]
		if _, err := os.Stat("../../" + from); err != nil && from != "bin/synlogger" { // which make build makes
			t.Error(err)
		}
		if unit := readFile(t, "../../deploy/synlogger-sysmetric.service"); !strings.Contains(unit, to) && filepath.Dir(to) != "/etc/systemd/system" {
			t.Errorf("the service does not read %s", to)
		}
	case words[0] == "systemctl", words[0] == "sysctl":
	case words[0] == "synlogger":
		parse(t, words[1:])
	default:
		try(t, line)
	}
}

// tryCompose checks the files, the service and, if it is ours, its command line.
func tryCompose(t *testing.T, args []string) {
	services := types.Services{}
	for len(args) > 1 && args[0] == "-f" {
		for name, service := range composeServices(t, "../../"+args[1]) {
			services[name] = service
		}
		args = args[2:]
	}
	if len(services) == 0 || len(args) == 0 {
		t.Fatal("no files, or no command")
	}
	verb := args[0]
	args = slices.DeleteFunc(args[1:], func(arg string) bool { return verb != "run" && strings.HasPrefix(arg, "-") })
	switch verb {
	case "up", "pull", "ps", "down":
		if len(args) > 0 {
			t.Errorf("%s of %q: there is no test for that", verb, args)
		}
		return
	case "logs", "exec":
	case "run":
		args = args[1:] // --rm
	default:
		t.Fatalf("there is no test for docker compose %s", verb)
	}
	service, ok := services[args[0]]
	if !ok {
		t.Fatalf("there is no service %s", args[0])
	}
	if verb == "run" && service.Build != nil {
		parse(t, args[1:])
	}
}

// TestComposeCommands holds the command lines of the services that run this
// program against its flags.
func TestComposeCommands(t *testing.T) {
	files, err := filepath.Glob("../../deploy/compose*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	tried := 0
	for _, file := range files {
		for name, service := range composeServices(t, file) {
			// The services of an override have no build of their own.
			if service.Build == nil && name != "setup" || len(service.Command) == 0 {
				continue
			}
			tried++
			t.Run(filepath.Base(file)+"/"+name, func(t *testing.T) { parse(t, service.Command) })
		}
	}
	if tried == 0 {
		t.Error("no service runs this program")
	}
}

// TestUnitCommand does the same with the unit of systemd.
func TestUnitCommand(t *testing.T) {
	unit := readFile(t, "../../deploy/synlogger-sysmetric.service")
	start := regexp.MustCompile(`(?m)^ExecStart=/usr/local/bin/synlogger (.*) \$SYSMETRIC_ARGS$`).FindStringSubmatch(unit)
	if start == nil {
		t.Fatal("it does not start this program")
	}
	for _, m := range regexp.MustCompile(`(?m)SYSMETRIC_ARGS=(.*)$`).FindAllStringSubmatch(unit+readFile(t, "../../deploy/sysmetric.env"), -1) {
		t.Run(m[1], func(t *testing.T) { parse(t, append(strings.Fields(start[1]), strings.Fields(m[1])...)) })
	}
}

// composeServices returns the services of one file, with the default of each
// variable.
func composeServices(t *testing.T, file string) types.Services {
	t.Helper()
	file, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	required := regexp.MustCompile(`\$\{\w+:\?[^}]*\}`)
	text := required.ReplaceAllString(readFile(t, file), "x")
	details := types.ConfigDetails{
		WorkingDir:  filepath.Dir(file),
		ConfigFiles: []types.ConfigFile{{Filename: file, Content: []byte(text)}},
		Environment: types.Mapping{},
	}
	p, err := loader.LoadWithContext(t.Context(), details, func(o *loader.Options) {
		o.SkipConsistencyCheck = true // an override names what is elsewhere
		o.SetProjectName("test", true)
	})
	if err != nil {
		t.Fatal(err)
	}
	return p.Services
}

// TestGraylogFiles: each file that the document names is there.
func TestGraylogFiles(t *testing.T) {
	text := readFile(t, graylogDocument)
	made := []string{"deploy/.env", "deploy/certs"}
	named := regexp.MustCompile(`\b(?:deploy|docs|cmd|role|handler)/[\w.-]+[\w-]`).FindAllString(text, -1)
	if len(named) < 10 {
		t.Errorf("it names %d files", len(named))
	}
	for _, file := range named {
		if _, err := os.Stat("../../" + file); err != nil && !slices.Contains(made, file) {
			t.Error(err)
		}
	}
	variables := readFile(t, "../../deploy/make-env") + readFile(t, "../../role/env.go") + readFile(t, "../../deploy/testdata/graylog-settings.txt")
	for _, m := range regexp.MustCompile("`(SYNLOGGER_[A-Z_]+|WEB_[A-Z]+|GELF_[A-Z_]+|MONGO_[A-Z_]+|GRAYLOG_[A-Z0-9_]+)").FindAllStringSubmatch(text, -1) {
		if setting := strings.ToLower(strings.TrimPrefix(m[1], "GRAYLOG_")); !strings.Contains(variables, m[1]) && !strings.Contains(variables, "\n"+setting+"\n") {
			t.Errorf("%s is read by nobody", m[1])
		}
	}
}
