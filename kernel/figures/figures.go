// Package figures says whether the figures of a folder are those that were
// published. The figures are what nb.SaveFigure has saved.
//
// Two files hold what is published:
//
//	SHA256SUMS   of every file, in the form of sha256sum
//	numbers.csv  of what is drawn: count, least, mean and greatest of each column
//
// The JSON files beside figures are in neither: they name the revision and the
// version of Go, which change when nothing is drawn differently.
//
// On linux/amd64 the same sources give the same bytes, and the sums decide.
// Elsewhere the compiler may fuse multiplications and additions, so that numbers
// differ in their last digits; there a figure is right if its numbers are those of
// numbers.csv within [Tolerance].
package figures

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The names of the files that hold what is published.
const (
	SumsFile    = "SHA256SUMS"
	NumbersFile = "numbers.csv"
)

// Set is the figures of a folder.
type Set struct {
	dir   string
	files map[string]string // SHA-256 of the files, by name
}

// Read finds the figures of a folder by their JSON files and reads what those say.
// A file that is missing or not what its JSON file says is an error; files that
// belong to no figure are left alone. So is a folder without any figure.
func Read(dir string) (*Set, error) {
	notes, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, fmt.Errorf("figures: %w", err)
	}
	s := &Set{dir: dir, files: map[string]string{}}
	for _, path := range notes {
		if err := s.add(path); err != nil {
			return nil, fmt.Errorf("figures: %s: %w", path, err)
		}
	}
	if len(s.files) == 0 {
		return nil, fmt.Errorf("figures: there are none in %s", dir)
	}
	return s, nil
}

// add adds the files of a figure.
func (s *Set) add(note string) error {
	text, err := os.ReadFile(note)
	if err != nil {
		return err
	}
	var figure struct {
		Figure string
		Files  []struct{ Name, Hash string }
	}
	if err := json.Unmarshal(text, &figure); err != nil || figure.Figure == "" {
		return nil // of something else
	}
	for _, f := range figure.Files {
		if f.Name != filepath.Base(f.Name) {
			return fmt.Errorf("%q is no name of a file", f.Name)
		}
		content, err := os.ReadFile(filepath.Join(s.dir, f.Name))
		if err != nil {
			return err
		}
		hash := sha256.Sum256(content)
		if s.files[f.Name] = hex.EncodeToString(hash[:]); s.files[f.Name] != f.Hash {
			return fmt.Errorf("%s is not the file that was saved", f.Name)
		}
	}
	return nil
}

// names are those of the files in order.
func (s *Set) names() []string {
	names := make([]string, 0, len(s.files))
	for name := range s.files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Sums is the text of SHA256SUMS, in order of the names.
func (s *Set) Sums() []byte {
	var out bytes.Buffer
	for _, name := range s.names() {
		fmt.Fprintf(&out, "%s  %s\n", s.files[name], name)
	}
	return out.Bytes()
}

// readSums reads SHA256SUMS.
func readSums(text []byte) (map[string]string, error) {
	sums := map[string]string{}
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		hash, name, ok := strings.Cut(strings.TrimRight(line, "\r\n"), "  ")
		if raw, err := hex.DecodeString(hash); !ok || err != nil || len(raw) != sha256.Size || name == "" {
			return nil, fmt.Errorf("%s:%d: not the sum and the name of a file", SumsFile, n)
		}
		sums[name] = hash
	}
	return sums, nil
}
