// Package namespace runs tests in processes with namespaces of their own.
package namespace

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// Again runs the calling test again in a process with these attributes. It returns true
// in that process, where the environment variable is set to value. Otherwise it reports
// the result of the process, or skips the test if the system does not allow the process
// or the process skips it.
func Again(t *testing.T, attr syscall.SysProcAttr, variable, value string) bool {
	t.Helper()
	if os.Getenv(variable) != "" {
		return true
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), variable+"="+value)
	cmd.SysProcAttr = &attr
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err != nil && !errors.As(err, &exit):
		t.Skipf("cannot create namespaces: %v", err)
	case strings.Contains(string(out), "--- SKIP"):
		t.Skipf("%s", out)
	case err != nil:
		t.Errorf("%s", out)
	default:
		t.Logf("%s", out)
	}
	return false
}
