package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// source is a package as go list describes it, with what was read of it.
type source struct {
	ImportPath, Dir string
	GoFiles         []string
	ImportMap       map[string]string
	DepOnly         bool           // it is only imported by the others
	Types           *types.Package `json:"-"`
	Files           []*ast.File    `json:"-"` // with comments; nil if DepOnly
}

// loader type-checks packages from their sources, so that neither a compiler nor
// its cache is needed and the host's platform does not matter.
type loader struct {
	fset *token.FileSet
	pkgs map[string]*source
}

// load reads the packages of the given paths and all that they import.
func load(dir string, paths []string) (*loader, error) {
	cmd := exec.Command("go", append([]string{"list", "-deps", "-json=ImportPath,Dir,GoFiles,ImportMap,DepOnly", "--"}, paths...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	l := &loader{token.NewFileSet(), map[string]*source{}}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		s := &source{}
		if err := dec.Decode(s); errors.Is(err, io.EOF) {
			return l, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		// go list names a package after all that it imports.
		if err := l.check(s); err != nil {
			return nil, err
		}
		l.pkgs[s.ImportPath] = s
	}
}

// check parses and type-checks one package without the bodies of its functions.
func (l *loader) check(s *source) error {
	if s.ImportPath == "unsafe" {
		s.Types = types.Unsafe
		return nil
	}
	mode := parser.SkipObjectResolution
	if !s.DepOnly {
		mode |= parser.ParseComments
	}
	var files []*ast.File
	for _, name := range s.GoFiles {
		f, err := parser.ParseFile(l.fset, filepath.Join(s.Dir, name), nil, mode)
		if err != nil {
			return err
		}
		files = append(files, f)
	}
	if !s.DepOnly {
		s.Files = files
	}
	conf := types.Config{
		IgnoreFuncBodies: true,
		Importer:         importer{l, s.ImportMap},
		Sizes:            types.SizesFor("gc", "amd64"),
	}
	var err error
	s.Types, err = conf.Check(s.ImportPath, l.fset, files, nil)
	return err
}

// importer finds the imports of one package, whose ImportMap leads to packages
// that the standard library has vendored.
type importer struct {
	*loader
	vendored map[string]string
}

func (i importer) Import(path string) (*types.Package, error) {
	if p, ok := i.vendored[path]; ok {
		path = p
	}
	if s := i.pkgs[path]; s != nil {
		return s.Types, nil
	}
	return nil, fmt.Errorf("package %s is not loaded", path)
}
