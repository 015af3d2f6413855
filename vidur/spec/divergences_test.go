package spec_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime/learn"
	"github.com/govidur/govidur/vidur/exectime/profile"
	"github.com/govidur/govidur/vidur/exectime/trained"
	"github.com/govidur/govidur/vidur/metrics"
	"github.com/govidur/govidur/vidur/spec"
	"github.com/govidur/govidur/vidur/trace"
)

// TestDivergences holds testdata/parity/divergences.md to the code: each of its
// lines has a check that the difference is there, and each check has a line.
func TestDivergences(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "parity", "divergences.md"))
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, row := range regexp.MustCompile(`(?m)^\| ([a-z-]+) \|`).FindAllStringSubmatch(string(text), -1) {
		if row[1] != "name" {
			listed[row[1]] = true
		}
	}
	checks := divergences()
	for name := range listed {
		if checks[name] == nil {
			t.Errorf("%s is listed and has no check", name)
		}
	}
	for name, differs := range checks {
		if !listed[name] {
			t.Errorf("%s has a check and is not listed", name)
		}
		t.Run(name, func(t *testing.T) {
			if !differs(t) {
				t.Error("no longer differs: take it off the list")
			}
		})
	}
}

func divergences() map[string]func(t *testing.T) bool {
	return map[string]func(t *testing.T) bool{
		"poisson-cap": func(t *testing.T) bool {
			args := []string{"--workload", "fixed", "--requests", "2000", "--qps", "2"}
			return longestGap(t, args) > 1.5 && longestGap(t, append(args, "--original")) <= 1.5
		},
		"random-numbers": func(t *testing.T) bool {
			args := []string{"--workload", "fixed", "--requests", "2"}
			original := column(t, "arrived_at", append(args, "--original")...)
			python42 := -math.Log(1-0.6394267984578837) / 8 // random.seed(42); random.random()
			return math.Abs(original[0]-python42) < 1e-15 && column(t, "arrived_at", args...)[0] != original[0]
		},
		"zipf-sum": func(t *testing.T) bool {
			return differ(t, "request_num_tokens", "--workload", "zipf", "--requests", "100")
		},
		"trace-lengths-end": func(t *testing.T) bool {
			trace := write(t, "lengths.csv", "num_prefill_tokens,num_decode_tokens\n100,10\n200,20\n")
			args := []string{"--workload", "lengths", "--trace", trace, "--requests", "3"}
			_, _, err := try(args...)
			_, _, original := try(append(args, "--original")...)
			return err == nil && original != nil
		},
		"sarathi-restart": func(t *testing.T) bool {
			return differ(t, "completed_at", tightSarathi...)
		},
		"ft-leak": func(t *testing.T) bool {
			args := []string{"--scheduler", "faster_transformer", "--workload", "range", "--range-ratio", "0.5", "--requests", "20",
				"--prompt-tokens", "100", "--output-tokens", "50", "--arrivals", "static", "--requests-file", ragged(t)}
			return held(t, args...) == 0 && held(t, append(args, "--original")...) > 0
		},
		"memory-planner": func(t *testing.T) bool {
			return build(t).Config.Replicas[0].Blocks == 0 && build(t, "--original").Config.Replicas[0].Blocks > 0
		},
		"normalisation": func(t *testing.T) bool {
			args := append(slices.Clone(tightVLLM), "--no-original")
			ours, original := build(t, args...), build(t, args...)
			original.Metrics.Original = true
			return !slices.Equal(values(t, ours, "request_e2e_time_normalized"), values(t, original, "request_e2e_time_normalized"))
		},
		"mfu-unit": func(t *testing.T) bool {
			return useDiffers(t, func(u metrics.ReplicaUse) float64 { return u.Stages[0].MFU.Max })
		},
		"utilisation-mean": func(t *testing.T) bool {
			return useDiffers(t, func(u metrics.ReplicaUse) float64 { return u.Memory.Mean })
		},
		"file-numbers": func(t *testing.T) bool {
			return wrote(t, "replica_1_stage_1_mfu.json", "--pp", "2", "--replicas", "3") &&
				wrote(t, "replica_3_stage_2_mfu.json", "--pp", "2", "--replicas", "3", "--original")
		},
		"folds": func(t *testing.T) bool {
			original, err := spec.Parse([]string{"--seed", "1", "--time_limit", "5"})
			return err == nil && original.Experiment.FoldsAsTheyCome && !spec.Default().FoldsAsTheyCome
		},
		"forests": func(t *testing.T) bool {
			dir := smallProfile(t)
			return strings.HasPrefix(firstEstimator(t, "--data", dir), "forest(") &&
				strings.HasPrefix(firstEstimator(t, "--data", dir, "--original"), "original forest(")
		},
		"profile-end": func(t *testing.T) bool {
			here, original := upProjection(t, false), upProjection(t, true)
			return here(4096) > 5*here(512) && original(4096) == original(512)
		},
		"unmodelled": func(t *testing.T) bool {
			ops := []string{"--requests", "2", "--operations"}
			ours, original := simulate(t, build(t, ops...)).Summary(), simulate(t, build(t, append(ops, "--original")...)).Summary()
			_, here := ours.Metric("lm_head")
			_, there := original.Metric("lm_head")
			return here && !there
		},
		"residual-add": func(t *testing.T) bool {
			ours, original := build(t, "--requests", "5", "--operations"), build(t, "--requests", "5", "--operations")
			original.Metrics.Original = true
			one, two := simulate(t, ours).Summary(), simulate(t, original).Summary()
			a, _ := one.Metric("add")
			b, _ := two.Metric("add")
			return a.Count > 0 && math.Abs(b.Mean/a.Mean-2) < 1e-6
		},
		"zipf-scramble": func(t *testing.T) bool {
			args := []string{"--workload", "zipf", "--scramble", "--requests", "10"}
			_, _, err := try(args...)
			_, _, original := try(append(args, "--original")...)
			return err == nil && original != nil
		},
		"event-trace": func(t *testing.T) bool {
			var text strings.Builder
			events := trace.NewEvents(&text)
			sim, err := vidur.New(build(t, "--requests", "3").Config, events)
			if err := errors.Join(err, sim.Run(context.Background()), events.Close()); err != nil {
				t.Fatal(err)
			}
			var list []struct {
				Type string `json:"event_type"`
			}
			return json.Unmarshal([]byte(text.String()), &list) == nil && len(list) > 0 && list[0].Type != ""
		},
		"lightllm-memory": func(t *testing.T) bool {
			s := simulate(t, build(t, "--scheduler", "lightllm", "--requests", "20", "--blocks", "9000", "--max-tokens", "8000"))
			return s.Completed() == 20
		},
		"beyond-tables": func(t *testing.T) bool { return clamps(t) > 0 },
		"replay-cut": func(t *testing.T) bool {
			trace := write(t, "requests.csv", "arrived_at,num_prefill_tokens,num_decode_tokens\n0,100,5000\n")
			p := column(t, "request_num_prefill_tokens", "--workload", "replay", "--trace", trace, "--max-tokens", "4096", "--original")
			return p[0] == 1
		},
		"stuck": func(t *testing.T) bool {
			_, _, err := try("--scheduler", "vllm", "--workload", "fixed", "--prompt-tokens", "5000", "--batch-tokens", "4096", "--requests", "1")
			var stuck *vidur.StuckError
			return errors.As(err, &stuck) && stuck.Request == 0 && stuck.Why != ""
		},
		"bool-lists": func(t *testing.T) bool {
			_, err := spec.Parse([]string{"--linear_regression_execution_time_predictor_config_fit_intercept", "true", "False"})
			return err == nil
		},
		"failed-runs": func(t *testing.T) bool {
			_, store, err := try("--scheduler", "vllm", "--workload", "fixed", "--prompt-tokens", "5000", "--batch-tokens", "4096", "--requests", "1")
			return err != nil && store.Completed() == 0
		},
	}
}

