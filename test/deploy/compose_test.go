// Package deploy_test holds the files of this directory against the code and the
// servers that they are about.
package deploy_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/aimakerspace/synlogger/role"
)

// root is the root of the repository, and deployDir the directory under test.
const (
	root      = "../.."
	deployDir = root + "/deploy"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A stack is a set of files that docker compose is given together.
type stack struct {
	name  string
	files []string
	env   map[string]string // beside what make deploy-env writes
	front string            // the service that has the ports of Graylog open
}

var stacks = []stack{
	{"one machine", []string{deployDir + "/compose.yaml"}, nil, "graylog"},
	{"one machine, TLS", []string{deployDir + "/compose.yaml", deployDir + "/compose.tls.yaml"}, nil, "graylog"},
	{"cluster", []string{deployDir + "/compose.cluster.yaml"}, nil, "balancer"},
	{"cluster, TLS", []string{deployDir + "/compose.cluster.yaml", deployDir + "/compose.cluster.tls.yaml"}, nil, "balancer"},
	{"sysmetric", []string{deployDir + "/compose.sysmetric.yaml"}, map[string]string{"SYNLOGGER_SERVER": "graylog.example"}, ""},
}

// TestStacks sees to it that no file of ours is in no stack.
func TestStacks(t *testing.T) {
	files, err := filepath.Glob(deployDir + "/compose*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		if !slices.ContainsFunc(stacks, func(s stack) bool { return slices.Contains(s.files, file) }) {
			t.Errorf("%s is in none of the stacks that are tested", file)
		}
	}
}

// generated is what make deploy-env writes.
var generated = sync.OnceValues(func() (map[string]string, error) {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, ".env")
	if out, err := exec.Command("make", "-s", "-C", root, "deploy-env", "DEPLOY_ENV="+file).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("make deploy-env: %w\n%s", err, out)
	}
	return readEnv(file)
})

// readEnv returns the settings of a file that has neither quotes nor
// substitutions.
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

// environment returns what a stack is started with.
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
	options, err := cli.NewProjectOptions(s.files, cli.WithInterpolation(true))
	if err != nil {
		return nil, err
	}
	options.Environment = env
	return options.LoadProject(context.Background())
}

// project loads a stack with what make deploy-env writes.
func project(t *testing.T, s stack) *types.Project {
	t.Helper()
	p, err := load(s, environment(t, s))
	if err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	return p
}

// each runs a test for each service of each stack.
func each(t *testing.T, test func(t *testing.T, s stack, p *types.Project, service types.ServiceConfig)) {
	for _, s := range stacks {
		p := project(t, s)
		for _, name := range p.ServiceNames() {
			t.Run(s.name+"/"+name, func(t *testing.T) { test(t, s, p, p.Services[name]) })
		}
	}
}

// oneShot reports whether a service does something and ends.
func oneShot(service types.ServiceConfig) bool {
	return service.Restart == "no" || strings.HasPrefix(service.Restart, types.RestartPolicyOnFailure)
}

func TestImages(t *testing.T) {
	pinned := regexp.MustCompile(`^[a-z0-9./-]+:\d+\.\d+\.\d+(-[a-z0-9.]+)?$`)
	versions := make(map[string]string)
	each(t, func(t *testing.T, _ stack, _ *types.Project, service types.ServiceConfig) {
		if service.Build != nil {
			return
		}
		if !pinned.MatchString(service.Image) {
			t.Errorf("image %q has no exact version", service.Image)
		}
		name, version, _ := strings.Cut(service.Image, ":")
		if other, ok := versions[name]; ok && other != version {
			t.Errorf("image %s is %s here and %s elsewhere", name, version, other)
		}
		versions[name] = version
	})
}

// TestServices asks of each service what keeps a machine in good health.
func TestServices(t *testing.T) {
	each(t, func(t *testing.T, s stack, p *types.Project, service types.ServiceConfig) {
		if service.MemLimit == 0 {
			t.Error("no memory limit")
		}
		if service.Logging == nil || service.Logging.Driver != "local" {
			t.Error("its log grows without limit")
		}
		if !oneShot(service) && service.Restart != types.RestartPolicyUnlessStopped {
			t.Errorf("restart: %q", service.Restart)
		}
		// The agent has no port that could be asked: it ends if it cannot go on.
		if check := service.HealthCheck; !oneShot(service) && service.Name != "sysmetric" &&
			(check == nil || len(check.Test) < 2 || check.Interval == nil || check.Timeout == nil || check.Retries == nil) {
			t.Error("no health check")
		}
		if service.Build != nil && (!service.ReadOnly || !slices.Equal(service.CapDrop, []string{"ALL"})) {
			t.Error("our own command needs nothing that read_only and cap_drop: [ALL] take away")
		}
		if service.Privileged || service.Pid != "" {
			t.Error("it has the run of the machine")
		}
		for _, volume := range service.Volumes {
			if volume.Type == types.VolumeTypeBind && !volume.ReadOnly {
				t.Errorf("it writes to %s of the host", volume.Source)
			}
		}
		for name, dependency := range service.DependsOn {
			want := types.ServiceConditionHealthy
			if oneShot(p.Services[name]) {
				want = types.ServiceConditionCompletedSuccessfully
			}
			if dependency.Condition != want {
				t.Errorf("it waits for %s with %s, want %s", name, dependency.Condition, want)
			}
		}
		for name, value := range service.Environment {
			if value == nil {
				continue
			}
			if heap := regexp.MustCompile(`-Xmx(\d+)g`).FindStringSubmatch(*value); heap != nil {
				if gib, _ := strconv.Atoi(heap[1]); int64(service.MemLimit) < int64(gib)<<30*2 {
					t.Errorf("%s: beside %d GiB there is not as much again in %d bytes", name, gib, service.MemLimit)
				}
			}
		}
	})
}

