package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const unitFile = "synlogger-sysmetric.service"

// TestUnit checks settings of the systemd unit, and the variables that it sets.
func TestUnit(t *testing.T) {
	text := readFile(t, deployDir+"/"+unitFile)
	settings := make(map[string][]string)
	for _, m := range regexp.MustCompile(`(?m)^([A-Z]\w*)=(.*)$`).FindAllStringSubmatch(text, -1) {
		settings[m[1]] = append(settings[m[1]], m[2])
	}
	for name, want := range map[string]string{
		"DynamicUser":              "yes",
		"NoNewPrivileges":          "yes",
		"ProtectSystem":            "strict",
		"CapabilityBoundingSet":    "",
		"Restart":                  "on-failure",
		"RestartPreventExitStatus": "2",
		"SuccessExitStatus":        "42",
	} {
		if got := settings[name]; len(got) != 1 || got[0] != want {
			t.Errorf("%s=%q, want %q", name, got, want)
		}
	}
	// These settings would hide the hardware.
	for _, name := range []string{"ProcSubset", "PrivateNetwork", "MemoryMax"} {
		if settings[name] != nil {
			t.Errorf("%s=%s", name, settings[name])
		}
	}
	text += readFile(t, deployDir+"/sysmetric.env")
	for _, name := range regexp.MustCompile(`SYNLOGGER_[A-Z_]+`).FindAllString(text, -1) {
		if !readFromEnv(t, name) {
			t.Errorf("the command does not read %s", name)
		}
	}
}

// TestUnitVerify checks the unit with systemd.
func TestUnitVerify(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("systemd-analyze is not installed")
	}
	// The program must exist.
	text := strings.Replace(readFile(t, deployDir+"/"+unitFile), "/usr/local/bin/synlogger", "/bin/true", 1)
	file := filepath.Join(t.TempDir(), unitFile)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("systemd-analyze", "verify", "--man=no", file).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}
