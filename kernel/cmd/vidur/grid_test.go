package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/govidur/govidur/vidur/search"
)

// results are the files of a grid, without the store.
func results(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := tree(t, dir)
	for name := range files {
		if strings.HasPrefix(name, "store/") {
			delete(files, name)
		}
	}
	return files
}

func sameResults(t *testing.T, what, got, want string) {
	t.Helper()
	a, b := results(t, got), results(t, want)
	if len(a) != len(b) || len(b) < 4 {
		t.Errorf("%s: %d files, not %d", what, len(a), len(b))
	}
	for name, text := range b {
		if a[name] != text {
			t.Errorf("%s: %s is not the same", what, name)
		}
	}
}

func TestSweepVerb(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	args := strings.Fields("sweep --over qps=1,2,4 --over scheduler=vllm,sarathi --over model=llama-3-8b,llama-2-70b --seeds 1..2 --requests 50 --out " + out)
	r := good(t, args...)
	if !strings.Contains(r.out, "24 points, of which 12 cannot run") || strings.Count(r.out, "cannot run") < 2 {
		t.Error(r.out)
	}
	res, about, err := search.ReadResults(out)
	if err != nil {
		t.Fatal(err)
	}
	if about.Points != 24 || about.Errors != 12 || about.Kind != "sweep" || res.Len() != 24 {
		t.Errorf("%+v", about)
	}
	if got := strings.Join(res.Names()[:6], " "); got != "qps scheduler model seed error ttft_mean_s" {
		t.Error(got)
	}
	if p := res.Rows()[5].Point.String(); p != "qps=1, scheduler=sarathi, model=llama-3-8b, seed=2" || res.Rows()[2].Err == nil {
		t.Error(p, res.Rows()[2].Err)
	}
	for i, more := range []string{"--workers 1", "--workers 5"} {
		again := filepath.Join(dir, fmt.Sprint(i))
		good(t, append(append(args[:len(args)-1:len(args)-1], again), strings.Fields(more)...)...)
		sameResults(t, more, again, out)
	}
	good(t, append(args, "--collect", "--quiet")...)
	for _, other := range []string{"--over qps=1,2,8", "--requests 51", "--seeds 1,3", "--over chunk=64,128"} {
		if r := do(append(strings.Fields("sweep --over scheduler=vllm,sarathi --out "+out), strings.Fields(other)...)...); r.status == 0 || !strings.Contains(r.err, "another sweep") {
			t.Errorf("%s: %+v", other, r)
		}
	}
	collected := filepath.Join(dir, "collected")
	good(t, append(args[:len(args)-1:len(args)-1], collected, "--collect", "--store", filepath.Join(out, "store"))...)
	sameResults(t, "collected", collected, out)
}

// TestShards: parts with one store, and a --collect that says what is missing.
func TestShards(t *testing.T) {
	dir := t.TempDir()
	store, whole, out := filepath.Join(dir, "store"), filepath.Join(dir, "whole"), filepath.Join(dir, "out")
	search := func(more ...string) result {
		return do(append(strings.Fields("search --over tp=1,2 --over chunk=256,512 --requests 40 --meet"), append([]string{"ttft p90 <= 1"}, more...)...)...)
	}
	if r := search("--out", whole); r.status != 0 {
		t.Fatal(r.err)
	}
	for i := 1; i <= 3; i++ {
		r := search("--out", out, "--store", store, "--shard", fmt.Sprintf("%d/3", i))
		if r.status != 0 || !strings.Contains(r.out, "--collect") {
			t.Fatal(r)
		}
		if i == 2 {
			r = search("--out", out, "--store", store, "--collect")
			if r.status != exitBad || !strings.Contains(r.err, "1 of 4 points") {
				t.Errorf("%+v", r)
			}
		}
	}
	if r := search("--out", out, "--store", store, "--collect"); r.status != 0 {
		t.Fatal(r.err)
	}
	sameResults(t, "collected", out, whole)
}

// searchYAML is a configuration of the original's vidur-search.
const searchYAML = `clusters:
  - {device: h100, num_gpus: 4, gpus_per_node: 4}
  - {device: a40, num_gpus: 4, gpus_per_node: 8}
schedulers:
  - scheduler: vllm
  - scheduler: sarathi
    chunk_size: 512
traces:
  - name: chat
    trace_file: "./data/processed_traces/lmsys_chat_1m_conversation_stats_llama2_tokenizer.csv"
    max_seq_len: 4096
    num_requests: 60
    start_qps: 2
batch_sizes: [32, 64]
tp_dimensions: [1, 2]
pp_dimensions: [1]
models:
  - name: llama2-70b
    identifier: meta-llama/Llama-2-70b-hf
    exclude_tp_dims: [1]
  - name: llama3-8b
    identifier: meta-llama/Meta-Llama-3-8B
`

