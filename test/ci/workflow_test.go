// Package ci tests the files that describe builds: the workflow and the modules.
package ci

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// root is the root of the repository.
const root = "../.."

func readFile(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// workflowSteps returns the command of each run step of the workflow.
func workflowSteps(t *testing.T) (steps []string) {
	t.Helper()
	var workflow struct {
		On   map[string]any
		Jobs map[string]struct {
			RunsOn string `yaml:"runs-on"`
			Steps  []struct{ Uses, Run string }
		}
	}
	if err := yaml.Unmarshal([]byte(readFile(t, ".github/workflows/ci.yml")), &workflow); err != nil {
		t.Fatal(err)
	}
	if len(workflow.On) == 0 {
		t.Error("no event starts the workflow")
	}
	for name, job := range workflow.Jobs {
		if job.RunsOn == "" {
			t.Errorf("job %s has no runs-on", name)
		}
		for i, step := range job.Steps {
			if (step.Uses == "") == (step.Run == "") {
				t.Errorf("job %s, step %d: want one of uses and run", name, i)
			}
			if step.Run != "" {
				steps = append(steps, step.Run)
			}
		}
	}
	return steps
}

// TestWorkflowCommands checks that the commands of the workflow exist.
func TestWorkflowCommands(t *testing.T) {
	makefile := readFile(t, "Makefile")
	script := regexp.MustCompile(`\.ci/\w[\w-]*`)
	checked := 0
	for _, run := range workflowSteps(t) {
		for _, name := range script.FindAllString(run, -1) {
			checked++
			if info, err := os.Stat(filepath.Join(root, name)); err != nil || info.Mode().Perm()&0o111 == 0 {
				t.Errorf("%s is not executable: %v", name, err)
			}
		}
		words := strings.Fields(run)
		switch {
		case words[0] == "make":
			checked++
			if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(words[1]) + `:`).MatchString(makefile) {
				t.Errorf("the Makefile has no target %s", words[1])
			}
		case strings.HasPrefix(words[0], ".ci/"):
		case slices.Contains([]string{"apt-get", "echo", "git"}, words[0]):
		default:
			t.Errorf("%q: want make, a file of .ci, or a command that prepares one", run)
		}
	}
	if checked == 0 {
		t.Error("the workflow runs no make target and no file of .ci")
	}
}

// TestWorkflowStages checks that the workflow runs each stage of .ci/run.
func TestWorkflowStages(t *testing.T) {
	steps := workflowSteps(t)
	stages := regexp.MustCompile(`(?m)^step (.*)$`).FindAllStringSubmatch(readFile(t, ".ci/run"), -1)
	if len(stages) < 10 {
		t.Errorf(".ci/run has %d stages", len(stages))
	}
	for _, stage := range stages {
		if !slices.Contains(steps, stage[1]) {
			t.Errorf("the workflow does not run %q", stage[1])
		}
	}
}

// TestRootModule checks what an application gets with the root module: the Go version,
// and the modules.
func TestRootModule(t *testing.T) {
	cmd := exec.Command("go", "mod", "edit", "-json")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var mod struct {
		Go, Toolchain string
		Require       []struct {
			Path     string
			Indirect bool
		}
		Replace, Tool []any
	}
	if err := json.Unmarshal(out, &mod); err != nil {
		t.Fatal(err)
	}
	if mod.Go != "1.25.0" || mod.Toolchain != "" {
		t.Errorf("go %s, toolchain %q, want go 1.25.0 and no toolchain", mod.Go, mod.Toolchain)
	}
	if len(mod.Replace) > 0 || len(mod.Tool) > 0 {
		t.Errorf("go.mod has replace lines %v or tools %v", mod.Replace, mod.Tool)
	}
	var direct []string
	for _, r := range mod.Require {
		if !r.Indirect {
			direct = append(direct, r.Path)
		}
	}
	want := []string{
		"github.com/Graylog2/go-gelf",
		"github.com/google/go-cmp",
		"github.com/samber/slog-graylog/v2",
		"github.com/shirou/gopsutil/v3",
		"go.uber.org/goleak",
	}
	if !slices.Equal(direct, want) {
		t.Errorf("the root module requires %v, want %v", direct, want)
	}
}
