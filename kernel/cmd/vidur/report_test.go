package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// searchedJobs is a configuration of the original's search.
const searchedJobs = `
clusters:
  - {device: a100, num_gpus: 8, gpus_per_node: 4}
schedulers:
  - {scheduler: vllm}
  - {scheduler: sarathi, chunk_size: 512}
traces:
  - {name: chat, trace_file: ./data/processed_traces/splitwise_conv.csv, max_seq_len: 4096, num_requests: 80, start_qps: 1}
batch_sizes: [32]
tp_dimensions: [2, 4]
pp_dimensions: [1]
models:
  - {name: llama-2-70b, identifier: meta-llama/Llama-2-70b-hf}
`

// TestReportVerb makes pages of folders that search and sweep wrote: twice the same,
// with every run as the results say.
func TestReportVerb(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "jobs.yaml")
	if err := os.WriteFile(config, []byte(searchedJobs), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string]string{
		"jobs":     "search --meet ttft:p90:<=:2 --meet tbt:p99:<=:0.2 --config " + config,
		"original": "search --original-search --config " + config,
		"seeds":    "search --replications 2 --over tp=2,4 --model llama-2-70b --device a100 --requests 80",
		"grid":     "search --over tp=1,2,4 --over chunk=256,512 --model llama-2-70b --device a100 --requests 80",
		"sweep":    "sweep --over qps=1,2 --over scheduler=vllm,sarathi --seeds 1..2 --requests 60",
	} {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(dir, name)
			words := append(strings.Fields(args), "--quiet", "--out", out)
			for i := range words {
				words[i] = strings.ReplaceAll(words[i], ":", " ")
			}
			good(t, words...)
			r := good(t, "report", out, "--budget", "50", "--title", "A title & more")
			path := filepath.Join(out, "report.html")
			if strings.TrimSpace(r.out) != path {
				t.Errorf("it says %q", r.out)
			}
			page := pageWith(t, path, "<h1>A title &amp; more</h1>", `"budget":50`, `"curves":{"delay":[`)
			if again := good(t, "report", "-o", "-", "--title", "A title & more", out, "--budget=50"); again.out != page {
				t.Error("the second page is another one")
			}
		})
	}
}

// pageWith is a page that has some texts, and all runs that were asked for.
func pageWith(t *testing.T, path string, texts ...string) string {
	t.Helper()
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range texts {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page has no %s", want)
		}
	}
	if _, why, left := strings.Cut(string(page), `"noRuns":`); left {
		t.Errorf("runs are left out: %.200s", why)
	}
	return string(page)
}

func TestBadReports(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	good(t, "sweep", "--requests", "20", "--quiet", "--out", out)
	for args, want := range map[string]string{
		"":                                 "of which results?",
		dir:                                "has no results",
		out + " " + out:                    "of which results?",
		out + " --budget 0":                "above 0",
		out + " --budget inf":              "above 0",
		out + " --runs -1":                 "at least 0",
		out + " --limit ttft":              "is no criterion",
		out + " --limit completed>=1":      "is no criterion",
		out + " --config " + dir + "/none": "no such file",
		out + " --colour red":              "not defined: -colour",
	} {
		r := do(append([]string{"report"}, strings.Fields(args)...)...)
		if r.status != exitBad || !strings.Contains(r.err, want) {
			t.Errorf("report %s: status %d, %q", args, r.status, r.err)
		}
	}
}
