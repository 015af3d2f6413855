package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// profiles makes a folder of profiles of Llama-2-7b on an A40, for TP 1, with
// GEMMs of 2 µs a token.
func profiles(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	ops := []string{"emb", "input_layernorm", "attn_pre_proj", "attn_rope", "attn_post_proj", "post_attention_layernorm", "mlp_up_proj", "mlp_act", "mlp_down_proj", "add"}
	var text strings.Builder
	for _, op := range ops {
		fmt.Fprintf(&text, "time_stats.%s.median,", op)
	}
	text.WriteString("n_head,n_kv_head,n_embd,n_expanded_embd,vocab_size,use_gated_mlp,num_tokens,num_tensor_parallel_workers\n")
	for n := 8; n <= 512; n += 8 {
		for range ops {
			fmt.Fprintf(&text, "%.4f,", 0.05+0.002*float64(n))
		}
		fmt.Fprintf(&text, "32,32,4096,11008,32768,True,%d,1\n", n)
	}
	path := filepath.Join(dir, "profiling", "compute", "a40", "meta-llama", "Llama-2-7b-hf", "mlp.csv")
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}

var onA40 = []string{"--device", "a40", "--model", "llama-2-7b", "--cache", "none", "--trees", "50"}

func TestProfileShow(t *testing.T) {
	args := append([]string{"profile", "show", "--json", "--data", profiles(t)}, onA40...)
	r := do(args...)
	var list []struct {
		Operator, Source string
		Rows             int
		Error            float64 `json:"error_percent"`
	}
	if err := json.Unmarshal([]byte(r.out), &list); err != nil || r.status != 0 {
		t.Fatal(r, err)
	}
	measured := 0
	for _, p := range list {
		if p.Source == "measured" {
			measured++
			if p.Rows != 64 || !(p.Error < 5) {
				t.Errorf("%+v", p)
			}
		}
	}
	if measured != 9 || len(list) <= measured {
		t.Errorf("%d of %d operators are measured", measured, len(list))
	}
	r = do(append([]string{"profile", "show", "--data", profiles(t)}, onA40...)...)
	for _, want := range []string{"mlp_up_proj", "measured", "forest(trees=50", "attn_decode", "analytic"} {
		if !strings.Contains(r.out, want) {
			t.Errorf("no %q in\n%s", want, r.out)
		}
	}
	const none = "no operator times are taken from it"
	empty := do(append([]string{"profile", "show", "--data", t.TempDir()}, onA40...)...)
	if strings.Contains(r.out, none) || !strings.Contains(empty.out, none) {
		t.Errorf("with profiles:\n%s\nwithout:\n%s", r.out, empty.out)
	}
}

// TestSimulateProfiles: a run with profiles takes its times from them, and says
// so; it takes another time than the analytic model.
func TestSimulateProfiles(t *testing.T) {
	args := append([]string{"simulate", "--no-files", "--requests", "50", "--qps", "1"}, onA40...)
	with := do(append(args, "--data", profiles(t))...)
	if with.status != 0 || !strings.Contains(with.out, "9 measured") || !strings.Contains(with.out, "step times") {
		t.Error(with)
	}
	without := do(args...)
	if without.status != 0 || !strings.Contains(without.out, "analytic model") {
		t.Error(without)
	}
	slow := do(append(args, "--cpu-ms", "50")...)
	line := func(out string) string { return out[strings.Index(out, "TPOT"):strings.Index(out, "E2E")] }
	if a, b, c := line(with.out), line(without.out), line(slow.out); a == b || b == c {
		t.Errorf("the same times:\n%s%s%s", a, b, c)
	}
}

func TestProfileCheck(t *testing.T) {
	dir := profiles(t)
	if r := do("profile", "check", dir); r.status != 0 {
		t.Error(r)
	}
	path := filepath.Join(dir, "profiling", "compute", "a40", "meta-llama", "Llama-2-7b-hf", "mlp.csv")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	broken := strings.Replace(string(text), "0.0820", "x", 1)
	if err := os.WriteFile(path, []byte(broken), 0o666); err != nil {
		t.Fatal(err)
	}
	r := do("profile", "check", dir)
	if r.status != 2 || !strings.Contains(r.out, "mlp.csv:3") {
		t.Error(r)
	}
}

// TestProfileFit: the device file of a fit is what --device takes.
func TestProfileFit(t *testing.T) {
	file := filepath.Join(t.TempDir(), "my.json")
	if r := do("profile", "fit", profiles(t), "--device", "a40", "--out", file); r.status != 0 || !strings.Contains(r.out, "gemm") {
		t.Fatal(r)
	}
	args := []string{"simulate", "--no-files", "--requests", "20", "--model", "llama-2-7b", "--device"}
	fitted, shipped := do(append(args, file)...), do(append(args, "a40")...)
	if fitted.status != 0 || shipped.status != 0 || fitted.out == shipped.out {
		t.Error(fitted, shipped)
	}
	if r := do("profile", "fit", t.TempDir(), "--device", "a40", "--out", file); r.status != 2 {
		t.Error(r)
	}
}

