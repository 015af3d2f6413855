package imports

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// bundleFormat is a profile bundle of LLMServingSim 2: a folder with meta.yaml and
// a folder tp<N> of tables for each degree of tensor parallelism, or one of those.
// All times in it are microseconds of one layer.
func bundleFormat() Format {
	return Format{
		Name:   bundleName,
		Text:   "profile bundle of LLMServingSim: meta.yaml, tp<N>/dense.csv, attention.csv, …",
		Detect: func(path string, head []byte) bool { return head == nil && isBundle(path) },
		Read:   readBundle,
	}
}

const bundleName = "llmservingsim"

// bundleTables are the files of a bundle, in the order in which they are read.
var bundleTables = [...]struct {
	name string
	read func(b *bundle, path string) error
}{
	{"dense.csv", (*bundle).dense},
	{"per_sequence.csv", (*bundle).perSequence},
	{"attention.csv", (*bundle).attention},
	{"moe.csv", (*bundle).experts},
	{"skew.csv", (*bundle).skew},
	{"skew_fit.csv", (*bundle).skewFit},
}

// isBundle reports whether a folder is a bundle, or one of its folders tp<N>.
func isBundle(dir string) bool {
	if isFile(filepath.Join(dir, "dense.csv")) || isFile(filepath.Join(dir, "per_sequence.csv")) {
		return true
	}
	degrees, err := bundleDegrees(dir)
	return err == nil && len(degrees) > 0 && isFile(filepath.Join(dir, "meta.yaml"))
}

// bundle is one that is being read.
type bundle struct {
	trace *Trace
	rules Rules
	norms map[int]Row // final norm by tokens
	heads []Row       // LM head by sequences
	picks map[int]Row // sampler by sequences
}

// readBundle reads the tables of one degree of tensor parallelism.
func readBundle(path string, o Options) (*Trace, error) {
	dir, tp, err := bundleFolder(path, o.Spec.TP)
	if err != nil {
		return nil, err
	}
	b := &bundle{
		trace: &Trace{Format: bundleName, File: path, TP: tp},
		rules: o.Rules, norms: map[int]Row{}, picks: map[int]Row{},
	}
	if err := b.meta(path, dir); err != nil {
		return nil, err
	}
	read := 0
	for _, t := range bundleTables {
		file := filepath.Join(dir, t.name)
		if !isFile(file) {
			continue
		}
		read++
		if bare, err := b.bare(file); err != nil {
			return nil, err
		} else if bare {
			continue
		}
		if err := t.read(b, file); err != nil {
			return nil, err
		}
	}
	if read == 0 {
		return nil, errorAt(dir, 0, "none of the tables of a bundle: dense.csv, per_sequence.csv, attention.csv")
	}
	b.finish(tp)
	return b.trace, b.unread(dir)
}

// bare reports a table of a header only, which the profiler leaves where it was told
// to skip a kind of layer.
func (b *bundle) bare(path string) (bool, error) {
	raw, err := readWhole(path)
	if err != nil {
		return false, err
	}
	text := strings.TrimSpace(string(raw))
	if text == "" || strings.Contains(text, "\n") {
		return false, nil
	}
	b.trace.note("%s: a header and no rows: skipped when it was profiled", path)
	return true, nil
}

// bundleFolder is the folder of tables for a degree of tensor parallelism, of 0 for
// the only one there is.
func bundleFolder(path string, tp int) (dir string, degree int, err error) {
	degrees, err := bundleDegrees(path)
	if err != nil {
		return "", 0, err
	}
	if len(degrees) == 0 { // a folder tp<N> itself
		return path, bundleDegree(filepath.Base(filepath.Clean(path))), nil
	}
	if tp == 0 && len(degrees) == 1 {
		tp = degrees[0]
	}
	switch {
	case tp == 0:
		return "", 0, errorAt(path, 0, "tables for TP %s: --tp chooses", listOf(degrees))
	case !slices.Contains(degrees, tp):
		return "", 0, errorAt(path, 0, "tables for TP %s; --tp chooses, and %d is none of them", listOf(degrees), tp)
	}
	return filepath.Join(path, "tp"+strconv.Itoa(tp)), tp, nil
}

// bundleDegrees are the N of the folders tp<N>, ascending.
func bundleDegrees(dir string) ([]int, error) {
	list, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var degrees []int
	for _, e := range list {
		if n := bundleDegree(e.Name()); e.IsDir() && n > 0 {
			degrees = append(degrees, n)
		}
	}
	slices.Sort(degrees)
	return degrees, nil
}

// bundleDegree is the N of tp<N>, or 0.
func bundleDegree(name string) int {
	digits, ok := strings.CutPrefix(name, "tp")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < 1 || strconv.Itoa(n) != digits {
		return 0
	}
	return n
}

// unread says which files of the folder nothing was taken from.
func (b *bundle) unread(dir string) error {
	list, err := entries(dir)
	if err != nil {
		return err
	}
	var names []string
	for _, e := range list {
		known := e.Name() == "meta.yaml"
		for _, t := range bundleTables {
			known = known || t.name == e.Name()
		}
		if !known {
			names = append(names, e.Name())
		}
	}
	if names != nil {
		b.trace.note("not read, since nothing here describes them: %s", strings.Join(names, ", "))
	}
	return nil
}

func listOf(values []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(values), " ", ", "), "[]")
}
