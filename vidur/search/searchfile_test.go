package search

import (
	"context"
	"crypto/sha1"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// searchYAML has the fields and the sizes of the original's shipped file.
const searchYAML = `clusters:
  - device: h100
    num_gpus: 16
    gpus_per_node: 4
  - device: a100
    num_gpus: 16
    gpus_per_node: 4
  - device: a40
    num_gpus: 16
    gpus_per_node: 8

schedulers:
  - scheduler: vllm
  - scheduler: sarathi
    chunk_size: 256
  - scheduler: sarathi
    chunk_size: 512
  - scheduler: sarathi
    chunk_size: 1024
  - scheduler: sarathi
    chunk_size: 2048
  - scheduler: sarathi
    chunk_size: 4096

traces:
  - name: chat
    trace_file: "./data/processed_traces/lmsys_chat_1m_conversation_stats_llama2_tokenizer.csv"
    max_seq_len: 4096
    num_requests: 16000
    start_qps: 16
  - name: arxiv
    trace_file: "./data/processed_traces/arxiv_summarization_stats_llama2_tokenizer_filtered_v2.csv"
    max_seq_len: 4096
    num_requests: 16000
    start_qps: 2
  - name: bwb
    trace_file: "./data/processed_traces/bwb_stats_llama2_tokenizer_filtered_v2.csv"
    max_seq_len: 4096
    num_requests: 16000
    start_qps: 0.5

batch_sizes: [32, 64, 128]
tp_dimensions: [1, 2, 4]
pp_dimensions: [1, 2, 4]

models:
  - name: llama2-7b
    identifier: meta-llama/Llama-2-7b-hf
    exclude_tp_dims: [4]
  - name: internlm-20b
    identifier: internlm/internlm-20b
  - name: llama2-70b
    identifier: meta-llama/Llama-2-70b-hf
    exclude_tp_dims: [1]
  - name: qwen-72b
    identifier: Qwen/Qwen-72B
    exclude_tp_dims: [1]
`

// TestOriginalFile: the jobs of a file, in order, with the original's names.
func TestOriginalFile(t *testing.T) {
	f, err := ParseOriginalFile([]byte(searchYAML))
	if err != nil {
		t.Fatal(err)
	}
	jobs := f.Jobs()
	// 3 traces × 3 clusters × 6 schedulers × 3 PP × 3 batch sizes × (2 + 3 + 2 + 2 TP).
	if len(jobs) != 4374 {
		t.Errorf("%d jobs, want 4374", len(jobs))
	}
	seen := map[string]bool{}
	for i := range jobs {
		j := &jobs[i]
		if seen[j.Key] || j.Hash != fmt.Sprintf("%x", sha1.Sum([]byte(j.Key)))[:8] {
			t.Fatalf("job %d is %s, %s", i, j.Key, j.Hash)
		}
		seen[j.Key] = true
		e := j.Experiment
		if e.MaxBatch != j.BatchSize*j.PP || e.Replicas != 16/(j.TP*j.PP) || !strings.HasPrefix(e.Node, j.Device) {
			t.Fatalf("%s: %d requests, %d replicas, node %q", j.Key, e.MaxBatch, e.Replicas, e.Node)
		}
	}
	first, last := jobs[0], jobs[len(jobs)-1]
	if first.Key != "llama2-7b_chat_tk4096_rq16000_h100_vllm_tp1_pp1_bsz32" || first.Experiment.QPS != 16 {
		t.Errorf("the first is %s from %g requests/s", first.Key, first.Experiment.QPS)
	}
	if last.Key != "qwen-72b_bwb_tk4096_rq16000_a40_sarathi_cs4096_tp4_pp4_bsz128" || last.Experiment.Chunk != 4096 {
		t.Errorf("the last is %s", last.Key)
	}
	// A cluster too small, a node too small.
	f.Clusters = []OriginalCluster{{Device: "a100", NumGPUs: 4, GPUsPerNode: 2}}
	for _, j := range f.Jobs() {
		if j.TP > 2 || j.TP*j.PP > 4 {
			t.Errorf("%s does not fit the cluster", j.Key)
		}
	}
}

// TestSearchOfAnOriginalFile: a few of its jobs, without the file's traces at
// hand, by both searches; what the file does not say is the base's.
func TestSearchOfAnOriginalFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.yml")
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(searchYAML, "16000", "200")), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := ReadOriginalFile(path)
	if err != nil {
		t.Fatal(err)
	}
	jobs := f.Jobs()
	some := OverJobs([]OriginalJob{jobs[0], jobs[100], jobs[4373]})
	base := small()
	base.Seed = 5
	r := mustCapacity(t, base, some)
	o := mustCapacity(t, base, some, OriginalSearch())
	if err := r.Rows()[0].Err; err != nil || o.Rows()[0].Err != nil {
		t.Fatal(err, o.Rows()[0].Err)
	}
	if got := r.Rows()[1].Point; got.Value("job") != jobs[100].Hash || got.Value("batch_size") != jobs[100].BatchSize || len(got) != 10 {
		t.Errorf("a point is %v", got)
	}
	if a, b := floats(t, r, "capacity_qps")[0], floats(t, o, "capacity_qps")[0]; !(a > 0 && b > 0) {
		t.Errorf("capacities %g and %g", a, b)
	}
	if _, err := Sweep(context.Background(), base, OverJobs(nil)); err == nil {
		t.Error("no jobs are swept")
	}
}

