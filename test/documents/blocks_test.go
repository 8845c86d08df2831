package documents

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The code blocks of README.md, CONTRIBUTING.md and docs/*.md are tested by their
// language:
//
//	go      compiles, outside this module: a file with a package clause, or the
//	        statements of a function, whose imports are found by their names
//	sh      each line is a command that tryCommand knows; # begins a comment, a
//	        backslash continues a line
//	python  prints the record "Hello World!" of a collector
//	text    is output
//
// Blocks that use a collector at 127.0.0.1 are run, in the order of the document; see
// session. If a text block follows such a block, its lines must occur in the output in
// this order. In a line, … matches any characters.
//
// To exclude a block, write a comment with the reason in the line above it:
//
//	<!-- not tested: needs a cluster -->

// documents returns the paths of the documents, relative to the root.
func documents(t *testing.T) (files []string) {
	t.Helper()
	for _, pattern := range []string{"README.md", "CONTRIBUTING.md", "docs/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range found {
			file, err := filepath.Rel(root, file)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
		}
	}
	return files
}

// A block is a code block of a document.
type block struct {
	language string
	text     string
	line     int    // of its first fence
	excluded string // reason why it is not tested, or ""
}

var (
	fence   = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")
	exclude = regexp.MustCompile(`<!-- not tested: (.+) -->\n$`)
)

// blocks returns the code blocks of a document.
func blocks(text string) (found []block) {
	for _, m := range fence.FindAllStringSubmatchIndex(text, -1) {
		b := block{
			language: text[m[2]:m[3]],
			text:     text[m[4]:m[5]],
			line:     1 + strings.Count(text[:m[0]], "\n"),
		}
		if e := exclude.FindStringSubmatch(text[:m[0]]); e != nil {
			b.excluded = e[1]
		}
		found = append(found, b)
	}
	return found
}

func TestBlocks(t *testing.T) {
	text := "# Title\n\n```go\nx := 1\n```\n\n<!-- not tested: needs a cluster -->\n```sh\nmake\n```\n"
	want := []block{{"go", "x := 1\n", 3, ""}, {"sh", "make\n", 8, "needs a cluster"}}
	if got := blocks(text); !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// TestDocuments tests the code blocks of all documents.
func TestDocuments(t *testing.T) {
	tested := map[string]int{}
	for _, file := range documents(t) {
		t.Run(file, func(t *testing.T) {
			text := readFile(t, file)
			s := newSession(t, text)
			for _, b := range blocks(text) {
				t.Run(fmt.Sprintf("line %d", b.line), func(t *testing.T) {
					if b.excluded != "" {
						t.Skip(b.excluded)
					}
					tested[b.language]++
					s.test(t, b)
				})
			}
		})
	}
	if tested["go"] == 0 || tested["sh"] == 0 {
		t.Errorf("tested blocks: %v, want some of go and sh", tested)
	}
}
