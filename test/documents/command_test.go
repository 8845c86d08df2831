package documents

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// commandLines returns the commands of a shell block.
func commandLines(text string) (lines []string) {
	for line := range strings.Lines(strings.ReplaceAll(text, "\\\n", " ")) {
		line, _, _ = strings.Cut(line, " #")
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines
}

var assignment = regexp.MustCompile(`^[A-Z_]+=\S* `)

// tryCommand checks a command of a document as far as possible without its effects:
// files and make targets exist, and flags of synlogger are known.
func tryCommand(t *testing.T, line string) {
	t.Helper()
	for assignment.MatchString(line) {
		_, line, _ = strings.Cut(line, " ")
	}
	words := strings.Fields(strings.TrimPrefix(line, "sudo "))
	switch {
	case words[0] == "make":
		checkTarget(t, words[1])
	case words[0] == "go":
		tryGo(t, words[1:])
	case words[0] == "synlogger":
		checkCommandLine(t, words[1:])
	case strings.HasPrefix(line, "docker compose "):
		tryCompose(t, words[2:])
	case words[0] == "kubectl":
		checkManifests(t, words)
	case words[0] == "install":
		checkInstall(t, words)
	case strings.HasPrefix(words[0], "deploy/"):
		info, err := os.Stat(filepath.Join(root, words[0]))
		if err != nil || info.Mode().Perm()&0o111 == 0 {
			t.Errorf("%s is not executable: %v", words[0], err)
		}
	case strings.HasPrefix(line, "docker build -t "), strings.HasPrefix(line, "docker push "):
	case words[0] == "cd", words[0] == "systemctl", words[0] == "sysctl", strings.HasPrefix(line, "git clone "):
	default:
		t.Errorf("%s: cannot be tested; exclude the block, or add the command to tryCommand", line)
	}
}

// tryGo checks a command of go that fetches this module, or runs its command.
func tryGo(t *testing.T, args []string) {
	t.Helper()
	const module = "github.com/aimakerspace/synlogger"
	if len(args) < 2 {
		t.Fatalf("go %q: arguments are missing", args)
	}
	path, version, _ := strings.Cut(args[1], "@")
	switch {
	case args[0] == "test", args[0] == "build", args[0] == "vet":
	case version == "":
		t.Errorf("go %s: %s has no version", args[0], args[1])
	case args[0] == "get" && path == module:
	case args[0] == "install" && path == module+"/cmd/synlogger":
	case args[0] == "run" && path == module+"/cmd/synlogger":
		checkCommandLine(t, args[2:])
	default:
		t.Errorf("go %s %s: unexpected path", args[0], args[1])
	}
}

// checkTarget checks that the Makefile has a target.
func checkTarget(t *testing.T, name string) {
	t.Helper()
	makefile := readFile(t, "Makefile")
	if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + `:`).MatchString(makefile) {
		t.Errorf("the Makefile has no target %s", name)
	}
}

// checkManifests checks that the file of kubectl apply exists. The tests of the manifests
// check the secrets that kubectl create makes.
func checkManifests(t *testing.T, words []string) {
	t.Helper()
	switch words[1] {
	case "apply":
		if words[2] != "-f" || len(words) != 4 {
			t.Fatalf("%q: want -f and a file", words)
		}
		if _, err := os.Stat(filepath.Join(root, words[3])); err != nil {
			t.Error(err)
		}
	case "create", "rollout", "exec", "logs", "port-forward":
	default:
		t.Errorf("kubectl %s cannot be tested", words[1])
	}
}

// checkInstall checks that the source of an install command exists, and that the
// systemd unit uses the destination.
func checkInstall(t *testing.T, words []string) {
	t.Helper()
	from, to := words[len(words)-2], words[len(words)-1]
	if _, err := os.Stat(filepath.Join(root, from)); err != nil && from != "bin/synlogger" { // made by make build
		t.Error(err)
	}
	unit := readFile(t, "deploy/synlogger-sysmetric.service")
	if !strings.Contains(unit, to) && filepath.Dir(to) != "/etc/systemd/system" {
		t.Errorf("the service does not use %s", to)
	}
}
