package spec_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur/spec"
)

// notKnown are keys of the original's config.json that ours lacks, with the
// reason.
var notKnown = map[string]string{
	"cluster_config.replica_config.model_config.use_bias":              "no model of the catalogue has it and nothing reads it",
	"cluster_config.replica_config.model_config.is_neox_style":         "a layout of weights; it takes no time",
	"cluster_config.replica_config.model_config.rope_theta":            "a frequency; it takes no time",
	"cluster_config.replica_config.model_config.rope_scaling":          "a frequency; it takes no time",
	"cluster_config.replica_config.model_config.partial_rotary_factor": "nothing reads it, there or here",
	"cluster_config.replica_config.model_config.no_tensor_parallel":    "the original's simulator never enforces it",
}

// notTheirs are keys of ours that the original's lacks, or lacks in these runs.
var notTheirs = map[string]string{
	"govidur":                   "the experiment in our words",
	"metrics_config.output_dir": "left out of the recorded runs",
	"metrics_config.cache_dir":  "left out of the recorded runs",
}

// TestConfigJSON compares config.json with the original's for the same flags,
// value by value.
func TestConfigJSON(t *testing.T) {
	for _, c := range parityCases(t) {
		t.Run(filepath.Base(c.dir), func(t *testing.T) {
			parsed, err := spec.Parse(slices.Concat(c.Flags, []string{"--requests-file", filepath.Join(c.dir, "requests.csv.gz")}))
			if err != nil {
				t.Fatal(err)
			}
			run, err := parsed.Experiment.Build()
			if err != nil {
				t.Fatal(err)
			}
			text, err := parsed.Experiment.ConfigJSON(run)
			if err != nil {
				t.Fatal(err)
			}
			theirs, err := os.ReadFile(filepath.Join(c.dir, "config.json"))
			if err != nil {
				t.Fatal(err)
			}
			compareJSON(t, flatten(t, text), flatten(t, theirs))
		})
	}
}

func compareJSON(t *testing.T, got, want map[string]any) {
	for key, w := range want {
		g, ok := got[key]
		_, known := notKnown[key]
		switch {
		case ok && known:
			t.Errorf("%s is there: take it off the list", key)
		case known:
		case !ok:
			t.Errorf("%s is missing; the original has %v", key, w)
		case !reflect.DeepEqual(g, w):
			t.Errorf("%s: %v, the original has %v", key, g, w)
		}
	}
	for key := range got {
		section, _, _ := strings.Cut(key, ".")
		if _, ok := want[key]; !ok && notTheirs[key] == "" && notTheirs[section] == "" {
			t.Errorf("%s: the original has no such key", key)
		}
	}
}

// flatten makes "a.b" keys of nested objects.
func flatten(t *testing.T, text []byte) map[string]any {
	var root map[string]any
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	flat := map[string]any{}
	var walk func(prefix string, value any)
	walk = func(prefix string, value any) {
		if object, ok := value.(map[string]any); ok {
			for key, v := range object {
				walk(prefix+"."+key, v)
			}
			return
		}
		flat[strings.TrimPrefix(prefix, ".")] = value
	}
	walk("", root)
	return flat
}

func configOf(t *testing.T, args ...string) map[string]any {
	t.Helper()
	parsed, err := spec.Parse(args)
	if err != nil {
		t.Fatal(err)
	}
	run, err := parsed.Experiment.Build()
	if err != nil {
		t.Fatal(err)
	}
	text, err := parsed.Experiment.ConfigJSON(run)
	if err != nil {
		t.Fatal(err)
	}
	return flatten(t, text)
}

// TestConfigJSONOfFlags has values that no field of an experiment keeps, and
// numbers that Go reads and JSON does not.
func TestConfigJSONOfFlags(t *testing.T) {
	const forest = "random_forrest_execution_time_predictor_config_"
	config := configOf(t, "--"+forest+"num_estimators", "07", "8", "--"+forest+"prediction_max_batch_size", "+512", "--no-metrics_config_write_metrics",
		"--log_level", `a "b"`, "--poisson_request_interval_generator_config_qps", ".5", "--zipf_request_length_generator_config_theta", "0.5")
	for key, want := range map[string]any{
		"execution_time_predictor_config.num_estimators":            []any{7.0, 8.0},
		"execution_time_predictor_config.prediction_max_batch_size": 512.0,
		"metrics_config.write_metrics":                              false,
		"metrics_config.store_plots":                                true,
		"log_level":                                                 `a "b"`,
		"request_generator_config.interval_generator_config.qps":    0.5,
		"govidur.original":                                          true,
	} {
		if got := config[key]; !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %v, want %v", key, got, want)
		}
	}
	config = configOf(t, "--log_level", "debug", "--workload", "fixed", "--scheduler", "vllm", "--plots=false", "--seed", "5")
	if config["seed"] != 5.0 || config["cluster_config.replica_scheduler_config.name"] != "vllm" || config["metrics_config.store_plots"] != false || config["log_level"] != "debug" {
		t.Errorf("short flags do not win: %v", config)
	}
}

// TestConfigJSONResolved has in full what short flags leave to defaults.
func TestConfigJSONResolved(t *testing.T) {
	config := configOf(t, "--model", "llama-3-8b", "--scheduler", "vllm", "--workload", "fixed", "--prompt-tokens", "6000", "--output-tokens", "100")
	for key, want := range map[string]any{
		"cluster_config.replica_config.model_name":                    "meta-llama/Meta-Llama-3-8B",
		"cluster_config.replica_config.network_device":                "h100_dgx",
		"cluster_config.replica_config.node_config.device_sku_type":   3.0,
		"cluster_config.replica_scheduler_config.block_size":          16.0,
		"cluster_config.replica_scheduler_config.max_tokens_in_batch": 6100.0,
		"request_generator_config.max_tokens":                         6100.0,
		"request_generator_config.length_generator_config.max_tokens": 6100.0,
		"request_generator_config.num_requests":                       1000.0,
		"request_generator_config.duration":                           nil,
		"govidur.model":                                               "llama-3-8b",
	} {
		if got, ok := config[key]; !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %v (%v), want %v", key, got, ok, want)
		}
	}
}

// TestConfigJSONOfEverything is valid for each scheduler, workload and way of
// arriving.
func TestConfigJSONOfEverything(t *testing.T) {
	for _, scheduler := range spec.Schedulers() {
		for _, work := range spec.Workloads() {
			for _, arrivals := range []string{"poisson", "gamma", "constant", "static"} {
				if work == "lengths" || work == "replay" {
					continue // need files
				}
				config := configOf(t, "--scheduler", scheduler, "--workload", work, "--arrivals", arrivals)
				if got := fmt.Sprint(config["cluster_config.replica_scheduler_config.name"]); got != scheduler {
					t.Errorf("%s %s %s: scheduler %s", scheduler, work, arrivals, got)
				}
			}
		}
	}
}
