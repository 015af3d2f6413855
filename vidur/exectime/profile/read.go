package profile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime/profile/internal/table"
)

// Samples are the measurements of one operator after the filters, in the order
// of the file.
type Samples struct {
	Op       vidur.Op
	Features []string    // names of the columns of X, see below
	X        [][]float64 // by feature, then row
	Y        []float64   // ms; medians, means for ray_comm_time
	File     string
	Lines    []int // where each row stands in File, from 1
	Imported bool  // the directory's manifest says that another profiler measured them
}

// The features. Token counts of collectives are bytes / 2 / width of the model,
// and need not be whole.
const (
	NumTokens    = "num_tokens"           // GEMMs, pointwise operators, KV save, collectives
	BatchSize    = "batch_size"           // decode attention and CPU operators
	KVCacheSize  = "kv_cache_size"        // attention: cached tokens before those that are computed
	ChunkSquared = "prefill_chunk_size^2" // prefill attention
	IsPrefill    = "is_prefill"           // the last one of imported operators, without attention: 1 of a step that prefills, or 0
)

// Set is what a data directory has for one model, device, node and degree of
// parallelism.
type Set struct {
	Ops   [vidur.NumOps]*Samples // nil where there is none
	Notes []string               // what was assumed: missing files and columns, duplicates, block sizes
	// Sum is the SHA-256 of the filters and of Op, Features, X and Y of all
	// samples in their order. It changes when what training sees changes, and not
	// with rows that the filters drop, with columns that nothing reads, with names
	// of files or with the numbers of lines.
	Sum [32]byte
}

// Options say where the files are and how strictly they are read. The zero
// value reads what the original simulator would.
type Options struct {
	// Paths of the files, as given or relative to the working directory. {DEVICE},
	// {MODEL} and {NETWORK_DEVICE} stand for the names in the spec. An empty one is
	// the usual place below the directory. A file that is not there leaves its
	// operators without samples; one that was named here is an error.
	Compute, Attention, AllReduce, SendRecv, CPUOverhead string

	BlockSize int  // KV block size of the attention rows, tokens; 0 means that of the spec, or 16
	Strict    bool // another block size is not taken instead
	SkipCPU   bool // cpu_overheads.csv is not looked at
	Lenient   bool // an operator whose rows are all filtered out, or in other units, is a note and has no samples
}

// reader is one call of Read.
type reader struct {
	root string // holds compute, network and cpu_overhead
	spec vidur.ReplicaSpec
	opt  Options
	set  *Set
	used []string // filters, for the sum

	imported bool // the files were converted from another profiler's
}

// Read reads the profiles below dir, which holds the folder profiling (or is
// it), for one kind of replica. An operator that has a file but no row that fits
// gives an [*EmptyError], and one whose times are in another unit a
// [*UnitError].
func Read(dir string, spec vidur.ReplicaSpec, opt Options) (*Set, error) {
	spec.TP, spec.PP = max(spec.TP, 1), max(spec.PP, 1)
	r := &reader{root: Root(dir), spec: spec, opt: opt, set: &Set{}}
	if opt.BlockSize < 0 {
		return nil, fmt.Errorf("BlockSize %d must not be negative", opt.BlockSize)
	}
	if r.opt.BlockSize == 0 {
		r.opt.BlockSize = spec.BlockSize
	}
	if r.opt.BlockSize <= 0 {
		r.opt.BlockSize = defaultBlockSize
	}
	from, err := provenance(dir)
	if err != nil {
		return nil, err
	}
	r.imported = from == ProvenanceImported
	for _, s := range r.sources() {
		if !s.wanted {
			continue
		}
		if err := r.source(&s); err != nil {
			return nil, err
		}
	}
	r.set.Sum = r.sum()
	return r.set, nil
}

const defaultBlockSize = 16

// Root is the folder profiling below dir, or dir: where compute, network and
// cpu_overhead lie.
func Root(dir string) string {
	below := filepath.Join(dir, "profiling")
	if info, err := os.Stat(below); err == nil && info.IsDir() {
		return below
	}
	return dir
}

// source is a kind of file.
type source struct {
	path   string // chosen by the user, or ""
	usual  string // below the root
	wanted bool
	read   func(*rows) error
}

func (r *reader) sources() []source {
	o, s := &r.opt, &r.spec
	return []source{
		{o.Compute, "compute/{DEVICE}/{MODEL}/mlp.csv", true, r.compute},
		{"", "compute/{DEVICE}/{MODEL}/iteration.csv", r.imported, r.iteration},
		{o.Attention, "compute/{DEVICE}/{MODEL}/attention.csv", true, r.attention},
		{o.AllReduce, "network/{NETWORK_DEVICE}/all_reduce.csv", s.TP > 1, r.allReduce},
		{o.SendRecv, "network/{NETWORK_DEVICE}/send_recv.csv", s.PP > 1, r.sendRecv},
		{o.CPUOverhead, "cpu_overhead/{NETWORK_DEVICE}/{MODEL}/cpu_overheads.csv", !o.SkipCPU, r.cpu},
	}
}

func (r *reader) source(s *source) error {
	names := strings.NewReplacer("{DEVICE}", r.spec.Device.Name, "{MODEL}", r.spec.Model.Name, "{NETWORK_DEVICE}", r.spec.Node.Name)
	path := names.Replace(s.path)
	if path == "" {
		path = filepath.Join(r.root, filepath.FromSlash(names.Replace(s.usual)))
	}
	t, err := table.Open(path)
	if s.path == "" && errors.Is(err, fs.ErrNotExist) {
		r.note("%s: no such file", path)
		return nil
	}
	if err != nil {
		return err
	}
	rows := &rows{Table: t, at: t.Unique()}
	if n := t.Rows() - len(rows.at); n > 0 {
		r.note("%s: dropped rows that are equal to an earlier one: %d", t.File, n)
	}
	given := r.imported
	r.imported = given && s.path == ""
	defer func() { r.imported = given }()
	return s.read(rows)
}

func (r *reader) note(format string, args ...any) {
	r.set.Notes = append(r.set.Notes, fmt.Sprintf(format, args...))
}
