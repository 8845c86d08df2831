package kubernetes

import (
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
)

// decode returns the objects of a manifest. Like the strict validation of the API
// server, it rejects unknown and duplicate fields.
func decode(text string) (objects []runtime.Object, err error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, appsv1.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	options := json.SerializerOptions{Yaml: true, Strict: true}
	decoder := json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme, scheme, options)
	for document := range strings.SplitSeq(text, "\n---\n") {
		object, _, err := decoder.Decode([]byte(document), nil, nil)
		if err != nil {
			return nil, err
		}
		if missing := missingFields(reflect.ValueOf(object).Elem(), ""); len(missing) > 0 {
			return nil, fmt.Errorf("%T: required fields are missing: %s", object, strings.Join(missing, ", "))
		}
		objects = append(objects, object)
	}
	return objects, nil
}

// missingFields returns the paths of required fields without a value. In the types of
// the API, these are the fields without omitempty.
func missingFields(v reflect.Value, path string) (missing []string) {
	switch v.Kind() {
	case reflect.Pointer:
		return missingFields(v.Elem(), path)
	case reflect.Slice:
		for i := range v.Len() {
			missing = append(missing, missingFields(v.Index(i), fmt.Sprintf("%s[%d]", path, i))...)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			name, options, tagged := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			switch {
			case name == "" && !tagged:
			case !v.Field(i).IsZero():
				missing = append(missing, missingFields(v.Field(i), path+"."+name)...)
			case name != "" && !strings.Contains(options, "omit"):
				missing = append(missing, path+"."+name)
			}
		}
	}
	return missing
}

// A workload is a DaemonSet or a Deployment.
type workload struct {
	metav1.ObjectMeta
	selector *metav1.LabelSelector
	template corev1.PodTemplateSpec
}

// container returns the only container.
func (w workload) container() corev1.Container { return w.template.Spec.Containers[0] }

// A manifest is a decoded file.
type manifest struct {
	namespaces []*corev1.Namespace
	configMaps map[string]*corev1.ConfigMap
	services   []*corev1.Service
	workloads  []workload
}

// load reads a file of deploy/kubernetes.
func load(t *testing.T, file string) manifest {
	t.Helper()
	objects, err := decode(readFile(t, filepath.Join(root, "deploy/kubernetes", file)))
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	m := manifest{configMaps: make(map[string]*corev1.ConfigMap)}
	for _, object := range objects {
		switch o := object.(type) {
		case *corev1.Namespace:
			m.namespaces = append(m.namespaces, o)
		case *corev1.ConfigMap:
			m.configMaps[o.Name] = o
		case *corev1.Service:
			m.services = append(m.services, o)
		case *appsv1.DaemonSet:
			m.workloads = append(m.workloads, workload{o.ObjectMeta, o.Spec.Selector, o.Spec.Template})
		case *appsv1.Deployment:
			m.workloads = append(m.workloads, workload{o.ObjectMeta, o.Spec.Selector, o.Spec.Template})
		default:
			t.Errorf("%s: objects of the type %T are not tested", file, o)
		}
	}
	if len(m.namespaces) != 1 || len(m.workloads) != 1 || len(m.workloads[0].template.Spec.Containers) != 1 {
		t.Fatalf("%s: want one namespace, and one workload with one container", file)
	}
	return m
}

// each runs a test for each file of deploy/kubernetes.
func each(t *testing.T, test func(*testing.T, manifest, workload)) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "deploy/kubernetes/*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, path := range files {
		file := filepath.Base(path)
		t.Run(file, func(t *testing.T) {
			m := load(t, file)
			test(t, m, m.workloads[0])
		})
	}
}

// TestDecode checks that invalid manifests are rejected.
func TestDecode(t *testing.T) {
	valid := readFile(t, filepath.Join(root, "deploy/kubernetes/application.yaml"))
	for _, tt := range []struct{ before, after, want string }{
		{"replicas: 2", "replicas: 2", ""},
		{"replicas: 2", "replica: 2", `unknown field "spec.replica"`},
		{"replicas: 2", "replicas: two", "cannot unmarshal string"},
		{"replicas: 2", "replicas: 2\n  replicas: 3", `"replicas" already set`},
		{"memory: 64Mi", "memory: 64 MB", "quantities must match"},
		{"apiVersion: apps/v1", "apiVersion: apps/v1beta9", "no kind"},
		{"          image:", "          #image:", ""}, // the API allows it
		{"mountPath: /spool", "subPath: spool", "missing: .spec.template.spec.containers[0].volumeMounts[1].mountPath"},
		{"  selector:\n    matchLabels:\n      app.kubernetes.io/name: worker\n", "", "missing: .spec.selector"},
	} {
		if !strings.Contains(valid, tt.before) {
			t.Fatalf("the manifest does not contain %q", tt.before)
		}
		_, err := decode(strings.Replace(valid, tt.before, tt.after, 1))
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: %v, want %q", tt.after, err, tt.want)
		}
	}
}
