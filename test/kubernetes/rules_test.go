package kubernetes

import (
	"maps"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/aimakerspace/synlogger/delivery"
	"github.com/aimakerspace/synlogger/role"
)

// TestSelectors checks that workloads and services select the pods of their file.
func TestSelectors(t *testing.T) {
	each(t, func(t *testing.T, m manifest, w workload) {
		selector, err := metav1.LabelSelectorAsSelector(w.selector)
		if err != nil {
			t.Fatal(err)
		}
		if selector.Empty() || !selector.Matches(labels.Set(w.template.Labels)) {
			t.Errorf("the selector %v does not match the labels %v", selector, w.template.Labels)
		}
		if w.Namespace != m.namespaces[0].Name {
			t.Errorf("the namespace %s is not in the file", w.Namespace)
		}
		for _, s := range m.services {
			selects := labels.SelectorFromSet(s.Spec.Selector).Matches(labels.Set(w.template.Labels))
			if s.Namespace != w.Namespace || !selects {
				t.Errorf("the service %s does not select the pods", s.Name)
			}
			for _, p := range s.Spec.Ports {
				if portNumber(w, p.TargetPort.StrVal) != p.Port {
					t.Errorf("the port %d of the service leads to %s, another port", p.Port, &p.TargetPort)
				}
			}
		}
	})
}

// portNumber returns the number of a port of the container, or 0.
func portNumber(w workload, name string) int32 {
	for _, p := range w.container().Ports {
		if p.Name == name {
			return p.ContainerPort
		}
	}
	return 0
}

// TestCollectorPorts checks that the service of the collector has the ports of all roles.
func TestCollectorPorts(t *testing.T) {
	m := load(t, "collector.yaml")
	for _, r := range role.All() {
		name := strings.ToLower(r.Name)
		if got := portNumber(m.workloads[0], name); got != int32(r.Port) {
			t.Errorf("the port %s is %d, want %d", name, got, r.Port)
		}
		if !slices.ContainsFunc(m.services[0].Spec.Ports, func(p corev1.ServicePort) bool { return p.Name == name }) {
			t.Errorf("the service has no port %s", name)
		}
	}
}

// TestVolumes checks the volumes, and the variables and arguments that refer to them.
func TestVolumes(t *testing.T) {
	each(t, func(t *testing.T, m manifest, w workload) {
		c, env := w.container(), environment(t, m, w)
		volumes := make(map[string]corev1.Volume)
		for _, v := range w.template.Spec.Volumes {
			volumes[v.Name] = v
		}
		for _, mount := range c.VolumeMounts {
			v, ok := volumes[mount.Name]
			if !ok {
				t.Errorf("the volume %s does not exist", mount.Name)
			}
			delete(volumes, mount.Name)
			var used bool // by a variable or an argument
			for _, value := range append(slices.Collect(maps.Values(env)), c.Args...) {
				used = used || value == mount.MountPath || path.Dir(value) == mount.MountPath
			}
			if !used {
				t.Errorf("nothing uses %s", mount.MountPath)
			}
			if v.EmptyDir == nil && !mount.ReadOnly {
				t.Errorf("the container can write to %s", mount.MountPath)
			}
			if v.EmptyDir != nil && v.EmptyDir.SizeLimit == nil {
				t.Errorf("%s has no limit", mount.MountPath)
			}
			if v.Secret != nil {
				checkSecret(t, w, env, v.Secret.SecretName, mount.MountPath)
			}
			if v.EmptyDir != nil && path.Dir(env["SYNLOGGER_SPOOL_DIR"]) == mount.MountPath {
				t.Setenv("SYNLOGGER_SPOOL_BYTES", env["SYNLOGGER_SPOOL_BYTES"])
				cfg, _ := role.ConfigFromEnv()
				size, limit := cfg.Delivery.SpoolBytes, v.EmptyDir.SizeLimit.Value()
				if size <= 0 || size >= limit {
					t.Errorf("a spool of %d bytes does not fit into %d bytes", size, limit)
				}
			}
		}
		if len(volumes) > 0 {
			t.Errorf("volumes without a mount: %v", volumes)
		}
	})
}

// checkSecret checks that the page creates a secret with the files that variables name.
func checkSecret(t *testing.T, w workload, env map[string]string, name, mountPath string) {
	t.Helper()
	data, ok := secrets(t)[w.Namespace][name]
	if !ok {
		t.Errorf("no command creates the secret %s in %s", name, w.Namespace)
	}
	for variable, value := range env {
		if path.Dir(value) == mountPath && data[path.Base(value)] == "" {
			t.Errorf("%s is %s, which is not in the secret %s: %v", variable, value, name, data)
		}
	}
}

