package profile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/govidur/govidur/vidur"
)

// Where the profiles of a directory come from, as its manifest says.
const (
	ProvenanceImported = "imported" // converted from another profiler's files
	ProvenanceMeasured = "measured" // by package measure, at sizes that a plan chose
)

// ManifestName is the file of a directory of profiles that says where they come
// from: a JSON object whose "provenance" is a word.
const ManifestName = "manifest.json"

// provenance is what the manifest in dir, or above it where dir is the folder
// profiling itself, says; "" without one, as of the original's profiles.
func provenance(dir string) (string, error) {
	if full, err := filepath.Abs(dir); err == nil && filepath.Base(full) == "profiling" {
		dir = filepath.Join(dir, "..")
	}
	path := filepath.Join(dir, ManifestName)
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	var m struct {
		Provenance string `json:"provenance"`
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return m.Provenance, nil
}

// addImported makes the samples of an operator that another profiler measured.
// What it did not measure is a blank cell, or a column that is not there.
func (r *reader) addImported(f *rows, op vidur.Op, column string, features []string, x [][]float64) error {
	if !f.Has(column) {
		return nil
	}
	values, err := f.Floats(column)
	if err != nil {
		return err
	}
	if f.Has(IsPrefill) && op != vidur.OpAttnPrefill && op != vidur.OpAttnDecode {
		phase, err := f.key(IsPrefill)
		if err != nil {
			return err
		}
		features, x = append(slices.Clone(features), IsPrefill), append(slices.Clone(x), phase)
	}
	kept := make([][]float64, len(x))
	has := f.where(func(i int) bool {
		if math.IsNaN(values[f.at[i]]) {
			return false
		}
		for j := range x {
			kept[j] = append(kept[j], x[j][i])
		}
		return true
	})
	if len(has.at) == 0 {
		return nil
	}
	s := &Samples{Op: op, Features: features, X: kept, File: f.File, Lines: has.lines(), Imported: true}
	if s.Y, err = has.times(column, false); err != nil {
		return err
	}
	if err := r.checkUnit(s); err != nil {
		return r.lenient(err)
	}
	r.set.Ops[op] = s
	return nil
}

// iteration checks the keys of the times outside of the layers.
func (k *checker) iteration() error {
	_, err := k.keys(NumTokens, BatchSize, tpColumn)
	return err
}

// iteration reads the times outside of the layers.
func (r *reader) iteration(f *rows) error {
	kept, err := r.keep(f, "times outside of the layers", filter{column: tpColumn, number: float64(r.spec.TP)})
	if kept == nil || err != nil {
		return err
	}
	tokens, err := kept.key(NumTokens)
	if err != nil {
		return err
	}
	requests, err := kept.key(BatchSize)
	if err != nil {
		return err
	}
	if err := r.add(kept, vidur.OpLMHead, medianColumn(vidur.OpLMHead), []string{BatchSize}, requests); err != nil {
		return err
	}
	op := vidur.OpOther
	return r.add(kept, op, medianColumn(op), []string{NumTokens, BatchSize}, tokens, requests)
}
