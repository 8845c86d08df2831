// Package kubernetes tests the manifests of deploy/kubernetes: against the types of the
// Kubernetes API, against the code, and by running their containers as a node would.
package kubernetes

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// root is the root of the repository, page the document about the manifests.
const (
	root = "../.."
	page = root + "/docs/KUBERNETES.md"
)

// synlogger is the path of the command, built like the one in the image.
var synlogger string

// envNode is set to the path of the command in the processes of inNode.
const envNode = "SYNLOGGER_TEST_NODE"

func TestMain(m *testing.M) {
	if synlogger = os.Getenv(envNode); synlogger != "" {
		os.Exit(m.Run())
	}
	dir, err := os.MkdirTemp("", "synlogger")
	if err == nil {
		synlogger = filepath.Join(dir, "synlogger")
		err = build(synlogger, "../../cmd/synlogger")
	}
	code := 1
	if err == nil {
		code = m.Run()
	} else {
		fmt.Fprintln(os.Stderr, err)
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

// build compiles a package or a file to a program that needs no libraries.
func build(to, from string) error {
	cmd := exec.Command("go", "build", "-o", to, from)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s: %w\n%s", from, err, out)
	}
	return nil
}

func readFile(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
