package deploy_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"

	"github.com/aimakerspace/synlogger/contentpack"
	"github.com/aimakerspace/synlogger/role"
)

// TestImages checks that images have exact versions, the same one everywhere.
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

// TestServices checks limits, restarts, health checks, privileges and dependencies.
func TestServices(t *testing.T) {
	each(t, func(t *testing.T, s stack, p *types.Project, service types.ServiceConfig) {
		if service.MemLimit == 0 {
			t.Error("no memory limit")
		}
		if service.Logging == nil || service.Logging.Driver != "local" {
			t.Error("its log has no limit")
		}
		if !oneShot(service) && service.Restart != types.RestartPolicyUnlessStopped {
			t.Errorf("restart: %q", service.Restart)
		}
		if !oneShot(service) && !completeCheck(service.HealthCheck) {
			t.Error("no complete health check")
		}
		if service.Build != nil && (!service.ReadOnly || !slices.Equal(service.CapDrop, []string{"ALL"})) {
			t.Error("the command synlogger needs read_only and cap_drop: [ALL]")
		}
		if service.Privileged || service.Pid != "" {
			t.Error("it is privileged, or sees the processes of the host")
		}
		for _, volume := range service.Volumes {
			if volume.Type == types.VolumeTypeBind && !volume.ReadOnly {
				t.Errorf("it may write to %s of the host", volume.Source)
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
					t.Errorf("%s: a heap of %d GiB is more than half of %d bytes", name, gib, service.MemLimit)
				}
			}
		}
	})
}

// completeCheck reports whether a health check has a command and limits.
func completeCheck(check *types.HealthCheckConfig) bool {
	return check != nil && len(check.Test) >= 2 &&
		check.Interval != nil && check.Timeout != nil && check.Retries != nil
}