// tightSarathi and tightVLLM are runs with so little memory that requests are
// preempted, some of them while they prefill.
var (
	tightSarathi = []string{"--scheduler", "sarathi", "--chunk", "32", "--blocks", "300", "--requests-file", filepath.Join("testdata", "tight.csv")}
	tightVLLM    = []string{"--scheduler", "vllm", "--blocks", "300", "--requests-file", filepath.Join("testdata", "tight.csv")}
)

func try(args ...string) (*vidur.Simulator, *metrics.Store, error) {
	parsed, err := spec.Parse(args)
	if err != nil {
		return nil, nil, err
	}
	run, err := parsed.Experiment.Build()
	if err != nil {
		return nil, nil, err
	}
	store := metrics.New(run.Metrics)
	sim, err := vidur.New(run.Config, store)
	if err != nil {
		return nil, nil, err
	}
	return sim, store, sim.Run(context.Background())
}

func build(t *testing.T, args ...string) *spec.Run {
	t.Helper()
	parsed, err := spec.Parse(args)
	if err != nil {
		t.Fatal(err)
	}
	run, err := parsed.Experiment.Build()
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func simulate(t *testing.T, run *spec.Run) *metrics.Store {
	t.Helper()
	store := metrics.New(run.Metrics)
	sim, err := vidur.New(run.Config, store)
	if err != nil {
		t.Fatal(err)
	}
	if err := sim.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	return store
}

func values(t *testing.T, run *spec.Run, name string) []float64 {
	t.Helper()
	c, err := simulate(t, run).Column(name)
	if err != nil {
		t.Fatal(err)
	}
	return c.Values
}

func column(t *testing.T, name string, args ...string) []float64 {
	t.Helper()
	return values(t, build(t, args...), name)
}

// differ reports whether a column is another with --original.
func differ(t *testing.T, name string, args ...string) bool {
	return !slices.Equal(column(t, name, args...), column(t, name, append(slices.Clone(args), "--original")...))
}

func longestGap(t *testing.T, args []string) float64 {
	at := column(t, "arrived_at", args...)
	longest := at[0]
	for i := range at[1:] {
		longest = max(longest, at[i+1]-at[i])
	}
	return longest
}

// held is the number of KV blocks that are held when all is done.
func held(t *testing.T, args ...string) int {
	t.Helper()
	sim, _, err := try(args...)
	if err != nil {
		t.Fatal(err)
	}
	return sim.Cluster().Replicas[0].KV.Used()
}

func useDiffers(t *testing.T, figure func(metrics.ReplicaUse) float64) bool {
	ours, original := build(t, "--requests", "50"), build(t, "--requests", "50")
	original.Metrics.Original = true
	return figure(simulate(t, ours).Use()[0]) != figure(simulate(t, original).Use()[0])
}

// wrote reports whether a run writes plots/<name> with the figures of the first
// stage of replica 0.
func wrote(t *testing.T, name string, args ...string) bool {
	store := simulate(t, build(t, append(args, "--requests", "1")...))
	text := map[string]*strings.Builder{}
	err := store.Write(func(file string) (io.WriteCloser, error) {
		text[file] = &strings.Builder{}
		return closer{text[file]}, nil
	}, metrics.WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	file := text["plots/"+name]
	return file != nil && !strings.Contains(file.String(), `_max": 0`) // only replica 0 worked
}

type closer struct{ io.Writer }

func (closer) Close() error { return nil }

// ragged is a list of requests of which no two are of one length.
func ragged(t *testing.T) string {
	return write(t, "ragged.csv", "arrived_at,num_prefill_tokens,num_decode_tokens\n0,100,10\n0,120,30\n0,90,50\n")
}

// clamps is the number of look-ups beyond small operator tables.
func clamps(t *testing.T) int64 {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"ops_by_num_tokens_ms.csv": "num_tokens,attn_pre_proj,attn_post_proj,mlp_up_proj,mlp_down_proj,mlp_act,attn_rope,attn_kv_cache_save,input_layernorm,post_attention_layernorm,add\n" +
			strings.Join([]string{"1", "2", "3", "4", "5", "6", "7", "8"}, ",1,1,1,1,1,1,1,1,1,1\n") + ",1,1,1,1,1,1,1,1,1,1\n",
		"attn_decode_ms.csv":  "batch_size,kv_cache_size,attn_decode\n1,0,1\n1,64,1\n",
		"attn_prefill_ms.csv": "kv_cache_size,prefill_chunk_size,attn_prefill\n0,1,1\n64,1,1\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	run := build(t, "--op-times", dir, "--requests", "1")
	simulate(t, run)
	return run.Clamped()
}

// upProjection is the time of the MLP's up projection, learnt from a profile that
// ends at 512 tokens.
func upProjection(t *testing.T, original bool) func(tokens int) float64 {
	e := spec.Default()
	replica, err := e.Hardware()
	if err != nil {
		t.Fatal(err)
	}
	s := &profile.Samples{Op: vidur.OpMLPUp, Features: []string{profile.NumTokens}, X: make([][]float64, 1)}
	for n := 8; n <= 512; n += 8 {
		s.X[0], s.Y, s.Lines = append(s.X[0], float64(n)), append(s.Y, 0.05+0.001*float64(n)), append(s.Lines, n)
	}
	set := &profile.Set{}
	set.Ops[s.Op] = s
	learnt, err := trained.Train(context.Background(), set, replica, trained.Options{Clamp: original, Original: original, Grid: []learn.Estimator{learn.Forest{Trees: 10}}})
	if err != nil {
		t.Fatal(err)
	}
	return func(tokens int) float64 {
		var b vidur.Batch
		b.Add(&vidur.Request{Arrival: vidur.Arrival{Prefill: tokens, Decode: 1}, Prompt: tokens}, tokens)
		st, err := learnt.Predictor().StageTime(&b, 0)
		if err != nil {
			t.Fatal(err)
		}
		return st.Ops[vidur.OpMLPUp]
	}
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}
