// Package walk visits the files below a folder, through links.
package walk

import (
	"io/fs"
	"os"
	"path/filepath"
)

// Files calls visit with each file below dir, or dir itself if it is a file, in the
// order of the names of each folder. Unlike filepath.WalkDir it follows symbolic
// links, as opening a file does, dir among them: data are often linked from a store.
// A folder that links to one above it is entered once; a link to nothing is a file,
// which visit fails to open. Pipes, sockets and devices below dir are passed over:
// opening one may wait for ever. An error of visit, or of reading a folder, ends the
// walk.
func Files(dir string, visit func(path string) error) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	return files(dir, info, nil, visit)
}

func files(path string, info fs.FileInfo, above []fs.FileInfo, visit func(string) error) error {
	if !info.IsDir() {
		if above != nil && info.Mode()&(fs.ModeNamedPipe|fs.ModeSocket|fs.ModeDevice) != 0 {
			return nil
		}
		return visit(path)
	}
	for _, a := range above {
		if os.SameFile(a, info) {
			return nil
		}
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return err
	}
	above = append(above[:len(above):len(above)], info)
	for _, e := range entries {
		below := filepath.Join(path, e.Name())
		info, err := os.Stat(below)
		if err != nil {
			if info, err = os.Lstat(below); err != nil {
				return err
			}
		}
		if err := files(below, info, above, visit); err != nil {
			return err
		}
	}
	return nil
}