// TestStorage checks that data that must outlive a container is in a named volume.
func TestStorage(t *testing.T) {
	data := map[string]string{
		"mongo":                        "/data/db",
		"opensearchproject/opensearch": "/usr/share/opensearch/data",
		"graylog/graylog":              "/usr/share/graylog/data",
		"graylog/graylog-datanode":     "/var/lib/graylog-datanode",
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

// gelfPorts returns the ports of the inputs in the content pack.
func gelfPorts() (ports []int) {
	for _, r := range role.All() {
		ports = append(ports, r.Port)
	}
	return ports
}

// TestPorts checks that only the local machine reaches Graylog's ports, both with the
// variables of make deploy-env and with the secrets alone.
func TestPorts(t *testing.T) {
	for _, s := range stacks {
		env := environment(t, s)
		maps.DeleteFunc(env, func(name, _ string) bool {
			return !secret.MatchString(name) && s.env[name] == ""
		})
		p, err := load(s, env)
		if err != nil {
			t.Fatal(err)
		}
		for _, service := range p.Services {
			for _, port := range service.Ports {
				if port.HostIP != "127.0.0.1" {
					t.Errorf("%s/%s: the port %d is open at %q by default",
						s.name, service.Name, port.Target, port.HostIP)
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
				t.Errorf("%d is open at %q by default", port.Target, port.HostIP)
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

// TestOpen opens the ports with GELF_BIND and WEB_BIND.
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

// TestNetworks checks that only Graylog reaches databases without a password.
func TestNetworks(t *testing.T) {
	each(t, func(t *testing.T, _ stack, p *types.Project, service types.ServiceConfig) {
		if !strings.HasPrefix(service.Image, "mongo:") && !strings.HasPrefix(service.Image, "opensearchproject/") {
			return
		}
		for name := range service.Networks {
			if !p.Networks[name].Internal {
				t.Errorf("its network %s is not internal", name)
			}
			for other, config := range p.Services {
				if _, shares := config.Networks[name]; shares && config.Image == "" {
					t.Errorf("%s shares the network %s", other, name)
				}
			}
		}
	})
}

// entrypointOnly lists variables that only the start script of the image reads.
var entrypointOnly = map[string]string{
	"GRAYLOG_SERVER_JAVA_OPTS": "added to the options of the image",
}

// TestGraylogSettings checks the names of Graylog's settings. Graylog ignores unknown
// settings without an error.
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
				t.Errorf("%s is not a setting of Graylog", name)
			}
			read++
		}
	})
	if read == 0 {
		t.Error("no service has a setting of Graylog")
	}
}

// dataNodeSettings are settings of a Data Node 7.1.7 (graylog2-server: the classes
// Configuration of data-node, and MongoDbConfiguration).
var dataNodeSettings = []string{"password_secret", "mongodb_uri", "node_id_file", "opensearch_heap"}

// TestDataNode checks the stack with a Data Node: it has no OpenSearch beside it, the
// version and the secret of Graylog, and known settings.
func TestDataNode(t *testing.T) {
	s := stacks[slices.IndexFunc(stacks, func(s stack) bool { return s.name == "one machine, Data Node" })]
	p := project(t, s)
	node, graylog := p.Services["datanode"], p.Services["graylog"]
	for name, service := range p.Services {
		if strings.HasPrefix(service.Image, "opensearchproject/") {
			t.Errorf("%s runs another OpenSearch", name)
		}
	}
	_, version, _ := strings.Cut(node.Image, ":")
	if !strings.HasSuffix(graylog.Image, ":"+version) {
		t.Errorf("the Data Node is %s, and Graylog %s", node.Image, graylog.Image)
	}
	if _, ok := graylog.Environment["GRAYLOG_ELASTICSEARCH_HOSTS"]; ok {
		t.Error("Graylog does not use a Data Node if GRAYLOG_ELASTICSEARCH_HOSTS is set")
	}
	value := func(env types.MappingWithEquals, name string) string {
		if v := env[name]; v != nil {
			return *v
		}
		return ""
	}
	for suffix, name := range map[string]string{
		"PASSWORD_SECRET": "GRAYLOG_PASSWORD_SECRET",
		"MONGODB_URI":     "GRAYLOG_MONGODB_URI",
	} {
		got, want := value(node.Environment, "GRAYLOG_DATANODE_"+suffix), value(graylog.Environment, name)
		if got == "" || got != want {
			t.Errorf("%s of the Data Node differs from that of Graylog", suffix)
		}
	}
	for name := range node.Environment {
		setting, ok := strings.CutPrefix(name, "GRAYLOG_DATANODE_")
		if !ok || !slices.Contains(dataNodeSettings, strings.ToLower(setting)) {
			t.Errorf("%s is not a setting of the Data Node", name)
		}
	}
}

// TestIndexTemplate checks that the stacks with an OpenSearch put the template of package
// contentpack there before Graylog creates an index.
func TestIndexTemplate(t *testing.T) {
	found := 0
	each(t, func(t *testing.T, _ stack, p *types.Project, service types.ServiceConfig) {
		if service.Name != "index-template" {
			return
		}
		found++
		want, err := json.Marshal(contentpack.NewIndexTemplate("graylog_*"))
		if err != nil {
			t.Fatal(err)
		}
		if len(service.Command) != 1 || service.Command[0] != string(want) {
			t.Errorf("it puts %q, want %s", service.Command, want)
		}
		url := service.Entrypoint[len(service.Entrypoint)-2]
		if !strings.HasSuffix(url, "/_template/"+contentpack.IndexTemplateName) {
			t.Errorf("it puts the template at %s", url)
		}
		waits := 0
		for _, other := range p.Services {
			if _, ok := other.DependsOn[service.Name]; ok && strings.HasPrefix(other.Image, "graylog/graylog:") {
				waits++
			}
		}
		if waits != 1 {
			t.Errorf("%d services graylog wait for it, want 1: the first one", waits)
		}
	})
	if found != 4 {
		t.Errorf("%d stacks put the template, want 4", found)
	}
}

// TestAgent checks that an agent in a container measures its host.
func TestAgent(t *testing.T) {
	s := stacks[slices.IndexFunc(stacks, func(s stack) bool { return s.name == "sysmetric" })]
	agent := project(t, s).Services["sysmetric"]
	for name, dir := range map[string]string{"HOST_PROC": "/proc", "HOST_SYS": "/sys"} {
		at := agent.Environment[name]
		if at == nil || !slices.ContainsFunc(agent.Volumes, func(v types.ServiceVolumeConfig) bool {
			return v.Source == dir && v.Target == *at && v.ReadOnly
		}) {
			t.Errorf("%s is not the mount point of %s", name, dir)
		}
	}
	if agent.NetworkMode != "host" {
		t.Error("it would measure the interfaces of its container")
	}
	for name := range agent.Environment {
		if strings.HasPrefix(name, "SYNLOGGER_") && !readFromEnv(t, name) {
			t.Errorf("the command does not read %s", name)
		}
	}
}

// TestDockerCompose checks the stacks with docker compose.
func TestDockerCompose(t *testing.T) {
	if out, err := exec.Command("docker", "compose", "version").CombinedOutput(); err != nil {
		t.Skipf("docker compose is not installed: %v %s", err, out)
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
		for _, name := range s.paths() {
			args = append(args, "-f", name)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, "docker", append(args, "config", "--quiet")...)
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v\n%s", s.name, err, out)
		}
	}
}
