// Package deploy_test tests the files of deploy against the code and the servers that
// they configure.
package deploy_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"go.uber.org/goleak"
)

// root is the root of the repository, and deployDir the directory under test.
const (
	root      = "../.."
	deployDir = root + "/deploy"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A stack is a set of files that one docker compose command reads.
type stack struct {
	name  string
	files []string          // in deployDir
	env   map[string]string // in addition to the file that make deploy-env writes
	front string            // the service that publishes the ports of Graylog
}

var stacks = []stack{
	{
		name:  "one machine",
		files: []string{"compose.yaml"},
		front: "graylog",
	},
	{
		name:  "one machine, TLS",
		files: []string{"compose.yaml", "compose.tls.yaml"},
		front: "graylog",
	},
	{
		name:  "one machine, Data Node",
		files: []string{"compose.yaml", "compose.datanode.yaml"},
		front: "graylog",
	},
	{
		name:  "cluster",
		files: []string{"compose.cluster.yaml"},
		front: "balancer",
	},
	{
		name:  "cluster, TLS",
		files: []string{"compose.cluster.yaml", "compose.cluster.tls.yaml"},
		front: "balancer",
	},
	{
		name:  "sysmetric",
		files: []string{"compose.sysmetric.yaml"},
		env:   map[string]string{"SYNLOGGER_SERVER": "graylog.example"},
	},
}

// paths returns the paths of the files.
func (s stack) paths() (paths []string) {
	for _, file := range s.files {
		paths = append(paths, filepath.Join(deployDir, file))
	}
	return paths
}

// TestStacks checks that each compose file is in a stack.
func TestStacks(t *testing.T) {
	files, err := filepath.Glob(deployDir + "/compose*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		if !slices.ContainsFunc(stacks, func(s stack) bool { return slices.Contains(s.paths(), file) }) {
			t.Errorf("no stack has the file %s", file)
		}
	}
}

// generated returns the variables that make deploy-env writes.
var generated = sync.OnceValues(func() (map[string]string, error) {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, ".env")
	cmd := exec.Command("make", "-s", "-C", root, "deploy-env", "DEPLOY_ENV="+file)
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("make deploy-env: %w\n%s", err, out)
	}
	return readEnv(file)
})

// readEnv returns the variables of a file. Quotes and substitutions are not supported.
func readEnv(file string) (map[string]string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	env := make(map[string]string)
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(key, "#") {
			env[key] = value
		}
	}
	return env, nil
}

// environment returns the variables of a stack.
func environment(t *testing.T, s stack) map[string]string {
	t.Helper()
	env, err := generated()
	if err != nil {
		t.Fatal(err)
	}
	env = maps.Clone(env)
	maps.Copy(env, s.env)
	return env
}

// load reads a stack as docker compose does, and checks it against its schema.
func load(s stack, env map[string]string) (*types.Project, error) {
	options, err := cli.NewProjectOptions(s.paths(), cli.WithInterpolation(true))
	if err != nil {
		return nil, err
	}
	options.Environment = env
	return options.LoadProject(context.Background())
}

// project loads a stack with the variables that make deploy-env writes.
func project(t *testing.T, s stack) *types.Project {
	t.Helper()
	p, err := load(s, environment(t, s))
	if err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	return p
}

// each runs a test for each service of each stack.
func each(t *testing.T, test func(*testing.T, stack, *types.Project, types.ServiceConfig)) {
	for _, s := range stacks {
		p := project(t, s)
		for _, name := range p.ServiceNames() {
			t.Run(s.name+"/"+name, func(t *testing.T) { test(t, s, p, p.Services[name]) })
		}
	}
}

// oneShot reports whether a service ends after its work.
func oneShot(service types.ServiceConfig) bool {
	return service.Restart == "no" || strings.HasPrefix(service.Restart, types.RestartPolicyOnFailure)
}

func readFile(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
