package documents

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// tryCompose checks the files and the service of a docker compose command, and the
// command line of the service if it runs this program.
func tryCompose(t *testing.T, args []string) {
	t.Helper()
	services := types.Services{}
	for len(args) > 1 && args[0] == "-f" {
		for name, service := range composeServices(t, args[1]) {
			services[name] = service
		}
		args = args[2:]
	}
	if len(services) == 0 || len(args) == 0 {
		t.Fatal("the docker compose command has no files or no verb")
	}
	verb := args[0]
	isFlag := func(arg string) bool { return verb != "run" && strings.HasPrefix(arg, "-") }
	args = slices.DeleteFunc(args[1:], isFlag)
	switch verb {
	case "up", "pull", "ps", "down":
		if len(args) > 0 {
			t.Errorf("docker compose %s of %q cannot be tested", verb, args)
		}
		return
	case "logs", "exec":
	case "run":
		args = args[1:] // --rm
	default:
		t.Fatalf("docker compose %s cannot be tested", verb)
	}
	service, ok := services[args[0]]
	if !ok {
		t.Fatalf("the service %s does not exist", args[0])
	}
	if verb == "run" && service.Build != nil {
		checkCommandLine(t, args[1:])
	}
}

// TestComposeCommands parses the command lines and the health checks of the services that
// run this program.
func TestComposeCommands(t *testing.T) {
	tried := 0
	for _, file := range composeFiles(t) {
		for name, service := range composeServices(t, file) {
			// In a file that overrides another one, services have no build section.
			if service.Build == nil && name != "setup" || len(service.Command) == 0 {
				continue
			}
			tried++
			t.Run(filepath.Base(file)+"/"+name, func(t *testing.T) {
				checkCommandLine(t, service.Command)
				if service.HealthCheck != nil {
					checkCommandLine(t, service.HealthCheck.Test[2:]) // after CMD and the program
				}
			})
		}
	}
	if tried == 0 {
		t.Error("no service runs this program")
	}
}

// TestUnitCommand parses the command line of the systemd unit with each suggested
// value of SYSMETRIC_ARGS.
func TestUnitCommand(t *testing.T) {
	unit := readFile(t, "deploy/synlogger-sysmetric.service")
	command := regexp.MustCompile(`(?m)^ExecStart=/usr/local/bin/synlogger (.*) \$SYSMETRIC_ARGS$`)
	start := command.FindStringSubmatch(unit)
	if start == nil {
		t.Fatal("the unit does not start this program")
	}
	values := regexp.MustCompile(`(?m)SYSMETRIC_ARGS=(.*)$`)
	text := unit + readFile(t, "deploy/sysmetric.env")
	for _, m := range values.FindAllStringSubmatch(text, -1) {
		args := append(strings.Fields(start[1]), strings.Fields(m[1])...)
		t.Run(m[1], func(t *testing.T) { checkCommandLine(t, args) })
	}
}

// composeFiles returns the paths of the compose files, relative to the root.
func composeFiles(t *testing.T) (files []string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, "deploy/compose*.yaml"))
	if err != nil || len(found) == 0 {
		t.Fatalf("%d compose files, %v", len(found), err)
	}
	for _, file := range found {
		files = append(files, "deploy/"+filepath.Base(file))
	}
	return files
}

// composeServices returns the services of one compose file. Variables have their
// defaults.
func composeServices(t *testing.T, file string) types.Services {
	t.Helper()
	required := regexp.MustCompile(`\$\{\w+:\?[^}]*\}`)
	text := required.ReplaceAllString(readFile(t, file), "x")
	file, err := filepath.Abs(filepath.Join(root, file))
	if err != nil {
		t.Fatal(err)
	}
	details := types.ConfigDetails{
		WorkingDir:  filepath.Dir(file),
		ConfigFiles: []types.ConfigFile{{Filename: file, Content: []byte(text)}},
		Environment: types.Mapping{},
	}
	p, err := loader.LoadWithContext(t.Context(), details, func(o *loader.Options) {
		o.SkipConsistencyCheck = true // a file that overrides another one is incomplete
		o.SetProjectName("test", true)
	})
	if err != nil {
		t.Fatal(err)
	}
	return p.Services
}
