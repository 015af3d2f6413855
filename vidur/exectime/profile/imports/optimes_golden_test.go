package imports

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Imports of files that are constructed to the specification of their formats, as
// they are to come out: UPDATE_IMPORTS=1 writes them anew.
func TestTablesGolden(t *testing.T) {
	one := Options{Spec: replica(t, "llama-3-8b", "h100", 1)}
	short := one
	short.Layers = 2 // as the fixtures have
	two := Options{Spec: replica(t, "llama-3-8b", "h100", 2)}
	for _, c := range []struct {
		path string
		o    Options
	}{
		{"batching/op_times.tsv", short}, {"batching/op_times_detailed.tsv", short}, {"batching/parsed_csvs/data_3.csv", short},
		{"batching", short}, {"batching/kernel_dat.csv", short}, {"log_ilen_64_bsize_2.jsonl", one},
		{"bundle", one}, {"bundle/tp2", two}, {"aiconf", two},
	} {
		t.Run(c.path, func(t *testing.T) {
			traces, err := Open(filepath.Join("testdata", "tables", filepath.FromSlash(c.path)), "", c.o)
			if err != nil {
				t.Fatal(err)
			}
			got := dump(t, traces, c.o)
			file := filepath.Join("testdata", "tables", "golden", strings.NewReplacer("/", "-", ".", "-").Replace(c.path)+".txt")
			if *update {
				put(t, ".", file, string(got))
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("the import is not what %s says:\n%s", file, got)
			}
		})
	}
}

// dump prints what traces become.
func dump(t *testing.T, traces []*Trace, o Options) []byte {
	t.Helper()
	rules, err := NewRules("")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, trace := range traces {
		fmt.Fprintf(&out, "%s %s %s %s TP %d %s missing %q\n", filepath.ToSlash(trace.File), trace.Format, trace.Model, trace.Device, trace.TP, trace.DType, trace.Missing)
		for _, r := range trace.Rules {
			fmt.Fprintf(&out, "rule %s: %s\n", r.Pattern, r.Op)
		}
		notes := trace.Notes
		if trace.Rules == nil {
			r, err := Convert(trace, rules, o.Spec)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range trace.Steps {
				fmt.Fprintf(&out, "step %s: %d requests, %d tokens, %d cached, %d kernels, %.4f µs\n", s.Name, s.Requests, s.Tokens, s.Cached, len(s.Kernels), s.Time())
			}
			for _, row := range r.Rows {
				fmt.Fprintf(&out, "row %s x %d cached %d bytes %d batch %d: %.6f µs, line %d\n", row.Op, row.X, row.Cached, row.Bytes, row.Batch, row.Time, row.Line)
			}
			notes = r.Notes
		}
		for _, n := range notes {
			fmt.Fprintf(&out, "note %s\n", filepath.ToSlash(n))
		}
	}
	return out.Bytes()
}