// A device file is made of AIConfigurator's tables, too. Its errors are those of the
// fit.
func TestProfileFitTables(t *testing.T) {
	file := filepath.Join(t.TempDir(), "my.json")
	for want, args := range map[string][]string{
		"or --aiconfigurator DIR": {"profile", "fit", "--out", file},
		"do not go together":      {"profile", "fit", ".", "--aiconfigurator", ".", "--device", "h200", "--out", file},
		"no table":                {"profile", "fit", "--aiconfigurator", t.TempDir(), "--device", "h200", "--out", file},
		"--memory":                {"profile", "fit", "--aiconfigurator", ".", "--device", "nogpu", "--out", file},
	} {
		if r := do(args...); r.status != 2 || !strings.Contains(r.err, want) {
			t.Errorf("%q: %v, want %q", args, r, want)
		}
	}
	tables := []string{"profile", "fit", "--aiconfigurator", shared(t, "aiconfigurator"), "--device", "mygpu", "--memory", "96GiB", "--out", file}
	if r := do(tables...); r.status != 2 || !strings.Contains(r.err, "--system") || !strings.Contains(r.err, "h200_sxm") {
		t.Error(r)
	}
	if r := do(append(tables, "--system", "h200_sxm", "--tflops", "989.4", "--bandwidth", "4800", "--sms", "132", "--l2", "50", "--link", "900")...); r.status != 0 || !strings.Contains(r.out, "gemm: 6.5 %") {
		t.Fatal(r)
	}
	r := do("profile", "show", "--device", file, "--model", "llama-3-8b", "--tp", "2", "--cache", "none")
	if r.status != 0 || !strings.Contains(r.out, "on mygpu in mygpu_node") || !strings.Contains(r.out, "what they were fitted to") {
		t.Error(r)
	}
}

func TestProfileCompare(t *testing.T) {
	r := do("profile", "compare", "--data", profiles(t))
	if r.status != 0 || strings.Count(r.out, "meta-llama/Llama-2-7b-hf") != 9 {
		t.Error(r)
	}
}

// A GPU and a model that no catalogue has are compared and checked by the files
// that describe them.
func TestProfileOfStrangers(t *testing.T) {
	dir, home := profiles(t), t.TempDir()
	compute := filepath.Join(dir, "profiling", "compute")
	if err := os.Rename(filepath.Join(compute, "a40", "meta-llama", "Llama-2-7b-hf"), filepath.Join(compute, "a40", "mine")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(compute, "a40"), filepath.Join(compute, "mygpu")); err != nil {
		t.Fatal(err)
	}
	model, device := filepath.Join(home, "mine.json"), filepath.Join(home, "mygpu.json")
	write(t, model, `{"model_type": "llama", "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32,
		"num_attention_heads": 32, "vocab_size": 32768, "max_position_embeddings": 4096}`)
	write(t, device, `{"devices": [{"name": "mygpu", "tflops": 150, "bandwidth_gbs": 696, "memory_gb": 45, "sms": 84, "l2_mb": 6}]}`)
	if r := do("profile", "compare", "--data", dir); strings.Count(r.err, "names a file that describes it") != 1 {
		t.Error(r)
	}
	if r := do("profile", "compare", "--data", dir, "--model", model, "--device", device); r.status != 0 || strings.Count(r.out, "mygpu") != 9 {
		t.Error(r)
	}
	if r := do("profile", "check", dir); !strings.Contains(r.out, `"mygpu" is not in the catalogue`) {
		t.Error(r)
	}
	if r := do("profile", "check", dir, "--device", device); strings.Contains(r.out, `"mygpu" is not`) {
		t.Error(r)
	}
	all := good(t, "profile", "help").out
	for _, c := range profileCommands {
		if !strings.Contains(all, "vidur profile "+c.name+" ") || good(t, "profile", c.name, "--help").out == all {
			t.Errorf("no help of its own for %s", c.name)
		}
	}
	if r := do("profile", "check", "--help"); r.status != 0 || !strings.HasPrefix(r.out, "vidur profile check DIR") || strings.Contains(r.out, "profile fit") {
		t.Error(r)
	}
}

func TestProfileMisuse(t *testing.T) {
	for _, args := range [][]string{
		{"profile", "shw"}, {"profile", "check"}, {"profile", "fit"}, {"profile", "fit", ".", "--device", "a40"},
		{"profile", "compare"}, {"profile", "show", "--device", "a401"}, {"profile", "show", "--estimator", "tree"},
		{"profile", "show", "--trees", "0"}, {"profile", "check", "/nonexistent"},
	} {
		if r := do(args...); r.status != 2 || strings.Count(r.err, "\n") != 1 {
			t.Errorf("%q: %+v", args, r)
		}
	}
}
