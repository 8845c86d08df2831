package kubernetes

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/aimakerspace/synlogger/role"
)

// A node contains what a kubelet adds to the manifest.
type node struct {
	pod     string                       // name of the pod
	name    string                       // of the node
	config  map[string]string            // values instead of those of config maps
	secrets map[string]map[string]string // values by name and key
}

// field returns the value of a fieldRef. The API allows these paths in variables.
func (n node) field(path string, w workload) (string, error) {
	switch path {
	case "metadata.name":
		return n.pod, nil
	case "metadata.namespace":
		return w.Namespace, nil
	case "spec.nodeName":
		return n.name, nil
	}
	if m := regexp.MustCompile(`^metadata\.labels\['(.+)'\]$`).FindStringSubmatch(path); m != nil {
		if value, ok := w.template.Labels[m[1]]; ok {
			return value, nil
		}
		return "", fmt.Errorf("the pod has no label %s", m[1])
	}
	return "", fmt.Errorf("unknown fieldPath %q", path)
}

var reference = regexp.MustCompile(`\$\(([^)]*)\)`)

// environment returns the variables of the container, as the kubelet sets them. A
// reference $(NAME) is replaced only if the variable comes before it.
func (n node) environment(m manifest, w workload) (env map[string]string, err error) {
	env = make(map[string]string)
	for _, from := range w.container().EnvFrom {
		config := m.configMaps[from.ConfigMapRef.Name]
		if config == nil || config.Namespace != w.Namespace {
			return nil, fmt.Errorf("the config map %s does not exist in %s", from.ConfigMapRef.Name, w.Namespace)
		}
		maps.Copy(env, config.Data)
	}
	for name := range env {
		if value, ok := n.config[name]; ok {
			env[name] = value
		}
	}
	for _, v := range w.container().Env {
		value := v.Value
		if v.ValueFrom != nil {
			if value, err = n.from(v.ValueFrom, w); err != nil {
				return nil, fmt.Errorf("%s: %w", v.Name, err)
			}
		}
		for _, m := range reference.FindAllStringSubmatch(value, -1) {
			if _, ok := env[m[1]]; !ok {
				return nil, fmt.Errorf("%s: no variable %s comes before it", v.Name, m[1])
			}
		}
		env[v.Name] = reference.ReplaceAllStringFunc(value, func(r string) string { return env[r[2:len(r)-1]] })
	}
	return env, nil
}

// from returns the value of a source.
func (n node) from(source *corev1.EnvVarSource, w workload) (string, error) {
	switch {
	case source.FieldRef != nil:
		return n.field(source.FieldRef.FieldPath, w)
	case source.SecretKeyRef != nil:
		return n.secrets[source.SecretKeyRef.Name][source.SecretKeyRef.Key], nil
	}
	return "", fmt.Errorf("the source %v is not tested", source)
}

// environment returns the variables of a workload on a node.
func environment(t *testing.T, m manifest, w workload) map[string]string {
	t.Helper()
	env, err := node{pod: "pod-0", name: "node-a", secrets: secrets(t)[w.Namespace]}.environment(m, w)
	if err != nil {
		t.Fatal(err)
	}
	return env
}

// secrets returns the secrets that the commands of the page create, by namespace, name
// and key. The values are the arguments.
func secrets(t *testing.T) map[string]map[string]map[string]string {
	t.Helper()
	all := make(map[string]map[string]map[string]string)
	text := strings.ReplaceAll(readFile(t, page), "\\\n", " ")
	command := regexp.MustCompile(`(?m)^kubectl create secret generic (\S+) --namespace (\S+) (.*)$`)
	for _, m := range command.FindAllStringSubmatch(text, -1) {
		if all[m[2]] == nil {
			all[m[2]] = make(map[string]map[string]string)
		}
		data := make(map[string]string)
		for _, arg := range strings.Fields(m[3]) {
			if _, value, ok := strings.Cut(arg, "="); ok {
				key, value, _ := strings.Cut(value, "=")
				data[key] = value
			}
		}
		all[m[2]][m[1]] = data
	}
	return all
}

// TestEnvironment checks that the variables exist and have valid values.
func TestEnvironment(t *testing.T) {
	known := readFile(t, root+"/docs/CONFIGURATION.md") // which is tested against the code
	each(t, func(t *testing.T, m manifest, w workload) {
		env := environment(t, m, w)
		for _, name := range slices.Sorted(maps.Keys(env)) {
			ours := strings.HasPrefix(name, "SYNLOGGER_") || strings.HasPrefix(name, "HOST_")
			if ours && !strings.Contains(known, "`"+name+"`") {
				t.Errorf("no program reads the variable %s", name)
			}
			if env[name] == "" {
				t.Errorf("%s is empty", name)
			}
			t.Setenv(name, env[name])
		}
		if _, err := role.ConfigFromEnv(); err != nil {
			t.Error(err)
		}
	})
}

// TestExpansion checks that wrong references are noticed.
func TestExpansion(t *testing.T) {
	m := load(t, "application.yaml")
	for _, tt := range []struct {
		env  corev1.EnvVar
		want string
	}{
		{corev1.EnvVar{Name: "A", Value: "$(POD)"}, "A: no variable POD comes before it"},
		{corev1.EnvVar{Name: "A", Value: "$(A)"}, "A: no variable A comes before it"},
		{corev1.EnvVar{Name: "A", ValueFrom: &corev1.EnvVarSource{
			FieldRef: &corev1.ObjectFieldSelector{FieldPath: "metadata.labels"},
		}}, `unknown fieldPath "metadata.labels"`},
		{corev1.EnvVar{Name: "A", ValueFrom: &corev1.EnvVarSource{
			FieldRef: &corev1.ObjectFieldSelector{FieldPath: "metadata.labels['tier']"},
		}}, "the pod has no label tier"},
	} {
		w := workload{ObjectMeta: m.workloads[0].ObjectMeta}
		w.template.Spec.Containers = []corev1.Container{{Env: []corev1.EnvVar{tt.env}}}
		if _, err := (node{}).environment(m, w); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v: %v, want %q", tt.env, err, tt.want)
		}
	}
}

// TestPageFields checks that the page shows the fields of the application.
func TestPageFields(t *testing.T) {
	text := readFile(t, page)
	for _, v := range load(t, "application.yaml").workloads[0].container().Env {
		if v.Name != "SYNLOGGER_FIELDS" {
			continue
		}
		if !strings.Contains(text, "\n"+v.Value+"\n") {
			t.Errorf("the page does not show %s", v.Value)
		}
		return
	}
	t.Error("the application has no SYNLOGGER_FIELDS")
}