// TestStorage: what has to outlive a container has a volume with a name.
func TestStorage(t *testing.T) {
	data := map[string]string{
		"mongo": "/data/db", "opensearchproject/opensearch": "/usr/share/opensearch/data", "graylog/graylog": "/usr/share/graylog/data",
	}
	owner := make(map[string]string)
	each(t, func(t *testing.T, s stack, _ *types.Project, service types.ServiceConfig) {
		image, _, _ := strings.Cut(service.Image, ":")
		dir, ok := data[image]
		if !ok || oneShot(service) {
			return
		}
		i := slices.IndexFunc(service.Volumes, func(v types.ServiceVolumeConfig) bool { return v.Target == dir })
		if i < 0 || service.Volumes[i].Type != types.VolumeTypeVolume || service.Volumes[i].Source == "" {
			t.Fatalf("no named volume at %s", dir)
		}
		volume := s.name + "/" + service.Volumes[i].Source
		if other, ok := owner[volume]; ok {
			t.Errorf("shares %s with %s", volume, other)
		}
		owner[volume] = service.Name
	})
}

// gelfPorts are those of the inputs in the content pack.
func gelfPorts() (ports []int) {
	for _, r := range role.All() {
		ports = append(ports, r.Port)
	}
	return ports
}

// TestPorts: with the settings of make deploy-env, and without any that is no
// secret, Graylog's ports are open to this machine alone.
func TestPorts(t *testing.T) {
	for _, s := range stacks {
		env := environment(t, s)
		maps.DeleteFunc(env, func(name, _ string) bool { return !secret.MatchString(name) && s.env[name] == "" })
		p, err := load(s, env)
		if err != nil {
			t.Fatal(err)
		}
		for _, service := range p.Services {
			for _, port := range service.Ports {
				if port.HostIP != "127.0.0.1" {
					t.Errorf("%s/%s: %d is open at %q without a setting", s.name, service.Name, port.Target, port.HostIP)
				}
			}
		}
	}
	each(t, func(t *testing.T, s stack, _ *types.Project, service types.ServiceConfig) {
		var open, want []int
		for _, port := range service.Ports {
			open = append(open, int(port.Target))
			if port.Published != strconv.Itoa(int(port.Target)) || port.Protocol != "tcp" {
				t.Errorf("%d is open as %s, %s", port.Target, port.Published, port.Protocol)
			}
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%d is open at %q before anyone has said so", port.Target, port.HostIP)
			}
		}
		if service.Name == s.front {
			want = append([]int{9000}, gelfPorts()...)
		}
		if diff := cmp.Diff(want, open); diff != "" {
			t.Errorf("ports (-want +got):\n%s", diff)
		}
	})
}

// TestOpen opens the ports by the variables that are for it.
func TestOpen(t *testing.T) {
	for _, s := range stacks {
		if s.front == "" {
			continue
		}
		env := environment(t, s)
		env["GELF_BIND"], env["WEB_BIND"] = "0.0.0.0", "192.0.2.1"
		p, err := load(s, env)
		if err != nil {
			t.Fatal(err)
		}
		for _, port := range p.Services[s.front].Ports {
			want := env["GELF_BIND"]
			if port.Target == 9000 {
				want = env["WEB_BIND"]
			}
			if port.HostIP != want {
				t.Errorf("%s: %d is open at %s, want %s", s.name, port.Target, port.HostIP, want)
			}
		}
	}
}

// TestNetworks: databases without a password are reached by Graylog alone.
func TestNetworks(t *testing.T) {
	each(t, func(t *testing.T, _ stack, p *types.Project, service types.ServiceConfig) {
		if !strings.HasPrefix(service.Image, "mongo:") && !strings.HasPrefix(service.Image, "opensearchproject/") {
			return
		}
		for name := range service.Networks {
			if !p.Networks[name].Internal {
				t.Errorf("it is in the network %s, which others can reach", name)
			}
			for other, config := range p.Services {
				if _, shares := config.Networks[name]; shares && config.Image == "" {
					t.Errorf("%s shares the network %s", other, name)
				}
			}
		}
	})
}

// A secret variable is one that nobody else may know.
var secret = regexp.MustCompile(`PASSWORD|SECRET|SHA2|MONGO_KEY`)

