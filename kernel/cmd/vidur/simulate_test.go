package main

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// shared is an entry of the folder of reference material, $VIDUR_SHARED or
// "shared" beside the module; the test skips if there is none.
func shared(t *testing.T, elem ...string) string {
	t.Helper()
	root := os.Getenv("VIDUR_SHARED")
	if root == "" {
		_, file, _, _ := runtime.Caller(0)
		root = filepath.Join(filepath.Dir(file), "..", "..", "..", "..", "shared")
	}
	path := filepath.Join(append([]string{root}, elem...)...)
	if !present(path) {
		t.Skipf("no %s: set VIDUR_SHARED to the folder of reference material to run this test", filepath.Join(elem...))
	}
	return path
}

// sample are runs that differ in what they use.
var sample = map[string]string{
	"default":    "--requests 200",
	"closed":     "--requests 100 --concurrency 8 --think 0.5 --think-exponential --scheduler vllm",
	"cluster":    "--requests 100 --replicas 3 --router random --workload zipf --arrivals gamma --cv 2 --tp 2 --pp 2 --until 20",
	"everything": "--requests 50 --operations --per-batch --token-times --event-trace --seed 7",
	"original":   "--synthetic_request_generator_config_num_requests 60 --length_generator_config_type uniform --cluster_config_num_replicas 2 --global_scheduler_config_type random --metrics_config_write_json_trace --random_forrest_execution_time_predictor_config_num_estimators 3 4",
}

// TestSameBytes runs each sample again, on one and on four processors, and from
// the experiment file that it wrote.
func TestSameBytes(t *testing.T) {
	for name, args := range sample {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			simulate := func(args ...string) map[string]string {
				good(t, append([]string{"simulate", "--quiet", "--out", "run"}, args...)...)
				return tree(t, "run")
			}
			want := simulate(strings.Fields(args)...)
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			sameFiles(t, "on one processor", simulate(strings.Fields(args)...), want)
			runtime.GOMAXPROCS(4)
			sameFiles(t, "on four processors", simulate(strings.Fields(args)...), want)

			write(t, "again.yaml", want["experiment.yaml"])
			got := simulate("--config", "again.yaml")
			if name == "original" {
				// What has no effect is no part of an experiment.
				delete(got, "config.json")
				delete(want, "config.json")
			}
			sameFiles(t, "from its experiment.yaml", got, want)
		})
	}
}

func sameFiles(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	if !slices.Equal(names(got), names(want)) {
		t.Errorf("%s: %q, want %q", what, names(got), names(want))
	}
	for name, text := range want {
		if got[name] != text {
			t.Errorf("%s: %s differs", what, name)
		}
	}
}

// readme are the command lines of the original's README.
var readme = []string{`--replica_config_device a100 --replica_config_model_name meta-llama/Meta-Llama-3-8B --cluster_config_num_replicas 1
--replica_config_tensor_parallel_size 1 --replica_config_num_pipeline_stages 1 --request_generator_config_type synthetic
--synthetic_request_generator_config_num_requests 512 --length_generator_config_type trace --trace_request_length_generator_config_max_tokens 16384
--trace_request_length_generator_config_trace_file ./data/processed_traces/splitwise_conv.csv --interval_generator_config_type poisson
--poisson_request_interval_generator_config_qps 6.45 --replica_scheduler_config_type sarathi --sarathi_scheduler_config_batch_size_cap 512
--sarathi_scheduler_config_chunk_size 512 --random_forrest_execution_time_predictor_config_prediction_max_prefill_chunk_size 16384
--random_forrest_execution_time_predictor_config_prediction_max_batch_size 512
--random_forrest_execution_time_predictor_config_prediction_max_tokens_per_request 16384`,
	`--replica_config_device a100 --replica_config_model_name meta-llama/Llama-2-7b-hf --cluster_config_num_replicas 1
--replica_config_tensor_parallel_size 1 --replica_config_num_pipeline_stages 1 --request_generator_config_type synthetic
--length_generator_config_type trace --interval_generator_config_type static --trace_request_length_generator_config_max_tokens 4096
--trace_request_length_generator_config_trace_file ./data/processed_traces/arxiv_summarization_stats_llama2_tokenizer_filtered_v2.csv
--synthetic_request_generator_config_num_requests 128 --replica_scheduler_config_type vllm --vllm_scheduler_config_batch_size_cap 256
--vllm_scheduler_config_max_tokens_in_batch 4096`}

// TestReadme runs the command lines of the original's README, without and with
// its traces.
func TestReadme(t *testing.T) {
	for i, args := range readme {
		requests := []string{"512 of 512 requests complete", "128 of 128 requests complete"}[i]
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Chdir(t.TempDir())
			r := good(t, append([]string{"simulate", "--out", "run"}, strings.Fields(args)...)...)
			for _, part := range []string{requests, "the original simulator's", "stands in for it"} {
				if !strings.Contains(r.out, part) {
					t.Errorf("%q is not in\n%s", part, r.out)
				}
			}
			files, err := filepath.Glob("run/*")
			if err != nil || len(files) < 5 {
				t.Error(files, err)
			}
		})
		t.Run(strconv.Itoa(i)+"-data", func(t *testing.T) {
			data := shared(t, "vidur-data")
			t.Chdir(t.TempDir())
			r := good(t, append([]string{"simulate", "--no-files", "--data", data}, strings.Fields(args)...)...)
			if !strings.Contains(r.out, requests) || strings.Contains(r.out, "stands in") {
				t.Error(r.out)
			}
		})
	}
}

