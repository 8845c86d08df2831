package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// module writes a module with files to a new directory.
func module(t *testing.T, files map[string]string) string {
	t.Helper()
	t.Setenv("GOWORK", "off")
	t.Setenv("GOFLAGS", "-mod=mod")
	dir := t.TempDir()
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestRun(t *testing.T) {
	for _, tt := range []struct {
		name string
		body string // of package p, which imports the packages that it names
		want string // a part of the only finding, or "" for none
	}{
		{
			name: "a function of the release",
			body: `var _ = bytes.Lines`,
		},
		{
			name: "a newer function",
			body: `var _ = slog.NewMultiHandler`,
			want: "a.go:3:14: log/slog.NewMultiHandler requires go1.26, and the module supports go1.25",
		},
		{
			name: "a newer generic function",
			body: `func f(err error) { errors.AsType[*strconv.NumError](err) }`,
			want: "errors.AsType requires",
		},
		{
			name: "a newer type",
			body: `var _ slog.MultiHandler`,
			want: "log/slog.MultiHandler requires",
		},
		{
			name: "an older method",
			body: `var b bytes.Buffer; var _ = b.Next(1)`,
		},
		{
			name: "a newer method",
			body: `var b bytes.Buffer; var _, _ = b.Peek(1)`,
			want: "bytes.Buffer.Peek requires",
		},
		{
			name: "a newer method of an embedded type",
			body: `type T struct{ *bytes.Buffer }; var _, _ = T{}.Peek(1)`,
			want: "bytes.Buffer.Peek requires",
		},
		{
			name: "a newer method of an interface",
			body: `func f(t testing.TB) { t.ArtifactDir() }`,
			want: "testing.TB.ArtifactDir requires",
		},
		{
			name: "a method of the same name",
			body: `type T struct{}; func (T) Peek(int) {}; func f() { T{}.Peek(1) }`,
		},
		{
			name: "a newer field",
			body: `func f(c tls.ConnectionState) bool { return c.HelloRetryRequest }`,
			want: "crypto/tls.ConnectionState.HelloRetryRequest requires",
		},
		{
			name: "a newer field in a literal",
			body: `var _ = tls.ConnectionState{HelloRetryRequest: true}`,
			want: "crypto/tls.ConnectionState.HelloRetryRequest requires",
		},
		{
			name: "a newer field of an embedded type",
			body: `type T struct{ tls.ConnectionState }; var _ = T{}.HelloRetryRequest`,
			want: "crypto/tls.ConnectionState.HelloRetryRequest requires",
		},
		{
			name: "a newer package",
			body: `var _ = hpke.AES128GCM`,
			want: "crypto/hpke requires",
		},
		{
			name: "a deprecated field",
			body: `func f(k ecdsa.PublicKey) any { return k.X }`,
		},
		{
			name: "a newer feature of the language",
			body: `var _ = new(5)`,
			want: "requires go1.26",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var imports strings.Builder
			for name, path := range map[string]string{
				"bytes": "bytes", "slog": "log/slog", "errors": "errors", "strconv": "strconv", "testing": "testing",
				"tls": "crypto/tls", "hpke": "crypto/hpke", "ecdsa": "crypto/ecdsa",
			} {
				if strings.Contains(tt.body, name+".") {
					fmt.Fprintf(&imports, "import %q;", path)
				}
			}
			dir := module(t, map[string]string{
				"go.mod": "module example.com/m\n\ngo 1.26\n",
				"a.go":   "package p\n" + imports.String() + "\n" + tt.body + "\n",
			})
			findings, err := run(dir, "1.25", nil)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(findings, "\n")
			if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
				t.Errorf("findings %q, want %q", got, tt.want)
			}
		})
	}
}

// TestRunReadsTests covers tests inside and outside a package, a package without
// other files than tests, and a file for newer releases.
func TestRunReadsTests(t *testing.T) {
	dir := module(t, map[string]string{
		"go.mod":           "module example.com/m\n\ngo 1.25\n",
		"p/p.go":           "package p\n",
		"p/export_test.go": "package p\n\nimport \"bytes\"\n\nvar Peek = (*bytes.Buffer).Peek\n",
		"p/p_test.go": "package p_test\n\nimport (\n\t\"example.com/m/p\"\n\t\"log/slog\"\n)\n\n" +
			"var _ = slog.NewMultiHandler\nvar _ = p.Peek\n",
		"p/new_test.go": "//go:build go1.26\n\npackage p\n\nimport \"log/slog\"\n\n" +
			"var _ = slog.NewMultiHandler\nvar _ = new(5)\n",
		"q/q_test.go": "package q\n\nimport \"log/slog\"\n\nvar _ = slog.NewMultiHandler\n",
	})
	for release, want := range map[string]int{"1.25": 3, "1.26": 0, "": 3} {
		findings, err := run(dir, release, nil)
		if err != nil || len(findings) != want {
			t.Errorf("-go %q: findings %q, %v; want %d", release, findings, err, want)
		}
	}
}

func TestRunErrors(t *testing.T) {
	dir := module(t, map[string]string{"go.mod": "module example.com/m\n\ngo 1.25\n", "a.go": "package p\n"})
	if _, err := run(dir, "one", nil); err == nil || !strings.Contains(err.Error(), "is not a Go version") {
		t.Errorf("-go one: %v", err)
	}
	if _, err := run(t.TempDir(), "", nil); err == nil {
		t.Error("a directory without go.mod is not an error")
	}
	dir = module(t, map[string]string{
		"go.mod": "module example.com/m\n\ngo 1.25\n",
		"a.go":   "package p\n\nvar x = y\n",
	})
	if _, err := run(dir, "", nil); err == nil {
		t.Error("a package that does not compile is not an error")
	}
}
