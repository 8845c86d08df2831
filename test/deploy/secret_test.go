package deploy_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
)

// secret matches the names of secret variables.
var secret = regexp.MustCompile(`PASSWORD|SECRET|SHA2|MONGO_KEY`)

// TestSecrets checks that make deploy-env generated every secret, and that command lines
// contain no secret.
func TestSecrets(t *testing.T) {
	env, err := generated()
	if err != nil {
		t.Fatal(err)
	}
	random := func(text string) bool {
		for name, value := range env {
			if secret.MatchString(name) && strings.Contains(text, value) {
				return true
			}
		}
		return false
	}
	each(t, func(t *testing.T, _ stack, _ *types.Project, service types.ServiceConfig) {
		for name, value := range service.Environment {
			if !secret.MatchString(name) && !strings.HasSuffix(name, "MONGODB_URI") {
				continue
			}
			if value == nil || !random(*value) {
				t.Errorf("the value of %s contains no secret of make deploy-env", name)
			}
		}
		if random(strings.Join(service.Command, " ")) || random(strings.Join(service.Entrypoint, " ")) {
			t.Error("the command line contains a secret, and every user of the machine can read it")
		}
	})
}

// TestRequired checks that no stack starts without one of its secrets, that the error
// names the target that generates them, and that other variables have defaults.
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
			t.Errorf("no stack requires %s", name)
		}
	}
}

// TestRequiredText checks the error text of each secret in the files.
func TestRequiredText(t *testing.T) {
	variable := regexp.MustCompile(`\$\{(\w+)([^}]*)\}`)
	checked := 0
	for _, s := range stacks {
		for _, file := range s.paths() {
			for _, m := range variable.FindAllStringSubmatch(readFile(t, file), -1) {
				if !secret.MatchString(m[1]) {
					continue
				}
				checked++
				if m[2] != ":?run make deploy-env" {
					t.Errorf("%s: %s does not name make deploy-env", file, m[0])
				}
			}
		}
	}
	if checked == 0 {
		t.Error("the files use no secret")
	}
}

// TestServerRequired checks that the agent does not start without a server.
func TestServerRequired(t *testing.T) {
	_, err := load(stack{files: []string{"compose.sysmetric.yaml"}}, nil)
	if err == nil || !strings.Contains(err.Error(), "SYNLOGGER_SERVER") {
		t.Errorf("error %v, want one that names SYNLOGGER_SERVER", err)
	}
}
