package spec

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// args is the command line that gives the flag its value.
func (f *originalFlag) args(value string) []string {
	switch {
	case f.kind == "b" && value == "true":
		return []string{"--" + f.name}
	case f.kind == "b":
		return []string{"--no-" + f.name}
	case f.list():
		return append([]string{"--" + f.name}, strings.Split(value, ",")...)
	}
	return []string{"--" + f.name, value}
}

// TestOriginalDefaults gives each flag of the original its own default: it must
// be taken, and change nothing.
func TestOriginalDefaults(t *testing.T) {
	want := mustParse(t, "--log_level", "info").Experiment
	for _, f := range originalFlags() {
		if f.optional() && f.fallback == "" {
			continue
		}
		p, err := Parse(f.args(f.fallback))
		if err != nil {
			t.Errorf("--%s %s: %v", f.name, f.fallback, err)
			continue
		}
		if len(p.Notes) > 0 {
			t.Errorf("--%s %s notes %q", f.name, f.fallback, p.Notes)
		}
		p.Experiment.from = want.from
		if f.name != "seed" && !reflect.DeepEqual(p.Experiment, want) {
			t.Errorf("--%s %s: %+v", f.name, f.fallback, p.Experiment)
		}
	}
}

// TestOriginalValues gives each flag a value that is not its default: it must
// change the experiment or be noted.
func TestOriginalValues(t *testing.T) {
	for _, f := range originalFlags() {
		value := map[string]string{"i": "7", "f": "0.25", "b": "true", "I": "1,2", "B": "false"}[strings.TrimPrefix(f.kind, "?")]
		switch {
		case f.kind == "b" && f.fallback == "true":
			value = "false"
		case f.field == "": // a choice
			value = options(f.name)[1]
		case strings.HasSuffix(f.kind, "s"):
			value = "some-name"
		}
		args := f.args(value)
		for _, s := range originalSections() { // so that its section is in use
			for _, g := range s.flags {
				if g.name == f.name && s.choice != "" {
					args = append([]string{"--" + s.choice, s.option}, args...)
				}
			}
		}
		with, err := Parse(args)
		if err != nil {
			t.Errorf("%q: %v", args, err)
			continue
		}
		without := mustParse(t, args[:len(args)-len(f.args(value))]...)
		if len(args) == len(f.args(value)) {
			without = mustParse(t, "--log_level", "info")
		}
		with.Experiment.from, without.Experiment.from = nil, nil
		if reflect.DeepEqual(with.Experiment, without.Experiment) && len(with.Notes) == len(without.Notes) && !drawsNothing(f.name) {
			t.Errorf("%q is ignored", args)
		}
	}
}

// drawsNothing names seeds that the original takes and never uses.
func drawsNothing(name string) bool {
	return strings.HasSuffix(name, "_interval_generator_config_seed") || name == "trace_request_generator_config_seed"
}

func mustParse(t testing.TB, args ...string) *Parsed {
	t.Helper()
	p, err := Parse(args)
	if err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	return p
}

// originalNames are the flags and defaults as the documentation of the original
// has them: written down a second time, by hand, so that a slip in
// original_flags.txt shows.
const originalNames = `
seed=42 log_level=info time_limit=0
cluster_config_: num_replicas=1
replica_config_: model_name=meta-llama/Llama-2-7b-hf memory_margin_fraction=0.1 num_pipeline_stages=1 tensor_parallel_size=1 device=a100 network_device=a100_pairwise_nvlink
: global_scheduler_config_type=round_robin replica_scheduler_config_type=sarathi request_generator_config_type=synthetic length_generator_config_type=fixed interval_generator_config_type=poisson execution_time_predictor_config_type=random_forrest
vllm_scheduler_config_: batch_size_cap=128 block_size=16 watermark_blocks_fraction=0.01 num_blocks= max_tokens_in_batch=4096
lightllm_scheduler_config_: batch_size_cap=128 block_size=16 watermark_blocks_fraction=0.01 num_blocks= max_tokens_in_batch=4096 max_waiting_iters=10
orca_scheduler_config_: batch_size_cap=128 block_size=16 watermark_blocks_fraction=0.01 num_blocks=
faster_transformer_scheduler_config_: batch_size_cap=128 block_size=16 watermark_blocks_fraction=0.01 num_blocks=
sarathi_scheduler_config_: batch_size_cap=128 block_size=16 watermark_blocks_fraction=0.01 num_blocks= chunk_size=512
synthetic_request_generator_config_: seed=42 num_requests=128 duration=
trace_request_generator_config_: seed=42 trace_file=data/processed_traces/splitwise_conv.csv prefill_scale_factor=1 decode_scale_factor=1 time_scale_factor=1 max_tokens=4096
fixed_request_length_generator_config_: seed=42 max_tokens=4096 prefill_tokens=2048 decode_tokens=512
trace_request_length_generator_config_: seed=42 max_tokens=4096 trace_file=data/processed_traces/sharegpt_8k_filtered_stats_llama2_tokenizer.csv prefill_scale_factor=1 decode_scale_factor=1
zipf_request_length_generator_config_: seed=42 max_tokens=4096 theta=0.6 scramble=false min_tokens=1024 prefill_to_decode_ratio=20
uniform_request_length_generator_config_: seed=42 max_tokens=4096 min_tokens=1024 prefill_to_decode_ratio=20
poisson_request_interval_generator_config_: seed=42 qps=0.5
gamma_request_interval_generator_config_: seed=42 qps=0.2 cv=0.5
static_request_interval_generator_config_: seed=42
trace_request_interval_generator_config_: seed=42 trace_file=data/processed_traces/AzureFunctionsInvocationTraceForTwoWeeksJan2021Processed.csv start_time=1970-01-04·12:00:00 end_time=1970-01-04·15:00:00 time_scale_factor=1
random_forrest_execution_time_predictor_config_: PREDICTOR num_estimators=250,500,750 max_depth=8,16,32 min_samples_split=2,5,10
linear_regression_execution_time_predictor_config_: PREDICTOR polynomial_degree=1,2,3,4,5 polynomial_include_bias=true,false polynomial_interaction_only=true,false fit_intercept=true,false
metrics_config_: write_metrics=true write_json_trace=false wandb_project= wandb_group= wandb_run_name= wandb_sweep_id= wandb_run_id= enable_chrome_trace=true save_table_to_wandb=false store_plots=true store_operation_metrics=false store_token_completion_metrics=false store_request_metrics=true store_batch_metrics=true store_utilization_metrics=true keep_individual_batch_metrics=false subsamples= min_batch_index= max_batch_index= output_dir=simulator_output cache_dir=cache
`