func TestSearchVerb(t *testing.T) {
	dir := t.TempDir()
	config, out, other := filepath.Join(dir, "config.yml"), filepath.Join(dir, "a"), filepath.Join(dir, "b")
	if err := os.WriteFile(config, []byte(searchYAML), 0o644); err != nil {
		t.Fatal(err)
	}
	r := do("search", "--config", config, "--out", out)
	if r.status != 0 || !strings.Contains(r.out, "24 points, of which 4 cannot run") {
		t.Fatalf("%+v", r)
	}
	res, about, err := search.ReadResults(out)
	if err != nil {
		t.Fatal(err)
	}
	if about.Kind != "search" || about.Granularity != 0.025 || strings.Join(about.Criteria, "; ") != "delay p99 <= 5" {
		t.Errorf("%+v", about)
	}
	if got := strings.Join(res.Names()[:13], " "); got != "job model trace device num_gpus scheduler chunk tp pp batch_size error capacity_qps over_qps" {
		t.Error(got)
	}
	probes := strings.Split(tree(t, out)["probes.csv"], "\n")
	if !strings.HasSuffix(probes[0], "batch_size,probe,probe_seed,probe_qps,met,latency_s") || len(probes) < 60 {
		t.Errorf("%d probes: %s", len(probes), probes[0])
	}
	r = do(strings.Fields("search --config-path " + config + " --output-dir=" + other +
		" --min-search-granularity 2.5 --scheduling-delay-slo-value 5.0 --scheduling-delay-slo-quantile 0.99 --num-threads 2 --debug --skip-cache-warmup --cache-dir none")...)
	if r.status != 0 {
		t.Fatal(r.err)
	}
	a, b := results(t, out), results(t, other)
	for _, name := range []string{"results.csv", "results.parquet", "probes.csv", "results.json"} {
		if a[name] != b[name] || a[name] == "" {
			t.Errorf("the original's flags give another %s", name)
		}
	}
	args := []string{"search", "--config", config, "--out", other, "--original-search", "--max-iterations", "3", "--time-limit", "10"}
	if r = do(args...); r.status == 0 || !strings.Contains(r.err, other+" has results of another search; --out DIR puts these elsewhere, --force overwrites those") {
		t.Fatalf("%+v", r)
	}
	if after := results(t, other); after["results.csv"] != b["results.csv"] || after["results.json"] != b["results.json"] {
		t.Error("a search that was refused has changed the results")
	}
	for _, more := range []string{"--force", "--quiet"} {
		if r := do(append(args, more)...); r.status != 0 {
			t.Fatalf("%s: %+v", more, r)
		}
	}
	if _, about, _ = search.ReadResults(other); !about.Original {
		t.Errorf("%+v", about)
	}
}

func TestGridErrors(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.yml")
	if err := os.WriteFile(bad, []byte("clusters: []\nwhat: 1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"sweep --over chunk":                    "like chunk=256,512",
		"sweep --over what=1":                   `unknown key "what"`,
		"sweep --over chunk=x":                  "not a whole number",
		"sweep --over":                          "needs a value",
		"sweep --seeds x":                       "not a whole number",
		"sweep --seeds=-1":                      "must not be negative",
		"sweep --shard 3":                       "like 3/16",
		"sweep --shard 3/2 --out " + dir:        "the last 2",
		"sweep --shard 1/2 --collect":           "do not go together",
		"sweep --quiet=yes":                     "takes no value",
		"sweep --what 1":                        "unknown flag --what",
		"sweep --workers 0 --out " + dir:        "at least 1",
		"sweep --collect --out " + dir + "/new": "1 of 1",
		"sweep --out " + bad:                    "store",
		"search --config " + bad:                "line 2",
		"search --config " + dir + "/none":      "no such file",
		"search --meet fast":                    "is no criterion",
		"search --over qps=1,2 --out " + dir:    "qps is what Capacity searches",
		"search --granularity 0":                "granularity",
		"search --time-limit x":                 "not a number",
		"search --scheduling-delay-slo-value 1 --meet completed>=1": "is no criterion",
	} {
		r := do(strings.Fields(args)...)
		if r.status != exitBad || !strings.Contains(r.err, want) || strings.Count(r.err, "\n") != 1 {
			t.Errorf("%s: %d, %s", args, r.status, r.err)
		}
	}
	for _, verb := range []string{"sweep", "search"} {
		if r := good(t, verb, "--help"); !strings.Contains(r.out, "--shard") {
			t.Error(r.out)
		}
	}
}

// TestKilled kills a search at random moments, again and again: nothing that was
// found is lost, nothing is found twice, and at the end the results are those of
// a search that was left alone.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	args := func(out string) []string {
		return strings.Fields("search --over chunk=64,128,256,512 --over max-batch=16,32,64,128 --seeds 1..4 --requests 200 --quiet --out " + filepath.Join(dir, out))
	}
	good(t, args("whole")...)
	kills, err := strconv.Atoi(cmp.Or(os.Getenv("VIDUR_KILLS"), "20")) // 100 take a minute
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	known := map[string]string{}
	for i := range kills {
		cmd := exec.Command(os.Args[0], args("cut")...)
		var text bytes.Buffer
		cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), asVidur+"=1"), &text, &text
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(50+random.IntN(200)) * time.Millisecond)
		cmd.Process.Kill()
		cmd.Wait()
		if text.Len() > 0 {
			t.Fatalf("kill %d: %s", i, &text)
		}
		now := stored(t, filepath.Join(dir, "cut", "store"))
		for name, stamp := range known {
			if now[name] != stamp {
				t.Fatalf("kill %d: %s was %s and is %q", i, name, stamp, now[name])
			}
		}
		known = now
	}
	t.Logf("%d results after %d kills", len(known), kills)
	good(t, args("cut")...)
	for name := range tree(t, filepath.Join(dir, "cut")) { // what was being written when it was killed stays under a hidden name
		if strings.HasPrefix(filepath.Base(name), ".") {
			os.Remove(filepath.Join(dir, "cut", name))
		}
	}
	sameResults(t, "killed", filepath.Join(dir, "cut"), filepath.Join(dir, "whole"))
	whole, cut := stored(t, filepath.Join(dir, "whole", "store")), stored(t, filepath.Join(dir, "cut", "store"))
	for name := range whole {
		if cut[name] == "" {
			t.Errorf("%s is missing", name)
		}
	}
	if len(whole) != len(cut) {
		t.Errorf("%d results, not %d", len(cut), len(whole))
	}
}