// TestSecurity checks that a container has no more privileges than it needs.
func TestSecurity(t *testing.T) {
	each(t, func(t *testing.T, m manifest, w workload) {
		spec, c := w.template.Spec, w.container()
		pod, own := spec.SecurityContext, c.SecurityContext
		switch {
		case pod.RunAsNonRoot == nil || !*pod.RunAsNonRoot || pod.RunAsUser == nil || *pod.RunAsUser == 0:
			t.Error("it may run as root")
		case pod.SeccompProfile == nil || pod.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault:
			t.Error("no seccomp profile")
		case own.ReadOnlyRootFilesystem == nil || !*own.ReadOnlyRootFilesystem:
			t.Error("it can write to its root")
		case own.AllowPrivilegeEscalation == nil || *own.AllowPrivilegeEscalation || own.Privileged != nil:
			t.Error("it can get more privileges")
		case !slices.Equal(own.Capabilities.Drop, []corev1.Capability{"ALL"}) || len(own.Capabilities.Add) > 0:
			t.Error("it has capabilities")
		case spec.HostNetwork || spec.HostPID || spec.HostIPC:
			t.Error("it uses namespaces of the host")
		case spec.AutomountServiceAccountToken == nil || *spec.AutomountServiceAccountToken:
			t.Error("it can use the API of Kubernetes")
		}
		limits, requests := c.Resources.Limits, c.Resources.Requests
		if limits.Memory().IsZero() || requests.Memory().IsZero() || requests.Cpu().IsZero() {
			t.Error("no memory limit, or no requests")
		}
		host := slices.ContainsFunc(spec.Volumes, func(v corev1.Volume) bool { return v.HostPath != nil })
		want := map[bool]string{true: "privileged", false: "restricted"}[host]
		if got := m.namespaces[0].Labels["pod-security.kubernetes.io/enforce"]; got != want {
			t.Errorf("the namespace has the level %q, want %q", got, want)
		}
	})
}

// TestGracePeriod checks that a pod has the time to deliver its last records.
func TestGracePeriod(t *testing.T) {
	each(t, func(t *testing.T, _ manifest, w workload) {
		seconds := w.template.Spec.TerminationGracePeriodSeconds
		if seconds == nil || time.Duration(*seconds)*time.Second < 2*delivery.CloseTimeout {
			t.Errorf("the grace period is too short for Close, which takes up to %v", delivery.CloseTimeout)
		}
	})
}

// TestProbes checks that the probes exist, and that a probe of liveness does not depend
// on other servers.
func TestProbes(t *testing.T) {
	each(t, func(t *testing.T, _ manifest, w workload) {
		c := w.container()
		for name, p := range map[string]*corev1.Probe{
			"livenessProbe":  c.LivenessProbe,
			"readinessProbe": c.ReadinessProbe,
		} {
			switch {
			case p == nil:
				t.Errorf("no %s", name)
			case p.TimeoutSeconds < 5:
				t.Errorf("%s: the timeout of %d s is short for a busy node", name, p.TimeoutSeconds)
			case p.HTTPGet != nil && portNumber(w, p.HTTPGet.Port.StrVal) == 0:
				t.Errorf("%s: the port %s does not exist", name, &p.HTTPGet.Port)
			case p.Exec != nil:
				checkCommandLine(t, p.Exec.Command[1:])
			}
		}
		if p := c.LivenessProbe; p.Exec != nil && slices.Contains(p.Exec.Command, "--delivery") {
			t.Error("the agent would be restarted while Graylog is down")
		}
	})
}

// TestArgs checks the command lines of the containers that run the command.
func TestArgs(t *testing.T) {
	checked := 0
	each(t, func(t *testing.T, _ manifest, w workload) {
		if args := w.container().Args; len(args) > 0 {
			checked++
			checkCommandLine(t, args)
		}
	})
	if checked != 2 {
		t.Errorf("%d containers run the command, want 2", checked)
	}
}

// checkCommandLine checks the command and the flags of a command line without running
// it: with --help, the command prints its help.
func checkCommandLine(t *testing.T, args []string) {
	t.Helper()
	out, err := exec.Command(synlogger, append(slices.Clone(args), "--help")...).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "\nUsage:\n  synlogger "+args[0]+" ") {
		t.Errorf("synlogger %q: %v\n%s", args, err, out)
	}
}

// TestImages checks that the page builds the images of the manifests, and that the image
// of the command has the version of the module.
func TestImages(t *testing.T) {
	version := regexp.MustCompile(`replace \S+/synlogger (v\S+) =>`).FindStringSubmatch(readFile(t, root+"/go.work"))
	if version == nil {
		t.Fatal("go.work has no version")
	}
	text := readFile(t, page)
	each(t, func(t *testing.T, _ manifest, w workload) {
		c := w.container()
		name, tag, _ := strings.Cut(path.Base(c.Image), ":")
		if name == "synlogger" && tag != version[1] {
			t.Errorf("%s, want the version %s", c.Image, version[1])
		}
		if len(c.Args) > 0 != (name == "synlogger") {
			t.Errorf("%s has the arguments %q", c.Image, c.Args)
		}
		if !strings.Contains(text, c.Image) {
			t.Errorf("the page does not mention %s", c.Image)
		}
	})
}