const originalPredictor = `compute_input_file=./data/profiling/compute/{DEVICE}/{MODEL}/mlp.csv attention_input_file=./data/profiling/compute/{DEVICE}/{MODEL}/attention.csv all_reduce_input_file=./data/profiling/network/{NETWORK_DEVICE}/all_reduce.csv send_recv_input_file=./data/profiling/network/{NETWORK_DEVICE}/send_recv.csv cpu_overhead_input_file=./data/profiling/cpu_overhead/{NETWORK_DEVICE}/{MODEL}/cpu_overheads.csv k_fold_cv_splits=10 no_cache=false kv_cache_prediction_granularity=64 prediction_max_prefill_chunk_size=4096 prediction_max_batch_size=128 prediction_max_tokens_per_request=4096 attention_decode_batching_overhead_fraction=0.1 attention_prefill_batching_overhead_fraction=0.1 nccl_cpu_launch_overhead_ms=0.02 nccl_cpu_skew_overhead_per_device_ms=0 num_training_job_threads=-1 skip_cpu_overhead_modeling=true`

func TestOriginalNames(t *testing.T) {
	want := map[string]string{}
	for line := range strings.Lines(strings.ReplaceAll(originalNames, "PREDICTOR", originalPredictor)) {
		prefix := ""
		for _, word := range strings.Fields(line) {
			if name, isPrefix := strings.CutSuffix(word, ":"); isPrefix {
				prefix = name
				continue
			}
			field, value, _ := strings.Cut(word, "=")
			want[prefix+field] = strings.ReplaceAll(value, "·", " ")
		}
	}
	for _, f := range originalFlags() {
		if value, ok := want[f.name]; !ok || value != f.fallback {
			t.Errorf("--%s %q: %q is expected (%v)", f.name, f.fallback, value, ok)
		}
		delete(want, f.name)
	}
	for name := range want {
		t.Errorf("--%s is missing", name)
	}
}

// TestAbbreviations gives each flag by every beginning of it.
func TestAbbreviations(t *testing.T) {
	for _, f := range originalFlags() {
		for _, full := range f.forms() {
			for n := 3; n < len(full); n++ {
				testAbbreviation(t, f, full, full[:n])
			}
		}
	}
}

func testAbbreviation(t *testing.T, want originalFlag, full, short string) {
	matches, exact := 0, false
	for _, f := range originalFlags() {
		for _, form := range f.forms() {
			exact = exact || form == short
			if strings.HasPrefix(form, short) {
				matches++
			}
		}
	}
	p := &parser{params: Params(), original: newOriginalConfig()}
	got, no, err := p.findOriginal(short)
	switch {
	case exact:
	case matches > 1:
		if err == nil || !strings.Contains(err.Error(), short) {
			t.Errorf("--%s is ambiguous: %v", short, err)
		}
	case err != nil:
		begins := func(own Param) bool { return strings.HasPrefix(own.Name, short) }
		if !slices.ContainsFunc(Params(), begins) { // what begins a key of ours is no abbreviation
			t.Errorf("--%s for --%s: %v", short, full, err)
		}
	case got.name != want.name || no != (full != want.name):
		t.Errorf("--%s for --%s is --%s (%v)", short, full, got.name, no)
	}
}

