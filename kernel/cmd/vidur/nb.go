package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/govidur/govidur/kernel/eval"
	"github.com/govidur/govidur/kernel/internal/whole"
	"github.com/govidur/govidur/kernel/notebook"
	"github.com/govidur/govidur/kernel/worker"
	"github.com/govidur/govidur/vidur/spec"
)

const nbUsage = `vidur nb run [FLAGS] FILE              run a notebook: -p name=value, -o OUT.ipynb
vidur nb verify [FLAGS] FILE ...       run it again: does it give the outputs that are stored?
vidur nb check [--clean] FILE ...      what is wrong with notebooks that are to be committed
vidur nb strip FILE ...                remove outputs, counts and what else runs leave; - is a filter
vidur nb export --to go|markdown FILE  a Go program, or a page with its figures
vidur nb gallery -o FOLDER FILE ...    a site of notebooks that have been run; index.html is its start
vidur nb figures --check|--publish PUBLISHED FOLDER
                                       are the saved figures of a folder those that were published?

Notebooks without Jupyter: the cells run as in the kernel, in the folder of the
notebook. A FILE - is standard input. The status is 1 if a cell fails, a notebook
differs or something is wrong with it.

`

// nbVerbs are what vidur nb can do.
var nbVerbs = map[string]func(ctx context.Context, args []string, std streams) error{
	"run": nbRun, "verify": nbVerify, "check": nbCheck, "strip": nbStrip, "export": nbExport,
	"gallery": nbGallery, "figures": nbFigures,
}

// nbNames are the verbs in the order of the help.
var nbNames = []string{"run", "verify", "check", "strip", "export", "gallery", "figures"}

// nbVerb does things with notebooks.
func nbVerb(ctx context.Context, args []string, std streams) error {
	if len(args) > 0 {
		if do := nbVerbs[args[0]]; do != nil {
			return do(ctx, args[1:], std)
		}
	}
	set := flag.NewFlagSet("nb", flag.ContinueOnError)
	if done, err := parseFlags(set, args, nbUsage, std.out); done || err != nil {
		return err
	}
	if set.NArg() == 0 {
		return errors.New("what? vidur nb " + strings.Join(nbNames, ", "))
	}
	return spec.Unknown("verb", set.Arg(0), nbNames)
}

// errWrong is that of a verb that has said what is wrong.
var errWrong = &eval.Error{Kind: eval.Exited, Code: exitFailed}

// mixedFlags reads flags, which may stand before, between and after files, of which
// there is one at least. done is true if they asked for help.
func mixedFlags(set *flag.FlagSet, args []string, help io.Writer) (files []string, done bool, err error) {
	for {
		if done, err := parseFlags(set, args, nbUsage, help); done || err != nil {
			return nil, done, err
		}
		if set.NArg() == 0 {
			break
		}
		files = append(files, set.Arg(0))
		args = set.Args()[1:]
	}
	if len(files) == 0 {
		return nil, false, fmt.Errorf("which notebook? vidur %s FILE.ipynb", set.Name())
	}
	return files, false, nil
}

// one is the only file of a verb that takes one.
func one(set *flag.FlagSet, files []string) (string, error) {
	if len(files) > 1 {
		return "", fmt.Errorf("vidur %s takes one notebook, not %d", set.Name(), len(files))
	}
	return files[0], nil
}

// readNotebook reads a notebook, of standard input if the path is -.
func readNotebook(path string) (*notebook.Notebook, error) {
	var text []byte
	var err error
	if path == "-" {
		path = "standard input"
		text, err = io.ReadAll(os.Stdin)
	} else {
		text, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, err
	}
	n, err := notebook.Read(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return n, nil
}

// goNotebook reads a notebook that can be run.
func goNotebook(path string) (*notebook.Notebook, error) {
	n, err := readNotebook(path)
	if err != nil {
		return nil, err
	}
	if lang := n.Language(); lang != "go" {
		return nil, fmt.Errorf("%s is in %s: only notebooks in Go are run", path, lang)
	}
	return n, nil
}

// writeWhole writes a file so that it is there wholly or not at all, to standard
// output if the path is -.
func writeWhole(path string, text []byte, std streams) error {
	if path == "-" {
		_, err := std.out.Write(text)
		return err
	}
	return whole.Write(path, text)
}

// start starts the process for the cells of a notebook, in its folder.
func (f *nbRunFlags) start(path string) (*worker.Worker, error) {
	self, err := os.Executable()
	if err == nil && f.figures != "" {
		if f.figures, err = filepath.Abs(f.figures); err == nil {
			err = os.Setenv("VIDUR_FIGURES", f.figures)
		}
	}
	if err != nil {
		return nil, err
	}
	command := []string{self, "kernel", "worker"}
	if path != "-" {
		dir, err := filepath.Abs(filepath.Dir(path))
		if err != nil {
			return nil, err
		}
		command = append(command, "--dir", dir)
	}
	if f.unrestricted {
		command = append(command, "--unrestricted")
	}
	return worker.Start(worker.Options{Command: command})
}
