package imports

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/govidur/govidur/vidur/exectime/profile"
	"github.com/govidur/govidur/vidur/internal/walk"
)

// Manifest says where the profiles of a directory come from.
type Manifest struct {
	Provenance string   `json:"provenance"` // "imported"
	Version    int      `json:"version"`    // of this layout
	Sources    []Source `json:"sources"`    // in the order of the imports
}

// Source is a file that was imported.
type Source struct {
	File         string   `json:"file"`
	Format       string   `json:"format"`
	SHA256       string   `json:"sha256"` // of the file's bytes; of a folder, of its files' names and bytes
	Model        string   `json:"model"`
	Device       string   `json:"device"`
	TP           int      `json:"tp"`
	DType        string   `json:"dtype,omitempty"`
	Engine       string   `json:"engine,omitempty"` // with its version, where the file says
	Layers       int      `json:"layers,omitempty"` // in each step, where the file says
	Steps        []Pace   `json:"steps,omitempty"`
	Unclassified []Share  `json:"unclassified,omitempty"`
	Notes        []string `json:"notes,omitempty"`
}

// Pace is a step as the manifest tells it.
type Pace struct {
	Name     string  `json:"name"`
	Prefill  bool    `json:"prefill,omitempty"`
	Requests int     `json:"requests"`
	Tokens   int     `json:"tokens"`
	Cached   int     `json:"cached,omitempty"`
	KernelUs float64 `json:"kernel_us"` // of all kernels
}

const manifestVersion = 1

// Write writes results into dir, in the layout of package profile: into a new
// one, or beside earlier imports. Either all of it is there afterwards or nothing
// has changed. Errors are a directory with anything else, the current one, a source that
// was imported before, one of another engine, and another import at the same time.
func Write(dir string, results ...*Result) error {
	dir = filepath.Clean(dir)
	before, _ := os.ReadFile(filepath.Join(dir, profile.ManifestName))
	m, err := readManifest(dir)
	if err != nil {
		return err
	}
	for _, r := range results {
		s, err := r.Source()
		if err != nil {
			return err
		}
		if err := m.add(dir, s); err != nil {
			return err
		}
	}
	full, err := swappable(dir)
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp(filepath.Dir(full), ".import-*")
	if err != nil {
		return err
	}
	made, old := filepath.Join(temp, "new"), filepath.Join(temp, "old")
	if err = fill(made, full, m, results); err == nil {
		err = swap(made, full, old, before)
	}
	if _, lost := os.Stat(old); err != nil && lost == nil {
		return fmt.Errorf("%w; what was in %s is in %s", err, dir, old)
	}
	return errors.Join(err, os.RemoveAll(temp))
}

// swappable is the path of a directory, through links, that a new one can take the
// place of; the folder above it is made. One that somebody stands in is an error: they
// would stand in the old one afterwards.
func swappable(dir string) (string, error) {
	full, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if real, err := filepath.EvalSymlinks(full); err == nil {
		full = real
	}
	here, err := os.Getwd()
	if err == nil {
		here, err = filepath.EvalSymlinks(here)
	}
	if rel, out := filepath.Rel(full, here); err == nil && out == nil && filepath.IsLocal(rel) {
		return "", fmt.Errorf("%s is the current folder or one above it, and is made anew by an import: name another, or import from elsewhere", dir)
	}
	return full, os.MkdirAll(filepath.Dir(full), 0o777)
}

// add adds a source, unless it is there or its times do not mix with those that are.
func (m *Manifest) add(dir string, s Source) error {
	for _, o := range m.Sources {
		if o.TP != s.TP || o.Model != s.Model || o.Device != s.Device {
			continue
		}
		if o.SHA256 == s.SHA256 {
			return fmt.Errorf("%s was imported into %s before, as %s", s.File, dir, o.File)
		}
		if o.Engine != "" && s.Engine != "" && o.Engine != s.Engine {
			return fmt.Errorf("%s has times of %s, and %s has those of %s from %s: times of different engines do not mix", s.File, s.Engine, dir, o.Engine, o.File)
		}
	}
	m.Sources = append(m.Sources, s)
	return nil
}

