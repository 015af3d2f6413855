package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/govidur/govidur/kernel/internal/whole"
)

// kernelSpec is a kernel.json
// (https://jupyter-client.readthedocs.io/en/stable/kernels.html#kernel-specs).
type kernelSpec struct {
	Argv          []string       `json:"argv"`
	DisplayName   string         `json:"display_name"`
	Language      string         `json:"language"`
	InterruptMode string         `json:"interrupt_mode"`
	Metadata      map[string]any `json:"metadata"`
}

// ours reports whether a kernelspec is of this command.
func (s *kernelSpec) ours() bool {
	return len(s.Argv) > 2 && s.Argv[1] == "kernel" && s.Argv[2] == "run" && s.Language == "go"
}

// jupyterDir is where Jupyter looks for what users install
// (https://docs.jupyter.org/en/latest/use/jupyter-directories.html#data-files).
func jupyterDir() (string, error) {
	if dir := os.Getenv("JUPYTER_DATA_DIR"); dir != "" {
		return dir, nil
	}
	if runtime.GOOS == "windows" {
		if dir := os.Getenv("APPDATA"); dir != "" {
			return filepath.Join(dir, "jupyter"), nil
		}
		return "", errors.New("neither JUPYTER_DATA_DIR nor APPDATA is set")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("%w; --prefix DIR names another place", err)
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Jupyter"), nil
	}
	data := cmp.Or(os.Getenv("XDG_DATA_HOME"), filepath.Join(home, ".local", "share"))
	return filepath.Join(data, "jupyter"), nil
}

// environment is the folder of the active environment of Python; empty if none is.
func environment() string { return cmp.Or(os.Getenv("VIRTUAL_ENV"), os.Getenv("CONDA_PREFIX")) }

// kernelInstall writes a kernelspec.
func kernelInstall(_ context.Context, args []string, std streams) error {
	var p kernelPlace
	set := flag.NewFlagSet("kernel install", flag.ContinueOnError)
	p.register(set)
	display := set.String("display-name", "Go (vidur)", "name that front ends show")
	unrestricted := set.Bool("unrestricted", false, unrestrictedText)
	if done, err := kernelFlags(set, args, 0, std); done || err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if fleeting(self) {
		return fmt.Errorf("%s is a build of go run or go test, which goes away: go build -o vidur.bin ./kernel/cmd/vidur, and install with that", self)
	}
	dir, err := p.dir()
	if err != nil {
		return err
	}
	argv := []string{self, "kernel", "run"}
	if *unrestricted {
		argv = append(argv, "--unrestricted")
	}
	argv = append(argv, "{connection_file}")
	if err := writeSpec(dir, &kernelSpec{argv, *display, "go", "message", map[string]any{}}); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "installed %s in %s\n", p.name, dir)
	if base := filepath.Dir(filepath.Dir(dir)); !slices.Contains(jupyterDirs(), base) {
		fmt.Fprintf(std.out, "Jupyter finds it if it is of that environment, or with JUPYTER_PATH=%s\n", base)
	}
	return nil
}

// fleeting reports whether the go command has built a binary for one run.
func fleeting(path string) bool {
	return slices.ContainsFunc(strings.Split(filepath.ToSlash(path), "/"), func(dir string) bool {
		return strings.HasPrefix(dir, "go-build")
	})
}

// writeSpec writes the files of a kernelspec, each at once, kernel.json last. It
// replaces one of ours only.
func writeSpec(dir string, s *kernelSpec) error {
	if old, err := readSpec(dir); err == nil && !old.ours() {
		return fmt.Errorf("%s is another kernel; --name chooses another name", dir)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(s); err != nil {
		return err
	}
	picture, err := logoPNG()
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		text []byte
	}{{"logo-svg.svg", logoSVG()}, {"logo-64x64.png", picture}, {"kernel.json", text.Bytes()}} {
		if err := whole.Write(filepath.Join(dir, f.name), f.text); err != nil {
			return err
		}
	}
	return nil
}

func readSpec(dir string) (*kernelSpec, error) {
	text, err := os.ReadFile(filepath.Join(dir, "kernel.json"))
	if err != nil {
		return nil, err
	}
	s := &kernelSpec{}
	return s, json.Unmarshal(text, s)
}

// kernelUninstall removes a kernelspec.
func kernelUninstall(_ context.Context, args []string, std streams) error {
	var p kernelPlace
	set := flag.NewFlagSet("kernel uninstall", flag.ContinueOnError)
	p.register(set)
	if done, err := kernelFlags(set, args, 0, std); done || err != nil {
		return err
	}
	dir, err := p.dir()
	if err != nil {
		return err
	}
	s, err := readSpec(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("%s is not installed in %s; vidur kernel list says where kernels are", p.name, dir)
	case err != nil:
		return err
	case !s.ours():
		return fmt.Errorf("%s is another kernel", dir)
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	fmt.Fprintf(std.out, "removed %s\n", dir)
	return nil
}

// kernelList prints the kernelspecs of this command that Jupyter finds from here.
func kernelList(_ context.Context, args []string, std streams) error {
	set := flag.NewFlagSet("kernel list", flag.ContinueOnError)
	if done, err := kernelFlags(set, args, 0, std); done || err != nil {
		return err
	}
	var found int
	for _, base := range jupyterDirs() {
		all, err := filepath.Glob(filepath.Join(base, "kernels", "*", "kernel.json"))
		if err != nil {
			return err
		}
		for _, path := range all {
			dir := filepath.Dir(path)
			s, err := readSpec(dir)
			if err != nil || !s.ours() {
				continue
			}
			found++
			fmt.Fprintf(std.out, "%-12s %-20s %s%s\n", filepath.Base(dir), s.DisplayName, dir, missing(s.Argv[0]))
		}
	}
	if found == 0 {
		fmt.Fprintln(std.out, "no kernel is installed: vidur kernel install")
	}
	return nil
}

func missing(binary string) string {
	if _, err := os.Stat(binary); err != nil {
		return " (" + binary + " is gone)"
	}
	return ""
}

// jupyterDirs are the folders in which Jupyter looks.
func jupyterDirs() []string {
	dirs := filepath.SplitList(os.Getenv("JUPYTER_PATH"))
	if dir, err := jupyterDir(); err == nil {
		dirs = append(dirs, dir)
	}
	if env := environment(); env != "" {
		dirs = append(dirs, filepath.Join(env, "share", "jupyter"))
	}
	if runtime.GOOS == "windows" {
		return append(dirs, filepath.Join(os.Getenv("PROGRAMDATA"), "jupyter"))
	}
	return append(dirs, "/usr/local/share/jupyter", "/usr/share/jupyter")
}
