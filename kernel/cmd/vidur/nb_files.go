package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/govidur/govidur/kernel/notebook"
	"github.com/govidur/govidur/vidur/spec"
)

// nbStrip removes what runs leave from files, which are written if that changes
// them, or from standard input to standard output.
func nbStrip(_ context.Context, args []string, std streams) error {
	set := flag.NewFlagSet("nb strip", flag.ContinueOnError)
	files, done, err := mixedFlags(set, args, std.out)
	if done || err != nil {
		return err
	}
	for _, path := range files {
		n, err := readNotebook(path)
		if err != nil {
			return err
		}
		n.Strip()
		text := n.Bytes()
		if before, err := os.ReadFile(path); err == nil && string(before) == string(text) {
			continue
		}
		if err := writeWhole(path, text, std); err != nil {
			return err
		}
	}
	return nil
}

// nbCheck prints a line for everything that is wrong.
func nbCheck(_ context.Context, args []string, std streams) error {
	set := flag.NewFlagSet("nb check", flag.ContinueOnError)
	clean := set.Bool("clean", false, "outputs are wrong, even of a whole run")
	files, done, err := mixedFlags(set, args, std.out)
	if done || err != nil {
		return err
	}
	wrong := false
	for _, path := range files {
		n, err := readNotebook(path)
		if err != nil {
			fmt.Fprintln(std.out, oneLine(err))
			wrong = true
			continue
		}
		for _, f := range n.Check(*clean) {
			fmt.Fprintf(std.out, "%s: %s\n", path, f)
			wrong = true
		}
	}
	if wrong {
		return errWrong
	}
	return nil
}

// nbVerify runs notebooks again and compares.
func nbVerify(ctx context.Context, args []string, std streams) error {
	var f nbRunFlags
	set := flag.NewFlagSet("nb verify", flag.ContinueOnError)
	f.register(set)
	files, done, err := mixedFlags(set, args, std.out)
	if done || err != nil {
		return err
	}
	wrong := false
	for _, path := range files {
		same, err := f.verify(ctx, path, std)
		if err != nil {
			return err
		}
		wrong = wrong || !same
	}
	if wrong {
		return errWrong
	}
	return nil
}

// verify compares a notebook with a run of it.
func (f *nbRunFlags) verify(ctx context.Context, path string, std streams) (same bool, err error) {
	n, err := goNotebook(path)
	if err != nil {
		return false, err
	}
	cells, err := f.start(path)
	if err != nil {
		return false, err
	}
	differences, failed := n.Verify(ctx, cells, f.options(std))
	if err := cells.Close(); err != nil {
		return false, err
	}
	if isTerminal(std.err) {
		fmt.Fprint(std.err, clearLine)
	}
	if errors.Is(failed, notebook.ErrNotRun) {
		return false, fmt.Errorf("%s: %w", path, failed)
	}
	if failed != nil {
		return false, f.report(failed, nbPlace{path, path}, std)
	}
	for _, d := range differences {
		fmt.Fprintf(std.out, "%s: cell %d differs (- stored, + now)\n%s", path, d.Cell, d.Diff)
	}
	return len(differences) == 0, nil
}

// nbExport writes a notebook as something else.
func nbExport(_ context.Context, args []string, std streams) error {
	set := flag.NewFlagSet("nb export", flag.ContinueOnError)
	to := set.String("to", "", "go: a program with the same output; markdown: a page, and its figures in NAME_files")
	out := set.String("o", "", "write it there; - is standard output. Without it, NAME.go or NAME.md beside the notebook")
	files, done, err := mixedFlags(set, args, std.out)
	if done || err != nil {
		return err
	}
	path, err := one(set, files)
	if err != nil {
		return err
	}
	ending := map[string]string{"go": ".go", "markdown": ".md"}[*to]
	if ending == "" {
		return spec.Unknown("form of --to", *to, []string{"go", "markdown"})
	}
	n, err := goNotebook(path)
	if err != nil {
		return err
	}
	if *out == "" {
		*out = strings.TrimSuffix(path, ".ipynb") + ending
		if path == "-" {
			*out = path
		}
	}
	if *to == "markdown" {
		return writePage(n, *out, std)
	}
	name := strings.TrimSuffix(filepath.Base(path), ".ipynb")
	text, err := n.Go(name)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return writeWhole(*out, text, std)
}

// writePage writes a page and its figures, which go beside it.
func writePage(n *notebook.Notebook, out string, std streams) error {
	name, dir := "page", "."
	if out != "-" {
		dir = filepath.Dir(out)
		name = strings.TrimSuffix(filepath.Base(out), filepath.Ext(out))
	}
	page, figures := n.Markdown(name)
	if len(figures) > 0 && out == "-" {
		return errors.New("the page has figures: -o FILE.md says where they go")
	}
	for _, path := range slices.Sorted(maps.Keys(figures)) {
		path, content := filepath.Join(dir, path), figures[path]
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		if err := writeWhole(path, content, std); err != nil {
			return err
		}
	}
	return writeWhole(out, page, std)
}
