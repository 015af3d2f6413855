package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur/spec"
)

func params() []string {
	var names []string
	for _, p := range spec.Params() {
		names = append(names, p.Name)
	}
	return names
}

const requestColumns = "request_id,arrived_at,num_prefill_tokens,num_decode_tokens\n"

// badRequests are request lists, and what is said of each after its name.
var badRequests = map[string][2]string{
	"unsorted": {"0,1,9,9\n1,0.5,9,9\n", `:3: column "arrived_at": 0.5 is before 1`},
	"negative": {"0,-1,9,9\n", `:2: column "arrived_at": -1 is negative`},
	"nan":      {"0,nan,9,9\n", `:2: column "arrived_at": nan is not finite`},
	"inf":      {"0,inf,9,9\n", `:2: column "arrived_at": inf is not finite`},
	"word":     {"0,soon,9,9\n", `:2: column "arrived_at": "soon" is not a number`},
	"fraction": {"0,0,9,9\n1,0,9.5,9\n", `:3: column "num_prefill_tokens": 9.5 is not a whole number`},
	"zero":     {"0,0,0,9\n", `:2: column "num_prefill_tokens": 0 tokens`},
	"minus":    {"0,0,9,-9\n", `:2: column "num_decode_tokens": -9 is negative`},
	"huge":     {"0,0,99999999999999999999,9\n", `:2: column "num_prefill_tokens"`},
	"short":    {"0,0,9\n", `:2: the row does not have as many fields`},
	"quote":    {"0,0,\"9,9\n", `:2: `},
	"none":     {"", "no requests"},
}

var badInput = []struct{ args, want string }{
	{"--modle x", "unknown flag --modle; near: --model"}, {"--scheduler vlm", `unknown scheduler "vlm"; near: vllm`}, {"--router robin", "near: round_robin"},
	{"--workload azure", "near: azure-c"}, {"--arrivals poison", "near: poisson"}, {"--model llama-3-9b", "llama-3-8b"}, {"--device h10", "h100"}, {"--node h100_dgy", "h100_dgx"},
	{"stray", `unexpected argument "stray"`}, {"--tp", "--tp needs a value"}, {"--tp x", "not a whole number"}, {"--tp 0", "tp is 0"}, {"--replicas 0", "replicas is 0"},
	{"--replicas 1000000000", "at most"}, {"--block-size 9223372036854775807", "at most"},
	{"--tp 3", "TP 3 does not divide"}, {"--pp 5", "PP 5 does not divide"},
	{"--model meta-llama/Meta-Llama-3-70B", "it needs at least 2"}, {"--model meta-llama/Meta-Llama-3-70B --original --device a100", "it needs at least"}, {"--memory-margin 1", "less than 1"},
	{"--qps 0", "qps is 0"}, {"--qps nan", "finite"}, {"--qps inf", "finite"}, {"--qps -1", "negative"}, {"--qps 1e-300", "above 0"}, {"--qps 1e300", "qps is 1e+300"},
	{"--time-scale 0", "time-scale is 0"}, {"--cv 0 --arrivals gamma", "cv is 0"}, {"--poisson_request_interval_generator_config_qps 0", "qps is 0"},
	{"--until -1", "negative"}, {"--slo-ttft nan", "finite"}, {"--max-tokens 9223372036854775807", "must be"}, {"--concurrency 1000000000000", "must be"},
	{"--workload fixed --prompt-tokens 2000 --blocks 10 --scheduler vllm", "request 0 with a prompt of 2000 tokens can never be scheduled"},
	{"--workload fixed --prompt-tokens 2000 --blocks 10 --scheduler sarathi", "request 0 with a prompt of 2000 tokens can never be scheduled"},
	{"--workload fixed --prompt-tokens 2000 --blocks 10 --scheduler orca", "request 0 with a prompt of 2000 tokens can never be scheduled"},
	{"--workload fixed --prompt-tokens 2000 --blocks 10 --scheduler faster_transformer", "request 0 with a prompt of 2000 tokens can never be scheduled"},
	{"--workload fixed --prompt-tokens 2000 --blocks 10 --scheduler lightllm", "request 0 with a prompt of 2000 tokens can never be scheduled"},
	{"--workload fixed --prompt-tokens 5000 --scheduler vllm --batch-tokens 4096", "request 0 with a prompt of 5000 tokens can never be scheduled"},
	{"--config none.yaml", "none.yaml: no such file"}, {"--config ../bad/x.yaml", `x.yaml:2: unknown key "modle"; near: model`}, {"--config .", "is a directory"},
	{"--requests-file none.csv", "none.csv: no such file"}, {"--requests-file ../bad/column.csv", `column.csv:1: nothing has the lengths of the answers; there is "request_id"`}, {"--requests-file ../bad/empty", "empty: the file is empty"},
	{"--workload replay", "trace"}, {"--workload replay --trace none.csv", "none.csv: no such file"}, {"--arrivals trace --times none.csv", "none.csv: no such file"},
	{"--op-times none", "ops_by_num_tokens_ms.csv"}, {"--op-times .", "ops_by_num_tokens_ms.csv"}, {"--catalog none.json", "none.json: no such file"}, {"--data none", "there is no folder none"},
	{"--model ./none/config.json", "config.json: no such file"}, {"--wandb-project a/b", `project "a/b": / \ # ? % : and control characters are not allowed`}, {"--metrics_config_wandb_project a/b", "are not allowed"},
	{"--random_forrest_execution_time_predictor_config_compute_input_file x", "operator times: open x: no such file or directory"},
	{"--replica_config_model_name meta-llama/Llama-2-7c-hf", "meta-llama/Llama-2-7b-hf"}, {"--replica_config_tensor_parallel_size 3", "TP 3 does not divide"},
	{"--out ../bad/empty", "no run directory can be made at"}, {"--out ../bad/empty/run", "no run directory can be made at"}, {"--out ../bad", "no run directory can be made at"}, {"--out /dev/null/run", "no run directory can be made at"},
	{"--out /proc/self/run", "no run directory can be made at /proc/self/run"}, {"--out new/folders/" + strings.Repeat("long", 100) + "/run", "file name too long"},
}

