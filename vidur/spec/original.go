package spec

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// fromOriginal makes the experiment that the original's flags describe.
func (out *Parsed) fromOriginal(c *originalConfig) error {
	if err := c.checkChoices(); err != nil {
		return err
	}
	out.Notes = c.missing()
	e := Default()
	e.Original, e.from = true, c
	e.Until, e.Seed = c.float("time_limit"), uint64(c.int("seed"))
	e.Replicas = c.int("cluster_config_num_replicas")
	e.Model, e.Device, e.Node = c.values["replica_config_model_name"], c.values["replica_config_device"], c.values["replica_config_network_device"]
	e.TP, e.PP = c.int("replica_config_tensor_parallel_size"), c.int("replica_config_num_pipeline_stages")
	e.Margin = c.float("replica_config_memory_margin_fraction")
	e.Router = c.values["global_scheduler_config_type"]
	c.scheduler(e)
	c.generator(e)
	c.predictor(e)
	c.metrics(e)
	out.Experiment = e
	return e.check()
}

func (c *originalConfig) int(name string) int {
	n, _ := strconv.Atoi(c.values[name]) // checked when it was set
	return n
}

func (c *originalConfig) float(name string) float64 {
	v, _ := strconv.ParseFloat(c.values[name], 64)
	return v
}

func (c *originalConfig) bool(name string) bool { return c.values[name] == "true" }

func (c *originalConfig) checkChoices() error {
	for _, f := range originalFlags() {
		if names := options(f.name); f.field == "" && !slices.Contains(names, c.values[f.name]) {
			return fmt.Errorf("--%s: unknown %q; it is one of %s", f.name, c.values[f.name], strings.Join(names, ", "))
		}
	}
	return nil
}

func (c *originalConfig) scheduler(e *Experiment) {
	e.Scheduler = c.values["replica_scheduler_config_type"]
	prefix := e.Scheduler + "_scheduler_config_"
	e.MaxBatch, e.BlockSize, e.Blocks = c.int(prefix+"batch_size_cap"), c.int(prefix+"block_size"), c.int(prefix+"num_blocks")
	e.Watermark = c.float(prefix + "watermark_blocks_fraction")
	switch e.Scheduler {
	case "sarathi":
		e.Chunk = c.int(prefix + "chunk_size")
	case "lightllm":
		e.MaxWaits = c.int(prefix + "max_waiting_iters")
		fallthrough
	case "vllm":
		e.BatchTokens = c.int(prefix + "max_tokens_in_batch")
	}
}

func (c *originalConfig) generator(e *Experiment) {
	if c.values["request_generator_config_type"] == "trace_replay" {
		const prefix = "trace_request_generator_config_"
		e.Workload, e.Trace, e.MaxTokens = "replay", c.values[prefix+"trace_file"], c.int(prefix+"max_tokens")
		e.PromptScale, e.OutputScale = c.float(prefix+"prefill_scale_factor"), c.float(prefix+"decode_scale_factor")
		e.TimeScale = c.float(prefix + "time_scale_factor")
		return
	}
	const synthetic = "synthetic_request_generator_config_"
	e.GeneratorSeed = uint64(c.int(synthetic + "seed"))
	e.Requests, e.Duration = c.int(synthetic+"num_requests"), c.float(synthetic+"duration")
	kind := c.values["length_generator_config_type"]
	prefix := kind + "_request_length_generator_config_"
	e.Workload = kind
	e.MaxTokens, e.LengthSeed = c.int(prefix+"max_tokens"), uint64(c.int(prefix+"seed"))
	switch kind {
	case "fixed":
		e.Prompt, e.Output = c.int(prefix+"prefill_tokens"), c.int(prefix+"decode_tokens")
	case "trace":
		e.Workload, e.Trace = "lengths", c.values[prefix+"trace_file"]
		e.PromptScale, e.OutputScale = c.float(prefix+"prefill_scale_factor"), c.float(prefix+"decode_scale_factor")
	case "zipf":
		e.Theta, e.Scramble = c.float(prefix+"theta"), c.bool(prefix+"scramble")
		fallthrough
	case "uniform":
		e.MinTokens, e.Ratio = c.int(prefix+"min_tokens"), c.float(prefix+"prefill_to_decode_ratio")
	}
	c.intervals(e)
}

func (c *originalConfig) intervals(e *Experiment) {
	e.Arrivals = c.values["interval_generator_config_type"]
	prefix := e.Arrivals + "_request_interval_generator_config_"
	switch e.Arrivals {
	case "gamma":
		e.CV = c.float(prefix + "cv")
		fallthrough
	case "poisson":
		e.QPS = c.float(prefix + "qps")
	case "trace":
		e.Times, e.TimesFrom, e.TimesTo = c.values[prefix+"trace_file"], c.values[prefix+"start_time"], c.values[prefix+"end_time"]
		e.TimeScale = c.float(prefix + "time_scale_factor")
	}
}

