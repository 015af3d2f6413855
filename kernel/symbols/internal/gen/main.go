// Command gen writes what scripts may import into kernel/symbols: the tables of
// names in internal/table, the types in types.zip and the doc comments in
// docs.zip. It depends on the sources of the offered packages and on the version
// of Go, not on the machine.
//
//	gen         write, in the directory kernel/symbols
//	gen -check  compare with what is there; exit status 1 and the names of the
//	            files that differ
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
)

const (
	tableDir  = "internal/table"
	indexFile = tableDir + "/index.go"
)

func main() {
	check := flag.Bool("check", false, "compare with the files that are there instead of writing them")
	dir := flag.String("dir", ".", "the directory kernel/symbols")
	flag.Parse()
	if err := run(*dir, *check); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(dir string, check bool) error {
	if !check {
		files, err := generate(dir)
		if err != nil {
			return err
		}
		return write(dir, files)
	}
	if was := generatedWith(dir); was != runtime.Version() {
		fmt.Printf("not checked: generated with %s, this is %s\n", was, runtime.Version())
		return nil
	}
	files, err := generate(dir)
	if err != nil {
		return err
	}
	if stale := differ(dir, files); len(stale) > 0 {
		return fmt.Errorf("not up to date, run go generate ./kernel/symbols: %s", strings.Join(stale, ", "))
	}
	return nil
}

// generate returns all generated files by their names below kernel/symbols.
func generate(dir string) (map[string][]byte, error) {
	// Nearly all that is allocated, syntax and types, stays in use to the end.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	l, err := load(dir, offered)
	if err != nil {
		return nil, err
	}
	paths := slices.Sorted(slices.Values(offered))
	files := map[string][]byte{}
	for _, path := range paths {
		name := filepath.Join(tableDir, ident(path)+".go")
		if files[name] != nil {
			return nil, fmt.Errorf("two packages would be written to %s", name)
		}
		p := l.pkgs[path].Types
		if files[name], err = emit(p, refs(p, paths)); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	files[indexFile] = index(paths)
	files["types.zip"], err = archive(paths, ".types", func(p string) ([]byte, error) { return exportData(l.pkgs[p].Types) })
	if err != nil {
		return nil, err
	}
	files["docs.zip"], err = archive(paths, ".json", func(p string) ([]byte, error) { return docsEntry(l.pkgs[p]) })
	return files, err
}

// index is the Go file that lists the tables of all packages.
func index(paths []string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s// GoVersion is the version of Go with which the tables are generated.\n", header)
	fmt.Fprintf(&b, "const GoVersion = %q\n\n", runtime.Version())
	b.WriteString("// All are the packages that scripts may import, by path.\nvar All = []*Package{\n")
	for _, path := range paths {
		fmt.Fprintf(&b, "\t&pkg_%s,\n", ident(path))
	}
	b.WriteString("}\n")
	return b.Bytes()
}

// generatedWith is the version of Go that the files in dir name; empty if there
// are none.
func generatedWith(dir string) string {
	data, err := os.ReadFile(filepath.Join(dir, indexFile))
	if err != nil {
		return ""
	}
	_, after, _ := strings.Cut(string(data), "GoVersion = \"")
	version, _, _ := strings.Cut(after, "\"")
	return version
}

// write replaces the generated files in dir.
func write(dir string, files map[string][]byte) error {
	for _, name := range leftOver(dir, files) {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// differ names the files in dir that are missing, different or left over.
func differ(dir string, files map[string][]byte) []string {
	stale := leftOver(dir, files)
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) || !bytes.Equal(got, want) {
			stale = append(stale, name)
		}
	}
	slices.Sort(stale)
	return stale
}

// leftOver names the generated Go files in dir that are not generated any more.
func leftOver(dir string, files map[string][]byte) []string {
	var names []string
	found, _ := filepath.Glob(filepath.Join(dir, tableDir, "*.go"))
	for _, f := range found {
		name := filepath.Join(tableDir, filepath.Base(f))
		data, err := os.ReadFile(f)
		if err == nil && files[name] == nil && bytes.HasPrefix(data, []byte(header)) {
			names = append(names, name)
		}
	}
	return names
}
