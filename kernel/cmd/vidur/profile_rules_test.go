package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const tablesDir = "../../../vidur/exectime/profile/imports/testdata/tables/"

// Tables of every format come in, are checked, shown and simulated with.
func TestImportedTablesAreSimulated(t *testing.T) {
	for _, c := range []struct{ path, tp, flags, format string }{
		{"batching", "1", "--layers 2", "controlled-batching"},
		{"batching/op_times.tsv", "1", "--layers 2 --prompt 32", "op-times"},
		{"batching/parsed_csvs/data_3.csv", "1", "--layers 2 --cached 80", "kernel-rows"},
		{"log_ilen_64_bsize_2.jsonl", "1", "", "engine-log"},
		{"bundle", "1", "", "llmservingsim"},
		{"aiconf", "2", "", "aiconfigurator"},
	} {
		t.Run(c.format, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "profiles")
			on := []string{"--model", "llama-3-8b", "--device", "h100", "--tp", c.tp}
			r := do(append(append([]string{"profile", "import", filepath.FromSlash(tablesDir + c.path), "--out", dir}, on...), strings.Fields(c.flags)...)...)
			if r.status != 0 || !strings.Contains(r.out, c.format+" of meta-llama/Meta-Llama-3-8B, TP "+c.tp) {
				t.Fatal(r)
			}
			if r := do("profile", "check", dir); r.status != 0 {
				t.Error(r)
			}
			r = do(append([]string{"profile", "show", "--data", dir}, on...)...)
			if r.status != 0 || !strings.Contains(r.out, "imported") {
				t.Error(r)
			}
			r = do(append([]string{"simulate", "--data", dir, "--requests", "20", "--no-files"}, on...)...)
			if r.status != 0 || !strings.Contains(r.out, "imported") || !strings.Contains(r.out, "20 of 20 requests complete") {
				t.Error(r)
			}
		})
	}
}

func TestImportOfLabelsMakesRules(t *testing.T) {
	dir := t.TempDir()
	rules := filepath.Join(dir, "rules.json")
	labels := filepath.FromSlash(tablesDir + "batching/kernel_dat.csv")
	r := do("profile", "import", labels, "--out", rules)
	if r.status != 0 || !strings.Contains(r.out, "2 rules of kernel-dat") || !strings.Contains(r.out, "no times") {
		t.Fatal(r)
	}
	on := []string{"--model", "llama-3-8b", "--device", "h100", "--layers", "2", "--rules", rules}
	rows := filepath.FromSlash(tablesDir + "batching/parsed_csvs/data_3.csv")
	if r := do(append([]string{"profile", "import", rows, "--out", filepath.Join(dir, "a")}, on...)...); r.status != 0 {
		t.Error(r)
	}
	if r := do("profile", "import", labels, "--out", rules); r.status == 0 {
		t.Error("rules that were there before are overwritten")
	}
	both := filepath.Join(dir, "b")
	if r := do(append([]string{"profile", "import", labels, rows, "--out", both}, on...)...); r.status == 0 {
		t.Error("rules and profiles come out of one import")
	}
	if _, err := os.Stat(both); err == nil {
		t.Error("a refused import has written something")
	}
}

// Nothing is written where a table is wrong, and the error says where.
func TestImportOfABrokenTable(t *testing.T) {
	dir := t.TempDir()
	table := filepath.Join(dir, "op_times.tsv")
	if err := os.WriteFile(table, []byte("batch_size attention linear others\n1 0.1 0.2 0.3\n3 0.1 0."), 0o666); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "profiles")
	r := do("profile", "import", table, "--out", out, "--model", "llama-3-8b", "--device", "h100")
	if r.status == 0 || !strings.Contains(r.err, table+":3: 3 cells where the header has 4") {
		t.Error(r)
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) != 1 {
		t.Errorf("the folder has %v, %v", list, err)
	}
}
