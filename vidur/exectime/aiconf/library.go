package aiconf

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/govidur/govidur/vidur/internal/walk"
)

// Info describes a table.
type Info struct {
	ID
	Family  string // folder of the kind; empty where the tree has none
	Kind    Kind
	Path    string
	Rows    int
	SHA256  string   // of the file, in hexadecimal
	Dtypes  []string // numeric types, sorted; of attention as attention/KV cache
	Engines []string // versions that the rows state, sorted; one may differ from Version, several do not mix
	// Frameworks are the engines that the rows state, in lower case, sorted. One may
	// differ from Backend, as that of nccl does; several do not mix.
	Frameworks []string
	Read       bool // whether the kind is one that this package reads
}

// Library is a folder of tables. It is safe for concurrent use, and reads each
// table when it is first needed.
type Library struct {
	dir    string
	tables []*table // by ID and kind
}

type table struct {
	Info
	once sync.Once
	data any // *gemmData, *attentionData, …
	odd  []string
	err  error
}

// Open finds the tables in a folder and below. Where their names come from is
// AIConfigurator's tree, systems/data/SYSTEM/FAMILY/BACKEND/VERSION/KIND_perf.parquet
// (with or without FAMILY; dir may be any folder of it), or one folder with those
// parts joined by "_". Files .csv and .txt, as older versions have them, are
// comma-separated. Other files are ignored; two files of the same table are an
// error.
func Open(dir string) (*Library, error) {
	l := &Library{dir: dir}
	err := walk.Files(dir, func(path string) error {
		full, err := filepath.Abs(path)
		if err != nil {
			return err
		}
		id, family, kind, ok := parseName(full)
		if !ok {
			return nil
		}
		t := &table{Info: Info{ID: id, Family: family, Kind: kind, Path: path, Read: slices.Contains(kinds[:], kind)}}
		if err := t.scan(); err != nil {
			return err
		}
		l.tables = append(l.tables, t)
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(l.tables, func(a, b *table) int {
		return cmp.Or(strings.Compare(a.System, b.System), strings.Compare(a.Backend, b.Backend),
			strings.Compare(a.Version, b.Version), strings.Compare(string(a.Kind), string(b.Kind)))
	})
	for i, t := range l.tables[min(1, len(l.tables)):] {
		if before := l.tables[i]; before.ID == t.ID && before.Kind == t.Kind {
			return nil, fmt.Errorf("%s and %s are both the %s table of %s", before.Path, t.Path, t.Kind, t.ID)
		}
	}
	if len(l.tables) == 0 {
		return nil, fmt.Errorf("%s: no table of AIConfigurator: no file ends in _perf.parquet, _perf.csv or _perf.txt and is named as its tree is", dir)
	}
	return l, nil
}

// Tables lists the tables, by system, backend, version and kind.
func (l *Library) Tables() []Info {
	list := make([]Info, len(l.tables))
	for i, t := range l.tables {
		list[i] = t.Info
		list[i].Dtypes, list[i].Engines, list[i].Frameworks = slices.Clone(t.Dtypes), slices.Clone(t.Engines), slices.Clone(t.Frameworks)
	}
	return list
}

// Check reads all tables that can be read, and returns the first error. What it
// lists are points that were left out: a table measures them twice, more than a
// factor of two apart. A table with many of those is an error.
func (l *Library) Check() (odd []string, err error) {
	for _, t := range l.tables {
		if !t.Read {
			continue
		}
		if _, err := t.load(); err != nil {
			return odd, err
		}
		odd = append(odd, t.odd...)
	}
	return odd, nil
}

// content reads the file whole.
func (t *table) content() ([]byte, error) {
	info, err := os.Stat(t.Path)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFileBytes {
		return nil, fmt.Errorf("%s: %d bytes, more than %d", t.Path, info.Size(), maxFileBytes)
	}
	return os.ReadFile(t.Path)
}

// scan fills in what is known of a table without its measurements.
func (t *table) scan() error {
	raw, err := t.content()
	if err != nil {
		return err
	}
	sum := sha256.Sum256(raw)
	t.SHA256 = hex.EncodeToString(sum[:])
	if !t.Read {
		return nil
	}
	s, err := openSheet(t.Path, raw)
	if err != nil {
		return err
	}
	t.Rows = s.rows
	engines, err := s.texts("version")
	if err != nil {
		return err
	}
	t.Engines = distinct(engines)
	frameworks, err := s.texts("framework")
	if err != nil {
		return err
	}
	for i, f := range frameworks {
		frameworks[i] = strings.ToLower(f)
	}
	t.Frameworks = distinct(frameworks)
	dtypes, err := s.dtypes(t.Kind)
	t.Dtypes = distinct(dtypes)
	return err
}

// several is the error of a table whose rows are of several engines or versions:
// their times do not mix, and its place names one of them only.
func (t *table) several() error {
	column, list := "framework", t.Frameworks
	if len(list) < 2 {
		column, list = "version", t.Engines
	}
	if len(list) < 2 {
		return nil
	}
	return fmt.Errorf("%s: column %q: rows of %s: times of different engines do not mix; make a table of each", t.Path, column, strings.Join(list, ", "))
}

// dtypes reads the numeric type of each row, whatever its column is called.
func (s *sheet) dtypes(k Kind) ([]string, error) {
	switch k {
	case GEMM:
		return s.texts("gemm_dtype")
	case CustomAllReduce:
		return s.texts("allreduce_dtype")
	case NCCL:
		return s.texts("nccl_dtype")
	case MoE:
		return s.texts("moe_dtype")
	}
	attention, err := s.texts("attn_dtype")
	if err != nil {
		return nil, err
	}
	cache, err := s.texts("kv_cache_dtype")
	for i := range cache {
		cache[i] = attention[i] + "/" + cache[i]
	}
	return cache, err
}

func distinct(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	list = slices.Compact(list)
	return slices.DeleteFunc(list, func(s string) bool { return strings.Trim(s, "/") == "" })
}

// load reads the measurements, once.
func (t *table) load() (any, error) {
	t.once.Do(func() {
		if t.err = t.several(); t.err != nil {
			return
		}
		raw, err := t.content()
		if err != nil {
			t.err = err
			return
		}
		s, err := openSheet(t.Path, raw)
		if err != nil {
			t.err = err
			return
		}
		if s.rows == 0 {
			t.err = fmt.Errorf("%s: the table has no rows", t.Path)
			return
		}
		t.data, t.err = s.parse(t.Kind)
		t.odd = s.dropped
	})
	return t.data, t.err
}

func (s *sheet) parse(k Kind) (any, error) {
	switch k {
	case GEMM:
		return parseGEMM(s)
	case ContextAttention, GenerationAttention:
		return parseAttention(s, k)
	case CustomAllReduce, NCCL:
		return parseCollective(s, k)
	case MoE:
		return parseMoE(s)
	}
	return nil, fmt.Errorf("%s: tables of kind %q are not read", s.file, k)
}

// find is the table of a kind, read; the error lists what there is.
func find[T any](l *Library, id ID, k Kind) (T, *table, error) {
	var none T
	for _, t := range l.tables {
		if t.ID != id || t.Kind != k {
			continue
		}
		data, err := t.load()
		if err != nil {
			return none, nil, err
		}
		return data.(T), t, nil
	}
	return none, nil, &MissingError{ID: id, Kind: k, Have: l.summary()}
}

// MissingError says that a library has no such table.
type MissingError struct {
	ID   ID
	Kind Kind
	Have string // the tables there are
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("no %s table of %s; there are %s", e.Kind, e.ID, e.Have)
}

// summary lists the tables in a line.
func (l *Library) summary() string {
	var parts []string
	for i := 0; i < len(l.tables); {
		id, names := l.tables[i].ID, []string{}
		for ; i < len(l.tables) && l.tables[i].ID == id; i++ {
			names = append(names, string(l.tables[i].Kind))
		}
		parts = append(parts, fmt.Sprintf("%s (%s)", id, strings.Join(names, ", ")))
	}
	return strings.Join(parts, "; ")
}
