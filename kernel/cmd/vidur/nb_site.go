package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/govidur/govidur/kernel/figures"
	"github.com/govidur/govidur/kernel/gallery"
	"github.com/govidur/govidur/kernel/nb"
)

// nbGallery writes pages of notebooks with the outputs that they have.
func nbGallery(_ context.Context, args []string, std streams) error {
	set := flag.NewFlagSet("nb gallery", flag.ContinueOnError)
	out := set.String("o", "", "the folder of the site")
	files, done, err := mixedFlags(set, args, std.out)
	if done || err != nil {
		return err
	}
	if *out == "" {
		return errors.New("where to? -o FOLDER")
	}
	var pages []gallery.Page
	for _, path := range files {
		n, err := readNotebook(path)
		if err != nil {
			return err
		}
		pages = append(pages, gallery.Page{Name: strings.TrimSuffix(filepath.Base(path), ".ipynb"), Notebook: n})
	}
	site, err := gallery.Render(pages)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(site)) {
		path := filepath.Join(*out, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		if err := writeWhole(path, site[name], std); err != nil {
			return err
		}
	}
	return nil
}

// nbFigures writes the sums and numbers of the figures of a folder, or compares them
// with those that are published.
func nbFigures(_ context.Context, args []string, std streams) error {
	set := flag.NewFlagSet("nb figures", flag.ContinueOnError)
	check := set.String("check", "", "compare with "+figures.SumsFile+" and "+figures.NumbersFile+" of that folder")
	publish := set.String("publish", "", "write "+figures.SumsFile+" and "+figures.NumbersFile+" into that folder")
	dirs, done, err := mixedFlags(set, args, std.out)
	if done || err != nil {
		return err
	}
	if len(dirs) > 1 || (*check == "") == (*publish == "") {
		return errors.New("write vidur nb figures --check PUBLISHED FOLDER, or --publish")
	}
	made, err := figures.Read(dirs[0])
	if err != nil {
		return err
	}
	if *publish != "" {
		return made.Save(*publish)
	}
	found, err := made.Check(*check, exactFigures())
	if err != nil {
		return err
	}
	for _, line := range found {
		fmt.Fprintln(std.out, line)
	}
	if len(found) > 0 {
		return errWrong
	}
	return nil
}

// exactFigures reports whether this machine must make the published figures to the
// bit: no other has the same rounding of a multiplication that is followed by an
// addition, which later levels of amd64 fuse too.
func exactFigures() bool {
	tune := nb.Info().ArchTune
	return runtime.GOOS == "linux" && runtime.GOARCH == "amd64" && (tune == "" || tune == "v1" || tune == "v2")
}
