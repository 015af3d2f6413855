package symbols

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"go/token"
	"go/types"
	"io"
	"strings"
	"sync"

	"golang.org/x/tools/go/gcexportdata"
)

//go:embed types.zip
var typesZip string

//go:embed docs.zip
var docsZip string

// bundle is an archive with one entry per package, opened when first needed.
type bundle func() (*zip.Reader, error)

func open(data *string) bundle {
	return sync.OnceValues(func() (*zip.Reader, error) {
		return zip.NewReader(strings.NewReader(*data), int64(len(*data)))
	})
}

var (
	typesBundle = open(&typesZip)
	docsBundle  = open(&docsZip)
)

func (b bundle) entry(name string) ([]byte, error) {
	r, err := b()
	if err != nil {
		return nil, err
	}
	f, err := r.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// Importer returns an importer of the types of the offered packages, for go/types.
// It reads a package when it is first imported and keeps it; with it come the
// types of other packages that it refers to, offered or not. Objects have no
// positions, so fset gains next to nothing. For other packages the error is "package X
// is not offered to scripts". The importer is safe for concurrent use, but a
// package being imported may add names to the scopes of others.
func Importer(fset *token.FileSet) types.Importer {
	return &importer{fset: fset, pkgs: map[string]*types.Package{"unsafe": types.Unsafe}}
}

type importer struct {
	mu   sync.Mutex
	fset *token.FileSet
	pkgs map[string]*types.Package // also those read only in part, as references
}

func (i *importer) Import(path string) (*types.Package, error) {
	if find(path) == nil {
		return nil, fmt.Errorf("package %s is not offered to scripts", path)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if p := i.pkgs[path]; p != nil && p.Complete() {
		return p, nil
	}
	data, err := typesBundle.entry(path + ".types")
	if err != nil {
		return nil, fmt.Errorf("types of package %s: %w", path, err)
	}
	return gcexportdata.Read(bytes.NewReader(data), i.fset, i.pkgs, path)
}

// docs keeps the comments of the packages that were asked for: path → symbol →
// comment.
var docs sync.Map

// Doc returns the doc comment of an exported symbol of an offered package, as
// plain text without comment markers: of "Sort", of "DataFrame.Filter" (a
// method, a field, a method of an interface), or of the package itself when
// symbol is empty. It is empty where there is none.
func Doc(path, symbol string) string {
	if kept, ok := docs.Load(path); ok {
		return kept.(map[string]string)[symbol]
	}
	data, err := docsBundle.entry(path + ".json")
	if err != nil {
		return ""
	}
	comments := map[string]string{}
	if err := json.Unmarshal(data, &comments); err != nil {
		return ""
	}
	docs.Store(path, comments)
	return comments[symbol]
}
