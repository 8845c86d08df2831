package graylog

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// clearEnv removes all settings from the environment.
func clearEnv(t *testing.T) {
	for _, name := range Env() {
		t.Setenv(name, "")
	}
}

func TestSettings(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("from the file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name     string
		env      map[string]string
		settings Settings
		want     Config
		login    bool
	}{
		{
			name: "empty",
			want: Config{User: "admin"},
		},
		{
			name:  "password",
			env:   map[string]string{EnvPassword: "p"},
			want:  Config{User: "admin", Password: "p"},
			login: true,
		},
		{
			name:  "user and password",
			env:   map[string]string{EnvPassword: "p", EnvUser: "u"},
			want:  Config{User: "u", Password: "p"},
			login: true,
		},
		{
			name:     "flags over environment",
			env:      map[string]string{EnvPassword: "p", EnvUser: "u", EnvURL: "http://env"},
			settings: Settings{URL: "http://flag", User: "flag", PasswordFile: file},
			want:     Config{URL: "http://flag", User: "flag", Password: "from the file"},
			login:    true,
		},
		{
			name:  "password file in the environment",
			env:   map[string]string{EnvPasswordFile: file, EnvURL: "http://env"},
			want:  Config{URL: "http://env", User: "admin", Password: "from the file"},
			login: true,
		},
		{
			name:  "token over password",
			env:   map[string]string{EnvToken: "t", EnvPassword: "p", EnvUser: "u"},
			want:  Config{Token: "t"},
			login: true,
		},
		{
			name:     "password file over the token in the environment",
			env:      map[string]string{EnvToken: "t"},
			settings: Settings{PasswordFile: file},
			want:     Config{User: "admin", Password: "from the file"},
			login:    true,
		},
		{
			name:  "token file in the environment",
			env:   map[string]string{EnvTokenFile: file},
			want:  Config{Token: "from the file"},
			login: true,
		},
		{
			name:     "token file over password file",
			settings: Settings{TokenFile: file, PasswordFile: "/none"},
			want:     Config{Token: "from the file"},
			login:    true,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			clearEnv(t)
			for name, value := range tc.env {
				t.Setenv(name, value)
			}
			got, err := tc.settings.Config()
			if got != tc.want || err != nil || got.HasLogin() != tc.login {
				t.Errorf("Config() = %+v, %v; want %+v", got, err, tc.want)
			}
		})
	}
}

func TestSettingsErrors(t *testing.T) {
	clearEnv(t)
	dir := t.TempDir()
	empty, two := filepath.Join(dir, "empty"), filepath.Join(dir, "two")
	for file, text := range map[string]string{empty: "\n", two: "very\nsecret\n"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tc := range []struct {
		settings Settings
		want     string
	}{
		{Settings{PasswordFile: empty}, "read the password file: " + empty + " must contain one line, the password"},
		{Settings{TokenFile: two}, "read the token file: " + two + " must contain one line, the token"},
		{Settings{TokenFile: "/none"}, "read the token file: open /none"},
	} {
		if _, err := tc.settings.Config(); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%+v: the error is %v, want %s", tc.settings, err, tc.want)
		}
	}
}