// TestSecrets: there is no secret but those that were drawn, and none on a command
// line.
func TestSecrets(t *testing.T) {
	env, err := generated()
	if err != nil {
		t.Fatal(err)
	}
	drawn := func(text string) bool {
		for name, value := range env {
			if secret.MatchString(name) && strings.Contains(text, value) {
				return true
			}
		}
		return false
	}
	each(t, func(t *testing.T, _ stack, _ *types.Project, service types.ServiceConfig) {
		for name, value := range service.Environment {
			if (secret.MatchString(name) || strings.HasSuffix(name, "MONGODB_URI")) && (value == nil || !drawn(*value)) {
				t.Errorf("%s has a value that make deploy-env did not draw", name)
			}
		}
		if drawn(strings.Join(service.Command, " ")) || drawn(strings.Join(service.Entrypoint, " ")) {
			t.Error("a secret is on the command line, for every user of the machine to see")
		}
	})
}

// TestRequired: nothing starts without a secret, and one is told where it comes
// from.
func TestRequired(t *testing.T) {
	all, err := generated()
	if err != nil {
		t.Fatal(err)
	}
	used := make(map[string]bool)
	for _, s := range stacks {
		if s.front == "" {
			continue
		}
		for name := range all {
			env := environment(t, s)
			delete(env, name)
			_, err := load(s, env)
			switch {
			case err == nil:
			case !secret.MatchString(name):
				t.Errorf("%s: %s has no default: %v", s.name, name, err)
			default:
				used[name] = true
				if !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "run make deploy-env") {
					t.Errorf("%s without %s: %v", s.name, name, err)
				}
			}
		}
	}
	for name := range all {
		if secret.MatchString(name) && !used[name] {
			t.Errorf("no stack asks for %s, or one has a default for it", name)
		}
	}
	for _, s := range stacks {
		for _, file := range s.files {
			for _, m := range regexp.MustCompile(`\$\{(\w+)([^}]*)\}`).FindAllStringSubmatch(readFile(t, file), -1) {
				if secret.MatchString(m[1]) && m[2] != ":?run make deploy-env" {
					t.Errorf("%s: %s goes without make deploy-env", file, m[0])
				}
			}
		}
	}
	if _, err := load(stack{files: []string{deployDir + "/compose.sysmetric.yaml"}}, nil); err == nil || !strings.Contains(err.Error(), "SYNLOGGER_SERVER") {
		t.Errorf("sysmetric without a server: %v", err)
	}
}

// entrypointOnly are variables that the image's start script reads, and not
// Graylog itself.
var entrypointOnly = map[string]string{
	"GRAYLOG_SERVER_JAVA_OPTS": "added to those of the image",
}

// TestGraylogSettings: Graylog says nothing of a setting that it does not know, so
// that a misspelt one would go unnoticed.
func TestGraylogSettings(t *testing.T) {
	known := knownSettings(t)
	read := 0
	each(t, func(t *testing.T, _ stack, _ *types.Project, service types.ServiceConfig) {
		if !strings.HasPrefix(service.Image, "graylog/graylog:") {
			return
		}
		for name := range service.Environment {
			if _, ok := entrypointOnly[name]; ok {
				continue
			}
			setting, ok := strings.CutPrefix(name, "GRAYLOG_")
			if !ok || !known[strings.ToLower(setting)] {
				t.Errorf("%s is no setting of Graylog", name)
			}
			read++
		}
	})
	if read == 0 {
		t.Error("no service has a setting of Graylog")
	}
}

// TestAgent: an agent in a container looks at its host.
func TestAgent(t *testing.T) {
	s := stacks[slices.IndexFunc(stacks, func(s stack) bool { return s.name == "sysmetric" })]
	agent := project(t, s).Services["sysmetric"]
	for name, dir := range map[string]string{"HOST_PROC": "/proc", "HOST_SYS": "/sys"} {
		at := agent.Environment[name]
		if at == nil || !slices.ContainsFunc(agent.Volumes, func(v types.ServiceVolumeConfig) bool {
			return v.Source == dir && v.Target == *at && v.ReadOnly
		}) {
			t.Errorf("%s is not where %s of the host is mounted", name, dir)
		}
	}
	if agent.NetworkMode != "host" {
		t.Error("it would report the interfaces of its container")
	}
	for name := range agent.Environment {
		if strings.HasPrefix(name, "SYNLOGGER_") && !readFromEnv(name) {
			t.Errorf("role.ConfigFromEnv does not read %s", name)
		}
	}
}

func readFile(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestDockerCompose lets docker compose itself judge, where it is.
func TestDockerCompose(t *testing.T) {
	if out, err := exec.Command("docker", "compose", "version").CombinedOutput(); err != nil {
		t.Skipf("docker compose is not here: %v %s", err, out)
	}
	for _, s := range stacks {
		var file strings.Builder
		for name, value := range environment(t, s) {
			fmt.Fprintf(&file, "%s=%s\n", name, value)
		}
		env := filepath.Join(t.TempDir(), "env")
		if err := os.WriteFile(env, []byte(file.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		args := []string{"compose", "--env-file", env}
		for _, name := range s.files {
			args = append(args, "-f", name)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if out, err := exec.CommandContext(ctx, "docker", append(args, "config", "--quiet")...).CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v\n%s", s.name, err, out)
		}
	}
}