// stored lists the results of a store, with when each was written.
func stored(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	for name := range tree(t, dir) {
		if strings.HasPrefix(name, "tmp/") || strings.HasSuffix(name, ".claim") || strings.HasSuffix(name, "/") {
			continue
		}
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = info.ModTime().String()
	}
	return files
}

// TestTwoProcesses: two at once share a store and the work.
func TestTwoProcesses(t *testing.T) {
	dir := t.TempDir()
	args := "sweep --over chunk=64,128,256,512 --seeds 1..10 --requests 300 --store " + filepath.Join(dir, "store") + " --out "
	var all []*exec.Cmd
	for i := range 2 {
		cmd := exec.Command(os.Args[0], strings.Fields(args+filepath.Join(dir, fmt.Sprint(i)))...)
		cmd.Env, cmd.Stderr = append(os.Environ(), asVidur+"=1"), os.Stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		all = append(all, cmd)
	}
	for _, cmd := range all {
		if err := cmd.Wait(); err != nil {
			t.Fatal(err)
		}
	}
	sameResults(t, "the second", filepath.Join(dir, "1"), filepath.Join(dir, "0"))
	if n := len(stored(t, filepath.Join(dir, "store"))); n != 40 {
		t.Errorf("%d results of 40 points", n)
	}
}

func TestGridView(t *testing.T) {
	var text bytes.Buffer
	v := newGridView(&text, false)
	v.begun = v.begun.Add(-20 * time.Second)
	v.drawn = v.drawn.Add(-lineEvery)
	row := &search.Row{Point: search.Point{{Name: "tp", Value: 2}}, Figures: make([]float64, 20), Probes: make([]search.Probe, 1)}
	row.Figures[capacityAt], row.Figures[perUSDAt] = 3, 0.5
	v.row(2, 10, row)
	if got := text.String(); got != "2 of 10, 0.1/s, 1m20s left; best 0.5 requests/s per $/hour: tp=2\n" {
		t.Error(got)
	}
	v.terminal = true
	for point, want := range map[string]string{
		"2":                     "[==          ] 2 of 10, 0.1/s, 1m20s left; best 0.5 requests/s per $/hour: tp=2",
		strings.Repeat("2", 25): "2 of 10, 0.1/s, 1m20s left; best 0.5 requests/s per $/hour: tp=" + strings.Repeat("2", 16),
	} {
		text.Reset()
		v.best = "best 0.5 requests/s per $/hour: tp=" + point
		v.draw()
		if got := strings.TrimPrefix(text.String(), clearLine); got != want {
			t.Errorf("at a terminal: %q, not %q", got, want)
		}
	}
	row.Figures[overAt], row.Figures[perUSDAt] = math.NaN(), 50
	if v.look(row); v.goal != 0.5 {
		t.Error("a point that no rate bounds is the best")
	}
	var about search.About
	if json.Unmarshal([]byte(`{"kind":"sweep"}`), &about) != nil || shownFigures[about.Kind] == nil {
		t.Error("no columns of a sweep")
	}
}