// TestBadInput holds each mistake to one line, status 2 and nothing written.
func TestBadInput(t *testing.T) {
	root := t.TempDir()
	bad, work := filepath.Join(root, "bad"), filepath.Join(root, "work")
	write(t, filepath.Join(bad, "x.yaml"), "tp: 1\nmodle: x\n")
	write(t, filepath.Join(bad, "empty"), "")
	write(t, filepath.Join(bad, "column.csv"), "request_id,arrived_at,num_prefill_tokens\n0,0,9\n")
	cases := slices.Clone(badInput)
	for name, c := range badRequests {
		write(t, filepath.Join(bad, name+".csv"), requestColumns+c[0])
		cases = append(cases, struct{ args, want string }{"--requests-file ../bad/" + name + ".csv", name + ".csv" + c[1]})
	}
	if err := os.Mkdir(work, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir(work)
	before := tree(t, root)
	for _, c := range cases {
		r := do(append([]string{"simulate"}, strings.Fields(c.args)...)...)
		want := strings.Replace(c.want, "no requests", ": the file has no requests", 1)
		if r.status != 2 || r.out != "" || !strings.Contains(r.err, want) {
			t.Errorf("%s: %+v, want %q", c.args, r, want)
		}
		if strings.Count(r.err, "\n") != 1 || !strings.HasPrefix(r.err, "vidur: ") {
			t.Errorf("%s: not one line: %q", c.args, r.err)
		}
		if after := tree(t, root); !slices.Equal(names(after), names(before)) {
			t.Fatalf("%s leaves %q", c.args, names(after))
		}
	}
}

// TestUnwritable runs into a directory that takes no files. Root may write
// anywhere, so then the command runs as somebody else.
func TestUnwritable(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "closed")
	if err := os.Mkdir(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 {
		t.Skip("root may write anywhere; /proc stands in for this in TestBadInput")
	}
	r := do("simulate", "--out", filepath.Join(dir, "run"))
	if r.status != 2 || !strings.Contains(r.err, "permission denied") || len(tree(t, dir)) > 0 {
		t.Errorf("%+v, left %q", r, names(tree(t, dir)))
	}
}

// TestFullDisk limits the size of files, at each of which another write fails.
func TestFullDisk(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("no bash to limit the size of files with")
	}
	for _, kilobytes := range []int{1, 2, 4, 8, 16, 64, 256} {
		dir := t.TempDir()
		cmd := exec.Command("bash", "-c", fmt.Sprintf(`ulimit -f %d; exec "$0" simulate --requests 1000 --out made/run`, kilobytes), os.Args[0])
		cmd.Env, cmd.Dir = append(os.Environ(), asVidur+"=1"), dir
		text, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != 2 || strings.Count(string(text), "\n") != 1 || !strings.Contains(string(text), "file too large") {
			t.Errorf("%d kB: %v: %s", kilobytes, err, text)
		}
		if left := tree(t, dir); len(left) > 0 {
			t.Errorf("%d kB: left %q", kilobytes, names(left))
		}
	}
}
