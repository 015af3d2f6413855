package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// printedTable writes a table of key_averages of a decode step to a file: kernels
// of 32 layers.
func printedTable(t *testing.T, dir string) string {
	t.Helper()
	rule := strings.Repeat("-", 40) + strings.Repeat("  "+strings.Repeat("-", 12), 3) + "\n"
	line := func(cells ...any) string { return fmt.Sprintf("%40s  %12v  %12v  %12v\n", cells...) }
	text := rule + line("Name", "Self CPU", "Self CUDA", "# of Calls") + rule +
		line("ampere_fp16_s16816gemm", "0.000us", "8.000ms", 129) +
		line("flash_fwd_splitkv_kernel", "0.000us", "640.000us", 32) +
		line("fused_add_rms_norm_kernel", "0.000us", "320.000us", 65) +
		line("act_and_mul_kernel", "0.000us", "160.000us", 32) +
		line("rotary_embedding_kernel", "0.000us", "96.000us", 32) +
		line("reshape_and_cache_flash_kernel", "0.000us", "64.000us", 32) +
		line("who_knows", "0.000us", "20.000us", 1) +
		rule + "Self CPU time total: 9.000ms\nSelf CUDA time total: 9.300ms\n"
	path := filepath.Join(dir, "table.txt")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestProfileImport(t *testing.T) {
	dir := t.TempDir()
	file, out := printedTable(t, dir), filepath.Join(dir, "out")
	on := []string{"--model", "llama-2-7b", "--device", "a40"}
	flags := append([]string{"--out", out, "--batch", "16", "--cached", "300", "--phase", "decode"}, on...)
	r := do(append([]string{"profile", "import", file}, flags...)...)
	if r.status != 0 || !strings.Contains(r.out, "unclassified    0.2 %  who_knows") || !strings.Contains(r.out, "decode_1  16") {
		t.Fatal(r)
	}
	show := do(append([]string{"profile", "show", "--json", "--cache", "none", "--data", out}, on...)...)
	var list []struct{ Operator, Source string }
	if err := json.Unmarshal([]byte(show.out), &list); err != nil {
		t.Fatal(show, err)
	}
	for _, p := range list {
		want := "imported"
		if p.Operator == "attn_prefill" {
			want = "analytic" // nothing prefilled
		}
		if p.Source != want {
			t.Errorf("%s is %s, not %s", p.Operator, p.Source, want)
		}
	}
	if r := do("profile", "check", out); r.status != 0 {
		t.Error(r)
	}
	r = do(append([]string{"simulate", "--data", out, "--cache", "none", "--requests", "20", "--out", filepath.Join(dir, "run")}, on...)...)
	if r.status != 0 || !strings.Contains(r.out, "imported") {
		t.Error(r)
	}
	if r := do(append([]string{"profile", "import", file}, flags...)...); r.status == 0 || !strings.Contains(r.err, "imported into") {
		t.Error(r)
	}
}

func TestProfileImportErrors(t *testing.T) {
	dir := t.TempDir()
	file, out := printedTable(t, dir), filepath.Join(dir, "out")
	for _, c := range []struct{ args, want string }{
		{"", "takes files or folders"},
		{"--out OUT", "takes files or folders"},
		{"FILE", "needs --out"},
		{"FILE --out OUT", "--model and --device"},
		{"FILE --out OUT --model llama-2-7b --device a40", "give --batch"},
		{"FILE --out OUT --model llama-2-7b --device a40 --batch -3", "--batch: -3 must not be negative"},
		{"FILE --out OUT --phase late", `unknown phase "late"`},
		{"FILE --out OUT --format kinetto", `unknown format "kinetto"; near: kineto`},
		{"FILE --out OUT --format kineto --model llama-2-7b --device a40", "table.txt:1: "},
		{"FILE --out OUT --rules FILE", "table.txt:1: "},
		{"missing --out OUT", "no such file"},
	} {
		args := strings.Fields(strings.NewReplacer("FILE", file, "OUT", out).Replace("profile import " + c.args))
		if r := do(args...); r.status == 0 || !strings.Contains(r.err, c.want) {
			t.Errorf("%s: %v instead of %q", c.args, r, c.want)
		}
		if _, err := os.Stat(out); err == nil {
			t.Fatalf("%s: something was written", c.args)
		}
	}
	if r := do("profile", "import", "--help"); r.status != 0 || !strings.Contains(r.out, "key_averages") {
		t.Error(r)
	}
}

// The GPU time of a table that is imported is the time that is predicted for the
// step, also where a prefill and a decode step have equally many tokens.
func TestProfileImportTable(t *testing.T) {
	dir := t.TempDir()
	file, out := printedTable(t, dir), filepath.Join(dir, "out")
	slow := filepath.Join(dir, "slow.txt")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text = []byte(strings.NewReplacer("8.000ms", "9.000ms", "9.300ms", "10.300ms").Replace(string(text)))
	if err := os.WriteFile(slow, text, 0o666); err != nil {
		t.Fatal(err)
	}
	on := []string{"--model", "llama-2-7b", "--device", "a40"}
	for _, args := range [][]string{{file, "--batch", "16", "--cached", "301", "--phase", "decode"}, {slow, "--batch", "1", "--prompt", "16", "--phase", "prefill"}} {
		if r := do(append(append([]string{"profile", "import"}, args...), append(on, "--out", out)...)...); r.status != 0 {
			t.Fatal(r)
		}
	}
	for _, c := range []struct {
		args []string
		want float64
	}{
		{[]string{"--batch", "16", "--prompt", "300", "--phase", "decode_1"}, 9300},
		{[]string{"--batch", "1", "--prompt", "16", "--phase", "prefill"}, 10300},
	} {
		r := do(append(append([]string{"profile", "table", out, "--json", "--cache", "none"}, c.args...), on...)...)
		var roots []struct {
			Entry struct {
				Us float64 `json:"cuda_time_us"`
			}
		}
		if err := json.Unmarshal([]byte(r.out), &roots); err != nil {
			t.Fatal(r, err)
		}
		sum := 0.0
		for _, n := range roots {
			sum += n.Entry.Us
		}
		if math.Abs(sum/c.want-1) > 0.001 {
			t.Errorf("%q: %.1f µs instead of %.1f", c.args, sum, c.want)
		}
	}
}

// A file of another GPU than the flags say is imported with a note.
func TestProfileImportOtherDevice(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "t.json")
	text := `{"deviceProperties": [{"id": 0, "name": "NVIDIA A100-SXM4-80GB"}], "traceEvents": [
{"ph": "X", "cat": "kernel", "name": "some_gemm", "pid": 0, "tid": 7, "ts": 1, "dur": 5, "args": {"device": 0, "stream": 7}}]}`
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	for device, want := range map[string]bool{"h100": true, "a100": false} {
		r := do("profile", "import", file, "--out", filepath.Join(dir, device), "--model", "llama-2-7b", "--device", device, "--batch", "1", "--prompt", "8")
		if r.status != 0 || strings.Contains(r.out, "A100-SXM4-80GB was profiled") != want {
			t.Error(device, r)
		}
	}
}

