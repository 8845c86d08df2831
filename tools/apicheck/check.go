package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"go/version"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A listedPackage is a package as "go list -json" prints it.
type listedPackage struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Export     string            // file with the types
	ImportMap  map[string]string // from a path in the source to an ImportPath
	DepOnly    bool
	Module     *struct{ Main bool }
}

// list returns the packages, their tests and all dependencies, by ImportPath.
func list(dir string, patterns []string) (map[string]listedPackage, error) {
	if len(patterns) == 0 {
		patterns = []string{"./..."}
	}
	args := append([]string{"list", "-test", "-deps", "-export", "-json=ImportPath,Dir,GoFiles,Export," +
		"ImportMap,DepOnly,Module", "--"}, patterns...)
	out, err := goCommand(dir, args...)
	if err != nil {
		return nil, err
	}
	packages := make(map[string]listedPackage)
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listedPackage
		switch err := d.Decode(&p); {
		case errors.Is(err, io.EOF):
			return packages, nil
		case err != nil:
			return nil, fmt.Errorf("go list: %w", err)
		}
		packages[p.ImportPath] = p
	}
}

// check returns the findings in all packages of the main module that match the
// patterns.
func check(packages map[string]listedPackage, newer api, release string) ([]string, error) {
	var paths []string
	for path, p := range packages {
		// The main package of a test binary, p.test, is generated.
		if p.Module != nil && p.Module.Main && !p.DepOnly && !strings.HasSuffix(path, ".test") {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	c := checker{packages: packages, newer: newer, release: release}
	for _, path := range paths {
		if err := c.checkPackage(packages[path]); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	slices.Sort(c.findings)
	return slices.Compact(c.findings), nil // the files of a package are also part of its test
}

type checker struct {
	packages map[string]listedPackage
	newer    api
	release  string
	findings []string

	fset        *token.FileSet // of the package
	fileRelease string
}

func (c *checker) checkPackage(p listedPackage) error {
	c.fset = token.NewFileSet()
	var files []*ast.File
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(c.fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files = append(files, f)
	}
	lookup := func(path string) (io.ReadCloser, error) {
		if mapped, ok := p.ImportMap[path]; ok {
			path = mapped
		}
		return os.Open(c.packages[path].Export)
	}
	info := &types.Info{
		Types:      make(map[ast.Expr]types.TypeAndValue),
		Uses:       make(map[*ast.Ident]types.Object),
		Selections: make(map[*ast.SelectorExpr]*types.Selection),
	}
	var errs []error
	config := types.Config{
		GoVersion: c.release,
		Importer:  importer.ForCompiler(c.fset, "gc", lookup),
		Error:     func(err error) { errs = append(errs, err) },
	}
	name, _, _ := strings.Cut(p.ImportPath, " ")
	_, _ = config.Check(name, c.fset, files, info)
	for _, err := range errs {
		var te types.Error
		if !errors.As(err, &te) || !strings.Contains(te.Msg, "requires go1.") {
			return err
		}
		c.add(te.Pos, te.Msg) // of the language
	}
	for _, f := range files {
		c.fileRelease = c.release
		if version.Compare(f.GoVersion, c.release) > 0 { // //go:build go1.26
			c.fileRelease = f.GoVersion
		}
		c.checkFile(f, info)
	}
	return nil
}

// objectName returns the name of a declaration in its package, or "" for a field
// and for what is not exported.
func objectName(obj types.Object) string {
	if f, ok := obj.(*types.Func); ok {
		if recv := f.Signature().Recv(); recv != nil {
			return memberName(recv.Type(), f.Name())
		}
	}
	if obj.Parent() != obj.Pkg().Scope() {
		return ""
	}
	return obj.Name()
}

// memberName returns the name of a method or field of a type, or "" if the type
// has no name.
func memberName(t types.Type, member string) string {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		return n.Obj().Name() + "." + member
	}
	return ""
}

// checkFile checks the imports, declarations and fields that a file uses.
func (c *checker) checkFile(f *ast.File, info *types.Info) {
	for _, i := range f.Imports {
		if path, err := strconv.Unquote(i.Path.Value); err == nil {
			c.use(i.Pos(), path, "")
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			if obj := info.Uses[n]; obj != nil && obj.Pkg() != nil {
				c.use(n.Pos(), obj.Pkg().Path(), objectName(obj))
			}
		case *ast.SelectorExpr:
			if s := info.Selections[n]; s != nil && s.Kind() == types.FieldVal {
				c.useField(n.Sel.Pos(), s.Recv(), s.Index())
			}
		case *ast.CompositeLit:
			for _, e := range n.Elts {
				kv, ok := e.(*ast.KeyValueExpr)
				if !ok {
					continue
				}
				if key, ok := kv.Key.(*ast.Ident); ok {
					if field, ok := info.Uses[key].(*types.Var); ok && field.IsField() && field.Pkg() != nil {
						c.use(key.Pos(), field.Pkg().Path(), memberName(info.Types[n].Type, key.Name))
					}
				}
			}
		}
		return true
	})
}

// useField checks each field on the path to a selected one: all but the last are
// embedded.
func (c *checker) useField(pos token.Pos, t types.Type, path []int) {
	for _, i := range path {
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		s, ok := t.Underlying().(*types.Struct)
		if !ok {
			return
		}
		field := s.Field(i)
		if field.Pkg() != nil {
			c.use(pos, field.Pkg().Path(), memberName(t, field.Name()))
		}
		t = field.Type()
	}
}

// use adds a finding if a name is newer than the release of the file. The name ""
// is the package itself.
func (c *checker) use(pos token.Pos, pkg, name string) {
	key := strings.TrimSpace(pkg + " " + name)
	if added, ok := c.newer[key]; ok && version.Compare(added, c.fileRelease) > 0 {
		c.add(pos, fmt.Sprintf("%s requires %s, and the module supports %s",
			strings.ReplaceAll(key, " ", "."), added, c.fileRelease))
	}
}

func (c *checker) add(pos token.Pos, text string) {
	c.findings = append(c.findings, fmt.Sprintf("%s: %s", c.fset.Position(pos), text))
}
