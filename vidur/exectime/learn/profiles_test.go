package learn_test

import (
	"compress/gzip"
	"encoding/csv"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur/exectime/learn"
	"github.com/govidur/govidur/vidur/internal/sharedtest"
)

// computeOps are the operators of a layer that depend on the number of tokens.
var computeOps = []string{
	"attn_pre_proj", "attn_post_proj", "mlp_up_proj", "mlp_down_proj", "mlp_act",
	"input_layernorm", "post_attention_layernorm", "attn_rope", "add",
}

// A frame is a CSV file.
type frame struct {
	column map[string]int
	rows   [][]string
}

// readFrame reads a file and drops repeated rows, as the original does.
func readFrame(t testing.TB, path string) frame {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var text io.Reader = file
	if strings.HasSuffix(path, ".gz") {
		if text, err = gzip.NewReader(file); err != nil {
			t.Fatal(err)
		}
	}
	all, err := csv.NewReader(text).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	f := frame{column: map[string]int{}}
	for i, name := range all[0] {
		f.column[name] = i
	}
	seen := map[string]bool{}
	for _, r := range all[1:] {
		if key := strings.Join(r, ","); !seen[key] {
			seen[key] = true
			f.rows = append(f.rows, r)
		}
	}
	return f
}

// where keeps the rows of which a column is, or is not, a value.
func (f frame) where(column, value string, is bool) frame {
	i := f.column[column]
	rows := slices.DeleteFunc(slices.Clone(f.rows), func(r []string) bool { return (r[i] == value) != is })
	return frame{column: f.column, rows: rows}
}

func (f frame) numbers(column string, of func(float64) float64) []float64 {
	i, ok := f.column[column]
	out := make([]float64, len(f.rows))
	for r, row := range f.rows {
		if ok && row[i] != "" {
			v, err := strconv.ParseFloat(row[i], 64)
			if err != nil {
				panic(err)
			}
			out[r] = of(v)
		}
	}
	return out
}

func (f frame) data(op string, features ...string) learn.Data {
	d := learn.Data{Features: features, Y: f.numbers("time_stats."+op+".median", same)}
	for _, name := range features {
		d.X = append(d.X, f.numbers(name, same))
	}
	return d
}

func same(v float64) float64 { return v }

// attention returns the data of both attention operators.
func attention(t testing.TB, path string) (prefill, decode learn.Data) {
	f := readFrame(t, path)
	p := f.where("prefill_chunk_size", "0", false)
	prefill = p.data("attn_prefill", "kv_cache_size")
	prefill.Features = append(prefill.Features, "prefill_chunk_size_squared")
	prefill.X = append(prefill.X, p.numbers("prefill_chunk_size", func(v float64) float64 { return v * v }))
	return prefill, f.where("prefill_chunk_size", "0", true).data("attn_decode", "batch_size", "kv_cache_size")
}

func collective(t testing.TB, node, op string) learn.Data {
	f := readFrame(t, sharedtest.Path(t, "vidur-data", "profiling", "network", node, op+".csv"))
	f = f.where("devices_per_node", "2", true).where("num_workers", "2", true)
	d := f.data(op)
	d.Features, d.X = []string{"num_tokens"}, [][]float64{f.numbers("size", func(v float64) float64 { return v / 8192 / 2 })}
	return d
}

// An operator is the data of an operator of a model on a device.
type operator struct {
	device, model, name string
	learn.Data
}

// llama70b returns what the original learns for Llama-2-70b on two a100.
func llama70b(t testing.TB) []operator {
	dir := sharedtest.Path(t, "vidur-data", "profiling", "compute", "a100", "meta-llama", "Llama-2-70b-hf")
	mlp := readFrame(t, filepath.Join(dir, "mlp.csv")).where("num_tensor_parallel_workers", "2", true)
	var ops []operator
	add := func(name string, d learn.Data) {
		ops = append(ops, operator{"a100", "meta-llama/Llama-2-70b-hf", name, d})
	}
	for _, name := range computeOps {
		add(name, mlp.data(name, "num_tokens"))
	}
	add("send_recv", collective(t, "a100_pairwise_nvlink", "send_recv"))
	add("all_reduce", collective(t, "a100_pairwise_nvlink", "all_reduce"))
	prefill, decode := attention(t, filepath.Join(dir, "attention.csv"))
	add("attn_prefill", prefill)
	add("attn_decode", decode)
	return ops
}

// everyOperator returns all compute operators of all profiles, for TP 2 or, of
// models that have none, TP 1.
func everyOperator(t testing.TB) []operator {
	root := sharedtest.Path(t, "vidur-data", "profiling", "compute")
	var ops []operator
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if filepath.Base(path) != "mlp.csv" || err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, filepath.Dir(path))
		device, model, _ := strings.Cut(filepath.ToSlash(rel), "/")
		f := readFrame(t, path)
		if tp2 := f.where("num_tensor_parallel_workers", "2", true); len(tp2.rows) > 0 {
			f = tp2
		}
		for _, name := range computeOps {
			if d := f.data(name, "num_tokens"); slices.Max(d.Y) > 0 {
				ops = append(ops, operator{device, model, name, d})
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return ops
}