// What a file says and the user says otherwise is the user's, or the file's where it
// tells of each step, and is noted.
func TestProfileImportContradicted(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "profile.json")
	const node = `{"entry": {"name": "flash_fwd", "cuda_time_us": 5.5, "pct_cuda_time": 100.0, "invocations": 1}, "children": []}`
	text := `{"context": {"torch_cuda_version": "12", "engine_args": {"model": "meta-llama/Llama-2-7b-hf", "tensor_parallel_size": 2, "dtype": "float8"},
 "prompt_len": 64, "batch_size": 16}, "prefill": {"metadata": {"num_running_seqs": null}, "summary_stats": [` + node + `], "model_stats": []}}`
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	r := do("profile", "import", file, "--out", filepath.Join(dir, "out"), "--model", "llama-3-8b", "--device", "a100", "--tp", "1", "--batch", "8", "--prompt", "64")
	for _, want := range []string{
		"it says that meta-llama/Llama-2-7b-hf was profiled; these are profiles of meta-llama/Meta-Llama-3-8B, as --model says",
		"it says that TP 2 was profiled; these are profiles of TP 1, as --tp says", "values are of the type float8", "it says batch 16, which is taken; --batch 8 is not used",
	} {
		if r.status != 0 || !strings.Contains(r.out, want) {
			t.Errorf("no %q in %v", want, r)
		}
	}
	if strings.Contains(r.out, "--prompt") {
		t.Error(r)
	}
}