// TestClustersOfOneDevice: clusters that differ in their size only are deployments of
// their own, although the original has one name for both.
func TestClustersOfOneDevice(t *testing.T) {
	text := strings.ReplaceAll(strings.Replace(searchYAML, "device: h100", "device: a100", 1), "num_gpus: 16\n    gpus_per_node: 8", "num_gpus: 8\n    gpus_per_node: 8")
	text = strings.Replace(strings.Replace(text, "device: a40", "device: h100", 1), "num_gpus: 16", "num_gpus: 2", 1)
	f, err := ParseOriginalFile([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	jobs := slices.DeleteFunc(f.Jobs(), func(j OriginalJob) bool {
		return j.Device != "a100" || j.Trace != "chat" || j.Model != "llama2-7b" || j.Chunk != 512 || j.TP != 2 || j.PP != 1 || j.BatchSize != 32
	})
	base := small()
	r := mustSweep(t, base, OverJobs(jobs))
	if r.Len() != 2 || jobs[0].Hash != jobs[1].Hash {
		t.Fatalf("%d rows, %s and %s", r.Len(), jobs[0].Key, jobs[1].Key)
	}
	if got := floats(t, r, "gpus"); got[0] != 2 || got[1] != 16 || r.Rows()[1].Point.Value("num_gpus") != 16 {
		t.Errorf("%v GPUs: %v", got, r.Rows()[1].Point)
	}
}

// TestGridOfJobs: what a configuration says and the names of its jobs do not is part
// of what results are of.
func TestGridOfJobs(t *testing.T) {
	grid := func(old, new string) string {
		t.Helper()
		f, err := ParseOriginalFile([]byte(strings.Replace(searchYAML, old, new, 1)))
		if err != nil {
			t.Fatal(err)
		}
		p, err := newPlan([]Option{OverJobs(f.Jobs())})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.begin(small(), 0); err != nil {
			t.Fatal(err)
		}
		return p.asked
	}
	first := grid("", "")
	if grid("", "") != first {
		t.Error("the same configuration is another question")
	}
	for old, new := range map[string]string{"lmsys_chat": "other", "start_qps: 16": "start_qps: 8", "Qwen/Qwen-72B": "Qwen/Qwen2.5-72B", "gpus_per_node: 8": "gpus_per_node: 4"} {
		if grid(old, new) == first {
			t.Errorf("%s for %s is the same question", new, old)
		}
	}
}

// TestBadOriginalFile: errors say where.
func TestBadOriginalFile(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"chunk_size: 256", "chunksize: 256", "line 15"},
		{"num_gpus: 16", "num_gpus: many", "line 3"},
		{"[1, 2, 4]", "[0, 2, 4]", "at least 1"},
		{"tp_dimensions: [1, 2, 4]\n", "", "tp_dimensions has no entry"},
		{"scheduler: vllm", "scheduler: vlm", "vllm"},
		{"start_qps: 16", "start_qps: 0", "chat"},
		{"num_gpus: 16", "num_gpus: 0", "h100"},
		{"models:", "---\nmodels:", "second document"},
		{"clusters:", "clusters: {", "line"},
	} {
		_, err := ParseOriginalFile([]byte(strings.Replace(searchYAML, c.old, c.new, 1)))
		wants(t, err, c.want)
	}
	_, err := ParseOriginalFile(nil)
	wants(t, err, "empty")
	_, err = ReadOriginalFile(filepath.Join(t.TempDir(), "none.yml"))
	wants(t, err, "none.yml")
}

func FuzzParseOriginalFile(f *testing.F) {
	f.Add(searchYAML)
	f.Add("clusters: [{device: a, num_gpus: 1, gpus_per_node: 1}]")
	f.Add("models: [{exclude_tp_dims: [1]}]\nclusters: &a [*a]")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := ParseOriginalFile([]byte(text))
		if err != nil || len(file.TPDimensions)*len(file.PPDimensions)*len(file.Models)*len(file.Clusters) > 1000 {
			return
		}
		for _, j := range file.Jobs() {
			if len(j.Hash) != 8 || j.Experiment.Replicas < 1 {
				t.Errorf("%+v", j)
			}
		}
	})
}
