package deploy_test

import (
	"debug/elf"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// dockerIgnored reports whether .dockerignore excludes a file. It supports two kinds of
// patterns: a path, and **/ with a name in any directory.
func dockerIgnored(t *testing.T, file string) bool {
	t.Helper()
	for line := range strings.Lines(readFile(t, root+"/.dockerignore")) {
		pattern := strings.TrimSpace(line)
		if pattern == "" || strings.HasPrefix(pattern, "#") {
			continue
		}
		name, anywhere := strings.CutPrefix(pattern, "**/")
		for i, element := range strings.Split(file, "/") {
			if ok, err := path.Match(name, element); err != nil {
				t.Fatal(err)
			} else if ok && (anywhere || i == 0) {
				return true
			}
		}
	}
	return false
}

// TestDockerfile builds the command as the Dockerfile does, from the files that
// .dockerignore leaves.
func TestDockerfile(t *testing.T) {
	if testing.Short() {
		t.Skip("a build takes a while")
	}
	text := readFile(t, root+"/Dockerfile")
	for _, m := range regexp.MustCompile(`(?m)^FROM (\S+)`).FindAllStringSubmatch(text, -1) {
		if m[1] != "scratch" && !regexp.MustCompile(`^[a-z]+:\d+\.\d+\.\d+-[a-z]+$`).MatchString(m[1]) {
			t.Errorf("FROM %s has no exact version", m[1])
		}
	}
	if user := regexp.MustCompile(`(?m)^USER (\d+)`).FindStringSubmatch(text); user == nil || user[1] == "0" {
		t.Error("the image runs as root")
	}
	command := regexp.MustCompile(`(CGO_ENABLED=0) go (build [^\n]*) -o /synlogger (\S+)`)
	build := command.FindStringSubmatch(text)
	if build == nil {
		t.Fatal("no line builds the command")
	}

	list := exec.Command("git", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard")
	files, err := list.Output()
	if err != nil {
		t.Skipf("git ls-files: %v", err)
	}
	dir := t.TempDir()
	for file := range strings.Lines(string(files)) {
		if file = strings.TrimSpace(file); dockerIgnored(t, file) {
			continue
		}
		content, err := os.ReadFile(filepath.Join(root, file))
		if os.IsNotExist(err) {
			continue // removed, but not yet committed
		}
		to := filepath.Join(dir, file)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(to), 0o755)
		}
		if err == nil {
			err = os.WriteFile(to, content, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	binary := filepath.Join(dir, "synlogger")
	args := strings.Fields(strings.ReplaceAll(build[2], "'-s -w'", "-s@-w"))
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "@", " ")
	}
	cmd := exec.Command("go", append(args, "-o", binary, build[3])...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), build[1], "GOOS=linux")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	program, err := elf.Open(binary)
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	if libraries, err := program.ImportedLibraries(); err != nil || len(libraries) > 0 {
		t.Errorf("the command needs the libraries %v, which are not in the image; %v", libraries, err)
	}
}