func TestArguments(t *testing.T) {
	const device = "--replica_config_device"
	forest := "--random_forrest_execution_time_predictor_config_"
	for _, c := range []struct {
		args string // between spaces
		err  string // part of it; empty: none
	}{
		{device + " a100", ""}, {device + "=a100", ""}, {"--replica_config_dev=h100", ""},
		{"--tp=2", ""}, {"--tp 2 --no-plots --original", ""}, {"--plots=false --original=true", ""},
		{forest + "num_training_job_threads -1", ""}, {forest + "num_training_job_threads=-1", ""},
		{forest + "num_estimators 1 2 3 --seed 3", ""}, {forest + "max_depth=4", ""},
		{"--linear_regression_execution_time_predictor_config_fit_intercept True False", ""},
		{"--no-metrics_config_store_plots --metrics_config_write_json_trace", ""}, {"--no-metrics_config_store_pl", ""},
		{"--out=--odd", ""}, {"--qps .5 --qps 1e1", ""},

		{"x", `unexpected argument "x"`}, {"-tp 2", "unexpected argument"}, {"--", "unexpected argument"}, {"--tp 1 2", `unexpected argument "2"`}, {"-", "unexpected"},
		{"--tp", "--tp needs a value"}, {"--tp --pp 2", "--tp needs a value"}, {"--config", "--config needs a value"}, {"--config=", "--config needs a value"},
		{device, device + " needs a value"}, {device + " --tp 2", "needs a value"}, {forest + "max_depth", "needs a value"}, {forest + "max_depth --tp 2", "needs a value"},
		{"--tp two", `--tp: "two" is not a whole number`}, {"--tp 1.5", "not a whole number"}, {"--tp=", "not a whole number"}, {"--tp -1", "must not be negative"}, {"--seed -1", "whole number from 0"},
		{"--qps fast", "not a number"}, {"--qps NaN", "finite"}, {"--qps -Inf", "finite"}, {"--qps 1e999", "not a number"},
		{"--original=maybe", "neither true nor false"}, {"--no-tp", "--tp takes a value and has no --no-tp"}, {"--no-plots=true", "takes a value"},
		{"--modle x", "near: --model"}, {"--see 3", "unknown flag --see; near: --seed"}, {"--time 3", "unknown flag --time; near: --times"}, {"--replica 3", "near: --replicas"},
		{"--replica_config 3", "--replica_config could be --replica_config_model_name, "}, {"--poisson 3", "could be --poisson_request_interval_generator_config_seed or --poisson"},
		{"--replica_config_divice a100", "near: --replica_config_device"},
		{"--cluster_config_num_replicas two", `"two" is not a whole number`}, {"--cluster_config_num_replicas 1.0", "not a whole number"}, {"--cluster_config_num_replicas -2", "must not be negative"},
		{"--poisson_request_interval_generator_config_qps nan", "not finite"}, {"--poisson_request_interval_generator_config_qps x", "not a number"}, {"--poisson_request_interval_generator_config_qps 0", "qps is 0"},
		{"--synthetic_request_generator_config_num_requests 0", "above 0"}, {"--synthetic_request_generator_config_duration 0", "above 0"}, {"--fixed_request_length_generator_config_max_tokens -5", "negative"},
		{forest + "max_depth 4 x", `"x" is not a whole number`}, {"--linear_regression_execution_time_predictor_config_fit_intercept perhaps", "neither true nor false"},
		{"--metrics_config_store_plots=true", "takes no value"}, {"--metrics_config_store_plots true", `unexpected argument "true"`}, {"--no-replica_config_device", "unknown flag"},
		{"--replica_scheduler_config_type sarathy", "it is one of sarathi"},
		{"--config x.yaml --replica_config_device a100", "do not mix"}, {"--config nowhere.yaml", "nowhere.yaml"},
	} {
		_, err := Parse(strings.Fields(c.args))
		switch {
		case c.err == "" && err != nil:
			t.Errorf("%s: %v", c.args, err)
		case c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)):
			t.Errorf("%s: %v; want %q", c.args, err, c.err)
		}
	}
}

// TestShortFlagsWin mixes both kinds of flags.
func TestShortFlagsWin(t *testing.T) {
	e := mustParse(t, "--qps", "3", "--replica_config_device", "h100", "--no-original", "--poisson_request_interval_generator_config_qps", "5").Experiment
	if e.QPS != 3 || e.Device != "h100" || e.Original || e.Model != "meta-llama/Llama-2-7b-hf" {
		t.Errorf("%+v", e)
	}
}

// TestNotes says what flags without effect are told.
func TestNotes(t *testing.T) {
	p := mustParse(t, "--random_forrest_execution_time_predictor_config_prediction_max_batch_size", "512", "--log_level", "debug")
	text := strings.Join(p.Notes, "\n")
	for _, part := range []string{"--random_forrest_execution_time_predictor_config_prediction_max_batch_size has no effect", "--log_level has no effect"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q lacks %q", text, part)
		}
	}
}
