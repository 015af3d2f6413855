package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur/exectime/profile/plan"
)

func planIn(t *testing.T, path string) *plan.Plan {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p, err := plan.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestProfilePlan: the plan in the file is that on standard output, and its summary
// says what it costs.
func TestProfilePlan(t *testing.T) {
	file := filepath.Join(t.TempDir(), "plan.json")
	args := []string{"profile", "plan", "--model", "llama-2-7b", "--device", "a100", "--tp", "2,1", "--max-tokens", "256", "--max-batch", "8", "--ops", "mlp_up_proj,decode"}
	r := do(append(args, "-o", file)...)
	if r.status != 0 || !strings.Contains(r.out, "token") || !strings.Contains(r.out, "peak memory") || strings.Contains(r.out, "prefill") {
		t.Fatal(r)
	}
	p := planIn(t, file)
	for _, pt := range p.Points {
		if pt.Kind != plan.Token && pt.Kind != plan.Decode || pt.TP > 2 || pt.Tokens > 256 || pt.Batch > 8 || pt.Cached > 255 {
			t.Errorf("%+v", pt)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if r := do(append(args, "--json")...); r.status != 0 || r.out != string(text) {
		t.Errorf("--json and -o differ: %d, %s", r.status, r.err)
	}
	r = do(append(args, "-o", file, "--budget", "3s")...)
	short := planIn(t, file)
	if r.status != 0 || short.Seconds() > 3 || short.Budget != 3 || len(short.Points) >= len(p.Points) {
		t.Error(r, short.Seconds())
	}
}

// TestProfilePlanUnknown: a GPU that is in no catalogue, and a model by its
// config.json.
func TestProfilePlanUnknown(t *testing.T) {
	dir := t.TempDir()
	config := `{"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 512, "intermediate_size": 1024, "num_hidden_layers": 4,
		"num_attention_heads": 6, "num_key_value_heads": 2, "head_dim": 64, "vocab_size": 1000, "max_position_embeddings": 512, "hidden_act": "silu", "torch_dtype": "bfloat16"}`
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(config), 0o666); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "plan.json")
	r := do("profile", "plan", "--model", dir, "--device", "mygpu", "--memory", "12GiB", "--gpus-per-node", "2", "-o="+file)
	if r.status != 0 || !strings.Contains(r.out, "is taken from an A100") || !strings.Contains(r.out, "TP 4") {
		t.Fatal(r)
	}
	p := planIn(t, file)
	if p.Device != "mygpu" || p.Node != "mygpu_node" || p.MemoryBytes != 12<<30 || p.Model.QHeads != 6 || p.Model.HeadDim != 64 {
		t.Errorf("%+v", p.Model)
	}
	for _, pt := range p.Points {
		if pt.TP > 2 || pt.Cached+pt.Chunk > 512 {
			t.Errorf("%+v", pt)
		}
	}
	full := do("profile", "plan", "--model", dir, "--device", "mygpu", "--memory", "12", "--tflops", "100", "--bandwidth", "500", "--sms", "40", "--l2", "4", "--link", "50", "--gddr")
	if full.status != 0 || strings.Contains(full.out, "note") {
		t.Error(full)
	}
	fitted := filepath.Join(dir, "my.json")
	if r := do("profile", "fit", profiles(t), "--device", "a40", "--out", fitted); r.status != 0 {
		t.Fatal(r)
	}
	if r := do("profile", "plan", "--model", "llama-2-7b", "--device", fitted, "--tp", "1"); r.status != 0 || !strings.Contains(r.out, "on a40") {
		t.Error(r)
	}
}

// TestProfilePlanMode: the runs of vLLM's example, and what its engine refuses.
func TestProfilePlanMode(t *testing.T) {
	file := filepath.Join(t.TempDir(), "plan.json")
	args := []string{"profile", "plan", "--model", "llama-3-8b", "--tp", "1", "--batch-size", "128", "--prompt-len", "32", "-o", file, "--mode"}
	r := do(append(args, "run_to_completion", "-k", "32", "--enforce-eager")...)
	if r.status != 0 || !strings.Contains(r.out, "steps: 6, of 128, 128, 96, 64, 32, 1 requests; answers: 32 of 2 tokens, 32 of 3 tokens, 32 of 4 tokens, 31 of 5 tokens, 1 of 6 tokens") {
		t.Fatal(r)
	}
	var decodes []string
	for _, pt := range planIn(t, file).Points {
		if pt.Kind == plan.Decode {
			decodes = append(decodes, pt.ID)
		}
	}
	if got := strings.Join(decodes, " "); got != "decode/tp1/b128/kv33 decode/tp1/b96/kv34 decode/tp1/b64/kv35 decode/tp1/b32/kv36 decode/tp1/b1/kv37" {
		t.Error(got)
	}
	if r := do(append(args, "run_to_completion", "-n", "32", "--enforce-eager")...); r.status != 0 {
		t.Error(r)
	}
	if r := do(append(args, "run_num_steps", "-n", "3", "--enforce-eager")...); r.status != 0 || len(planIn(t, file).Points) != 2+1+2+1 {
		t.Error(r, planIn(t, file).Points)
	}
	for _, c := range []struct {
		flags []string
		want  string
	}{
		{[]string{"run_num_steps", "-n", "3"}, "eager"},
		{[]string{"run_num_steps", "-n", "3", "--enforce-eager", "--max-num-seqs", "64"}, "max_num_seqs 64"},
		{[]string{"run_num_steps", "-n", "3", "--enforce-eager", "--max-num-batched-tokens", "4095"}, "max_num_batched_tokens 4095"},
		{[]string{"run_num_steps", "-n", "3", "--enforce-eager", "--max-model-len", "34"}, "max_model_len 34"},
		{[]string{"run_num_steps", "--enforce-eager"}, "needs -n"},
		{[]string{"run_num_steps", "-n", "2", "-k", "2", "--enforce-eager"}, "needs -n"},
		{[]string{"run_num_steps", "-n", "2", "--enforce-eager", "--max-model-len", "8193"}, "the model's context of 8192"},
		{[]string{"run_num_steps", "-n", "2", "--enforce-eager", "--batch-size", "0"}, "from 1 to 2147483647"},
		{[]string{"run_to_completion", "--enforce-eager"}, "needs -k"},
		{[]string{"run_to_completion", "-k", "2", "-n", "3", "--enforce-eager"}, "not both"},
		{[]string{"run_num_step", "-n", "3"}, "run_num_steps"},
	} {
		if r := do(append(args, c.flags...)...); r.status != 2 || !strings.Contains(r.err, c.want) || strings.Count(r.err, "\n") != 1 {
			t.Errorf("%q: %+v", c.flags, r)
		}
	}
}

func TestProfilePlanMisuse(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--device", "mygpu"}, "--memory 80GiB"},
		{[]string{"--device", "../mygpu", "--memory", "80GiB"}, "no name of a GPU"},
		{[]string{"--device", "mygpu", "--memory", "lots"}, "no size of memory"},
		{[]string{"--device", "mygpu", "--tflops", "100"}, "--memory says"},
		{[]string{"--budget", "10"}, "10m"},
		{[]string{"--budget", "-1m"}, "10m"},
		{[]string{"--tp", "2,x"}, "--tp"},
		{[]string{"--tp", ","}, "empty"},
		{[]string{"--tp", "3"}, "does not divide"},
		{[]string{"--ops", "gemm"}, "no kind and no operator"},
		{[]string{"--max-tokens", "99999999"}, "tokens"},
		{[]string{"--max-context", "99999"}, "at most"},
		{[]string{"--data", "/nonexistent"}, "nonexistent"},
		{[]string{"--dtype", "fp8"}, "bfloat16"},
		{[]string{"-n", "3"}, "--mode"},
		{[]string{"--batch-size", "8"}, "--mode"},
		{[]string{"--enforce-eager"}, "--mode"},
		{[]string{"--max-num-seqs", "0"}, "--mode"},
		{[]string{"--model", "nope"}, "nope"},
		{[]string{"-o", "/nonexistent/plan.json", "--max-tokens", "8"}, "nonexistent"},
		{[]string{"plan.json"}, "unexpected argument"},
	} {
		r := do(append([]string{"profile", "plan"}, c.args...)...)
		if r.status != 2 || !strings.Contains(r.err, c.want) || strings.Count(r.err, "\n") != 1 {
			t.Errorf("%q: %d %s", c.args, r.status, r.err)
		}
	}
	if r := do("profile", "plan", "--model", "nope", "--device", "h200"); strings.Contains(r.err, "describe the GPU") {
		t.Errorf("the GPU is known: %s", r.err)
	}
	if r := do("profile", "plan", "--help"); r.status != 0 || !strings.Contains(r.out, "--budget") {
		t.Error(r)
	}
}