// fill makes the directory anew: with what dir has, and the results.
func fill(made, dir string, m *Manifest, results []*Result) error {
	if err := os.Mkdir(made, 0o777); err != nil {
		return err
	}
	if _, err := os.Stat(dir); err == nil {
		if err := os.CopyFS(made, os.DirFS(dir)); err != nil {
			return err
		}
	}
	for _, r := range results {
		for _, s := range r.files() {
			if err := s.append(filepath.Join(made, "profiling", filepath.FromSlash(s.path))); err != nil {
				return err
			}
		}
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(made, profile.ManifestName), append(text, '\n'), 0o666)
}

// swap puts made into the place of dir, unless another import was faster: dir has
// another manifest than before, then.
func swap(made, dir, old string, before []byte) error {
	err := os.Rename(dir, old)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	existed := err == nil
	if now, _ := os.ReadFile(filepath.Join(old, profile.ManifestName)); !bytes.Equal(now, before) {
		err = fmt.Errorf("%s was changed meanwhile, by another import: nothing was added, try again", dir)
	} else {
		err = os.Rename(made, dir)
	}
	if err != nil && existed {
		return errors.Join(err, os.Rename(old, dir))
	}
	return err
}

// readManifest is the manifest of a directory, which may not exist or be empty.
func readManifest(dir string) (*Manifest, error) {
	m := &Manifest{Provenance: profile.ProvenanceImported, Version: manifestVersion}
	entries, err := os.ReadDir(dir)
	if os.IsNotExist(err) || err == nil && len(entries) == 0 {
		return m, nil
	}
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, profile.ManifestName)
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s is there, and holds no imported profiles: %w", dir, err)
	}
	if err := json.Unmarshal(raw, m); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if m.Provenance != profile.ProvenanceImported || m.Version != manifestVersion {
		return nil, fmt.Errorf("%s: its profiles are %q, version %d: imported ones cannot go beside them", path, m.Provenance, m.Version)
	}
	return m, nil
}

// Source is the result as the manifest tells it. The error is about reading the
// file again.
func (r *Result) Source() (Source, error) {
	t := r.Trace
	sum, err := hash(t.File)
	s := Source{
		File: filepath.ToSlash(t.File), Format: t.Format, SHA256: sum, Model: r.Spec.Model.Name, Device: r.Spec.Device.Name,
		TP: max(r.Spec.TP, 1), DType: t.DType, Engine: t.Engine, Layers: t.Layers, Unclassified: r.Unclassified, Notes: r.Notes,
	}
	for i := range t.Steps {
		p := &t.Steps[i]
		s.Steps = append(s.Steps, Pace{p.Name, p.Prefill, p.Requests, p.Tokens, p.Cached, p.Time()})
	}
	return s, err
}

// Time is that of all kernels of the step, in µs.
func (s *Step) Time() float64 {
	us := 0.0
	for i := range s.Kernels {
		us += s.Kernels[i].Time
	}
	return us
}

// hash is the SHA-256 of a file, or of the names and contents of those in a folder.
func hash(path string) (string, error) {
	h := sha256.New()
	err := walk.Files(path, func(file string) error {
		f, err := os.Open(file)
		if err != nil {
			return err
		}
		defer f.Close()
		if file != path {
			rel, err := filepath.Rel(path, file)
			if err != nil {
				return err
			}
			fmt.Fprintf(h, "%q\n", filepath.ToSlash(rel))
		}
		_, err = io.Copy(h, f)
		return err
	})
	return hex.EncodeToString(h.Sum(nil)), err
}

// append adds the rows to a file, which is made if it is not there.
func (s *csvFile) append(path string) error {
	lines := [][]string{s.header}
	raw, err := os.ReadFile(path)
	switch {
	case err == nil:
		if lines, err = csv.NewReader(bytes.NewReader(raw)).ReadAll(); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if len(lines) == 0 || !slices.Equal(lines[0], s.header) {
			return errorAt(path, 1, "the columns are not those of an import")
		}
	case !os.IsNotExist(err):
		return err
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	if err := w.WriteAll(append(lines, s.rows...)); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return os.WriteFile(path, out.Bytes(), 0o666)
}
