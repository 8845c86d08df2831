package documents

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestLinks checks that the relative links of the documents lead to files, and their
// fragments to headings.
func TestLinks(t *testing.T) {
	link := regexp.MustCompile(`(?:\]\(|src="|srcset=")([^):"#]*)(?:#([^)"]*))?[)"]`)
	tested := 0
	for _, file := range append(documents(t), "SECURITY.md", "CHANGELOG.md") {
		for _, m := range link.FindAllStringSubmatch(readFile(t, file), -1) {
			tested++
			target := filepath.Join(filepath.Dir(file), m[1])
			if m[1] == "" {
				target = file
			}
			if _, err := os.Stat(filepath.Join(root, target)); err != nil {
				t.Errorf("%s: %v", file, err)
				continue
			}
			if m[2] != "" && !hasHeading(readFile(t, target), m[2]) {
				t.Errorf("%s: %s has no heading #%s", file, target, m[2])
			}
		}
	}
	if tested < 20 {
		t.Errorf("tested %d links, want at least 20", tested)
	}
}

// hasHeading reports whether a document has a heading with this fragment.
func hasHeading(document, fragment string) bool {
	other := regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(document, -1) {
		heading := other.ReplaceAllString(strings.ToLower(m[1]), "")
		if strings.ReplaceAll(heading, " ", "-") == fragment {
			return true
		}
	}
	return false
}

func TestHasHeading(t *testing.T) {
	document := "# A title\n\ntext\n\n### vm.max_map_count, again\n"
	for fragment, want := range map[string]bool{
		"a-title":                true,
		"vmmax_map_count-again":  true,
		"text":                   false,
		"vm.max_map_count-again": false,
	} {
		if got := hasHeading(document, fragment); got != want {
			t.Errorf("hasHeading(%q) = %v, want %v", fragment, got, want)
		}
	}
}