// TestOracle reproduces runs of the original from the command line, down to the
// files.
func TestOracle(t *testing.T) {
	for _, name := range []string{"b_conv512_vllm_pp2", "b_pressure512_sarathi_pp1", "m_2rep_random_vllm"} {
		t.Run(name, func(t *testing.T) {
			dir := shared(t, "oracle", "cases", name)
			var c struct {
				Flags  []string `json:"vidur_flags"`
				Tables string   `json:"tables"`
			}
			text, err := os.ReadFile(filepath.Join(dir, "case.json"))
			if err == nil {
				err = json.Unmarshal(text, &c)
			}
			if err != nil {
				t.Fatal(err)
			}
			out := filepath.Join(t.TempDir(), "run")
			good(t, slices.Concat([]string{"simulate"}, c.Flags, []string{"--plots", "--out", out,
				"--requests-file", filepath.Join(dir, "requests.csv.gz"), "--op-times", shared(t, "oracle", c.Tables)})...)
			sameTable(t, filepath.Join(out, "request_metrics.csv"), filepath.Join(dir, "request_metrics.csv.gz"), 1e-9, 0)
			plots, err := filepath.Glob(filepath.Join(dir, "plots_*.csv.gz"))
			if err != nil || len(plots) == 0 {
				t.Fatal("no plots: ", err)
			}
			for _, p := range plots {
				file := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(p), "plots_"), ".gz")
				sameTable(t, filepath.Join(out, "plots", file), p, 1e-12, 0.0021) // both within 0.1 %
			}
		})
	}
}

// sameTable compares two CSV files of numbers, in rows by their first column.
func sameTable(t *testing.T, got, want string, within, relative float64) {
	t.Helper()
	g, w := readTable(t, got), readTable(t, want)
	if !slices.Equal(g[0], w[0]) || len(g) != len(w) {
		t.Errorf("%s: columns %q in %d rows, the original has %q in %d", got, g[0], len(g), w[0], len(w))
		return
	}
	rows := map[string][]string{}
	for _, row := range g[1:] {
		rows[row[0]] = row
	}
	bad := 0
	for _, row := range w[1:] {
		for i := range row {
			mine := rows[row[0]]
			if mine == nil {
				t.Fatalf("%s: no row %s", got, row[0])
			}
			a, errA := strconv.ParseFloat(mine[i], 64)
			b, errB := strconv.ParseFloat(row[i], 64)
			if (errA == nil) == (errB == nil) && (errA != nil || math.Abs(a-b) <= within+relative*math.Abs(b)) {
				continue
			}
			if bad++; bad <= 3 {
				t.Errorf("%s: row %s, %s: %s, the original has %s", got, row[0], g[0][i], mine[i], row[i])
			}
		}
	}
}

func readTable(t *testing.T, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil || len(rows) == 0 {
		t.Fatal(path, err)
	}
	return rows
}

// TestRequestsFile replays a list, plain and compressed.
func TestRequestsFile(t *testing.T) {
	t.Chdir(t.TempDir())
	text := requestColumns + "0,0,100,10\n1,0.5,200,20\n2,0.5,50,1\n"
	write(t, "list.csv", text)
	f, err := os.Create("list.csv.gz")
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	if _, err := io.WriteString(z, text); err != nil || z.Close() != nil || f.Close() != nil {
		t.Fatal(err)
	}
	good(t, "simulate", "--requests-file", "list.csv", "--out", "plain")
	good(t, "simulate", "--requests-file", "list.csv.gz", "--out", "packed")
	plain, packed := tree(t, "plain"), tree(t, "packed")
	if plain["request_metrics.csv"] == "" || plain["request_metrics.csv"] != packed["request_metrics.csv"] {
		t.Error("the compressed list gives another run")
	}
}

// TestStuckOriginal: a run that is stuck fails, and writes what it has only
// where the original does.
func TestStuckOriginal(t *testing.T) {
	args := []string{"simulate", "--scheduler", "vllm", "--workload", "fixed", "--prompt-tokens", "5000", "--batch-tokens", "4096", "--requests", "3", "--out"}
	out := filepath.Join(t.TempDir(), "run")
	if r := do(append(args, out)...); r.status != 2 || len(tree(t, filepath.Dir(out))) != 0 {
		t.Errorf("%+v, %d files", r, len(tree(t, filepath.Dir(out))))
	}
	r := do(append(args, out, "--original", "--max-tokens", "8192")...)
	if files := tree(t, out); r.status != 2 || !strings.Contains(r.err, "request 0") || files["config.json"] == "" || files["request_metrics.csv"] == "" {
		t.Errorf("%+v, %d files", r, len(files))
	}
}