func (c *originalConfig) predictor(e *Experiment) {
	kind := c.values["execution_time_predictor_config_type"]
	prefix := kind + "_execution_time_predictor_config_"
	e.DecodeOverhead = c.float(prefix + "attention_decode_batching_overhead_fraction")
	e.PrefillOverhead = c.float(prefix + "attention_prefill_batching_overhead_fraction")
	e.NCCLLaunch = c.float(prefix + "nccl_cpu_launch_overhead_ms")
	e.NCCLSkew = c.float(prefix + "nccl_cpu_skew_overhead_per_device_ms")
	e.SkipCPU = c.bool(prefix + "skip_cpu_overhead_modeling")
	e.KVStep = c.int(prefix + "kv_cache_prediction_granularity")
	e.Folds, e.FoldsAsTheyCome = c.int(prefix+"k_fold_cv_splits"), true
	if kind == "linear_regression" {
		e.Estimator = "linear"
		e.Degree, e.PolyBias = c.values[prefix+"polynomial_degree"], c.values[prefix+"polynomial_include_bias"]
		e.PolyInteraction, e.PolyIntercept = c.values[prefix+"polynomial_interaction_only"], c.values[prefix+"fit_intercept"]
	} else {
		e.Estimator, e.FoldsDraw = "forest", c.int(prefix+"num_training_job_threads") == 1
		e.Trees, e.TreeDepth, e.MinSplit = c.values[prefix+"num_estimators"], c.values[prefix+"max_depth"], c.values[prefix+"min_samples_split"]
	}
	if c.bool(prefix + "no_cache") {
		e.Cache = "none"
	} else if dir := "metrics_config_cache_dir"; c.changed(dir) {
		e.Cache = c.values[dir]
	}
	for name, file := range map[string]*string{
		"compute": &e.ComputeFile, "attention": &e.AttentionFile, "all_reduce": &e.AllReduceFile,
		"send_recv": &e.SendRecvFile, "cpu_overhead": &e.CPUFile,
	} {
		if name = prefix + name + "_input_file"; c.changed(name) {
			*file = c.values[name]
		}
	}
}

func (c *originalConfig) metrics(e *Experiment) {
	const prefix = "metrics_config_"
	write := c.bool(prefix + "write_metrics")
	e.RequestMetrics = write && c.bool(prefix+"store_request_metrics")
	e.BatchMetrics = write && c.bool(prefix+"store_batch_metrics")
	e.Utilization = write && c.bool(prefix+"store_utilization_metrics")
	e.Plots = write && c.bool(prefix+"store_plots")
	e.Chrome = write && c.bool(prefix+"enable_chrome_trace")
	e.ChromeLimit = 0
	e.Events = write && c.bool(prefix+"write_json_trace")
	e.Operations = c.bool(prefix + "store_operation_metrics")
	e.PerBatch = c.bool(prefix + "keep_individual_batch_metrics")
	e.TokenTimes = c.bool(prefix + "store_token_completion_metrics")
	e.FirstBatch, e.LastBatch = c.int(prefix+"min_batch_index"), c.int(prefix+"max_batch_index")
	e.Subsamples = c.int(prefix + "subsamples")
	e.OutputDir = c.values[prefix+"output_dir"]
	if write {
		e.WandbProject, e.WandbGroup, e.WandbName = c.values[prefix+"wandb_project"], c.values[prefix+"wandb_group"], c.values[prefix+"wandb_run_name"]
	}
}

// missing notes the flags that were given and do nothing here, with the reason.
func (c *originalConfig) missing() (notes []string) {
	for _, f := range originalFlags() {
		if !c.changed(f.name) {
			continue
		}
		for _, m := range originalMissing {
			if strings.Contains(f.name, m.part) && (m.but == "" || c.values[f.name] != m.but) {
				notes = append(notes, fmt.Sprintf("--%s has no effect: %s", f.name, m.why))
			}
		}
	}
	return notes
}

// originalMissing says of flags of the original what is not here.
var originalMissing = []struct {
	part string // of the flag's name
	why  string
	but  string // a value that has an effect
}{
	{"wandb_sweep_id", "the original does not look at it either", ""},
	{"wandb_run_id", "the original does not look at it either", ""},
	{"save_table_to_wandb", "the tables are files of the run directory", ""},
	{"num_training_job_threads", "training takes all cores", "1"}, // which says what the folds draw
	{"prediction_max_", "operator times have no upper end", ""},
	{"log_level", "nothing is logged", ""},
}
