package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/govidur/govidur/vidur/exectime/profile/imports"
)

// writeRules writes what files of labels became: one file for --rules, at the place
// of --out, where no folder of profiles may be.
func (f *importFlags) writeRules(w io.Writer, path string) error {
	var all imports.Rules
	for _, t := range f.ruled {
		all = append(all, t.Rules...)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return fmt.Errorf("rules for --rules: %w", err)
	}
	_, err = all.WriteTo(file)
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	for _, t := range f.ruled {
		fmt.Fprintf(w, "%s: %s of %s\n", t.File, count(len(t.Rules), "rule"), t.Format)
		for _, note := range t.Notes {
			fmt.Fprintf(w, "note  %s\n", note)
		}
	}
	_, err = fmt.Fprintf(w, "%s is ready: vidur profile import FILE --rules %s\n", path, path)
	return err
}
