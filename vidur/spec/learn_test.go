package spec_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur/spec"
)

// smallProfile is a folder with profiles of the MLP and the projections of
// Llama-3-8B on an h100.
func smallProfile(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "profiling", "compute", "h100", "meta-llama", "Meta-Llama-3-8B")
	if err := os.MkdirAll(path, 0o777); err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	ops := []string{"attn_pre_proj", "attn_post_proj", "attn_rope", "mlp_up_proj", "mlp_down_proj", "mlp_act"}
	for _, op := range ops {
		fmt.Fprintf(&text, "time_stats.%s.median,", op)
	}
	text.WriteString("n_head,n_kv_head,n_embd,n_expanded_embd,vocab_size,use_gated_mlp,num_tokens,num_tensor_parallel_workers\n")
	for n := 8; n <= 256; n += 8 {
		for i := range ops {
			fmt.Fprintf(&text, "%g,", 0.125+float64(i+n/16)/64)
		}
		fmt.Fprintf(&text, "32,8,4096,14336,128256,True,%d,1\n", n)
	}
	if err := os.WriteFile(filepath.Join(path, "mlp.csv"), []byte(text.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}

// firstEstimator is what an experiment learns its first operator with.
func firstEstimator(t *testing.T, args ...string) string {
	t.Helper()
	p, err := spec.Parse(append([]string{"--cache", "none"}, args...))
	if err != nil {
		t.Fatal(err)
	}
	replica, err := p.Experiment.Hardware()
	if err != nil {
		t.Fatal(err)
	}
	learnt, err := p.Experiment.Learn(context.Background(), replica)
	if err != nil {
		t.Fatal(err)
	}
	return learnt.Provenance()[0].Estimator
}

// The original's flags bring its forests, and one training job lets its folds
// draw, as does the key that an experiment file has for it.
func TestForestsOfTheOriginal(t *testing.T) {
	const forest = "--random_forrest_execution_time_predictor_config_"
	flags := []string{
		"--data", smallProfile(t), "--replica_config_model_name", "meta-llama/Meta-Llama-3-8B", "--replica_config_device", "h100", "--seed", "7",
		forest + "num_estimators", "3", forest + "max_depth", "4", forest + "min_samples_split", "2", forest + "k_fold_cv_splits", "5",
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "original forest(trees=3 depth=4 split=2 seed=7 skip=0)"},
		{[]string{forest + "num_training_job_threads", "4"}, "original forest(trees=3 depth=4 split=2 seed=7 skip=0)"},
		{[]string{forest + "num_training_job_threads", "1"}, "original forest(trees=3 depth=4 split=2 seed=7 skip=15)"},
		{[]string{"--folds-draw"}, "original forest(trees=3 depth=4 split=2 seed=7 skip=15)"},
		{[]string{"--no-original", forest + "num_training_job_threads", "1"}, "forest(trees=3 depth=4 split=2 seed=7)"},
	} {
		if got := firstEstimator(t, append(flags[:len(flags):len(flags)], c.args...)...); got != c.want {
			t.Errorf("%v: %s, want %s", c.args, got, c.want)
		}
	}
	for _, args := range [][]string{{"--folds-draw"}, {forest + "num_training_job_threads", "1"}} {
		p, err := spec.Parse(args)
		if err != nil {
			t.Fatal(err)
		}
		text, err := p.Experiment.ConfigJSON(build(t, args...))
		if err != nil || !strings.Contains(string(text), `"num_training_job_threads": 1,`) {
			t.Errorf("%v: %v, config.json %s", args, err, text)
		}
	}
	for jobs, note := range map[string]bool{"1": false, "4": true} {
		p, err := spec.Parse([]string{forest + "num_training_job_threads", jobs})
		if err != nil || strings.Contains(strings.Join(p.Notes, "\n"), "training takes all cores") != note {
			t.Errorf("%s jobs: notes %v, error %v", jobs, p.Notes, err)
		}
	}
}

// A folder of profiles is the one that holds profiling, or is it. Of another one a run
// says that it has no operator times.
func TestFolderOfProfiles(t *testing.T) {
	dir := smallProfile(t)
	run := func(data string) *spec.Run {
		e := spec.Default()
		e.Data, e.Cache, e.Trees, e.TreeDepth, e.MinSplit, e.Requests = data, "none", "3", "8", "2", 2
		r, err := e.Build()
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	outside, inside := run(dir), run(filepath.Join(dir, "profiling"))
	if want := strings.Replace(outside.Times, dir, filepath.Join(dir, "profiling"), 1); inside.Times != want || !strings.Contains(want, " 6 measured") {
		t.Errorf("%q, want %q", inside.Times, want)
	}
	if none := run(t.TempDir()); !strings.HasPrefix(none.Times, "analytic model") || !strings.Contains(strings.Join(none.Notes, "\n"), "no operator times are taken from it") {
		t.Errorf("%q, notes %q", none.Times, none.Notes)
	}
}
