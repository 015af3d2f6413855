package spec

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/govidur/govidur/vidur"
)

// ConfigJSON is the experiment as the config.json of the original simulator,
// with what the original derives (the model's shape, the device, the node), and
// what it has no words for under the key "govidur": the keys of the experiment
// that differ from Default. run is what the experiment was built into.
func (e *Experiment) ConfigJSON(run *Run) ([]byte, error) {
	root := &object{}
	c := e.toOriginal()
	for _, s := range originalSections() {
		if !c.chosen(&s) || e.replays() && (s.path == lengthPath || s.path == intervalPath) {
			continue
		}
		group := root.at(s.path)
		for _, f := range s.flags {
			group.put(f.field, f.json(c.values[f.name]))
		}
		if s.choice != "" {
			group.put("name", s.option)
		}
	}
	e.derived(root, run.Config.Replicas[0])
	e.resolved(root, run)
	root.put("govidur", e.changed())
	compact, err := json.Marshal(root)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = json.Indent(&out, compact, "", "    ")
	out.WriteByte('\n')
	return out.Bytes(), err
}

const (
	lengthPath   = "request_generator_config.length_generator_config"
	intervalPath = "request_generator_config.interval_generator_config"
)

func (e *Experiment) replays() bool { return e.Workload == "replay" }

// derived adds what the original works out from the flags.
func (e *Experiment) derived(root *object, spec vidur.ReplicaSpec) {
	m, replica := &spec.Model, root.at("cluster_config.replica_config")
	norm, activation := 1, 1 // RMS norm and SiLU; the enums of the original
	if m.LayerNorm {
		norm, activation = 0, 0
	}
	replica.put("model_name", m.Name)
	replica.put("device", spec.Device.Name)
	replica.put("network_device", spec.Node.Name)
	replica.put("world_size", spec.GPUs())
	model := replica.at("model_config")
	for _, f := range []field{
		{"num_layers", m.Layers}, {"num_q_heads", m.QHeads}, {"num_kv_heads", m.KVHeads}, {"embedding_dim", m.Hidden},
		{"mlp_hidden_dim", m.FFN}, {"max_position_embeddings", m.MaxPositions}, {"use_gated_mlp", m.Gated},
		{"use_qkv_bias", m.QKVBias}, {"activation", activation}, {"norm", norm}, {"post_attn_norm", !m.NoPostNorm},
		{"vocab_size", m.Vocab}, {"name", m.Name},
	} {
		model.put(f.name, f.value)
	}
	device := replica.at("device_config")
	device.put("fp16_tflops", spec.Device.TFLOPS)
	device.put("total_memory_gb", spec.Device.MemoryGB)
	device.put("name", spec.Device.Name)
	node := replica.at("node_config")
	node.put("num_devices_per_node", spec.Node.Devices)
	if sku := map[string]int{"a40": 1, "a100": 2, "h100": 3}[spec.Device.Name]; sku > 0 {
		node.put("device_sku_type", sku) // an enum of the original, which knows no other devices
	}
	node.put("name", spec.Node.Name)
}

// resolved replaces each 0 that means a default by that default.
func (e *Experiment) resolved(root *object, run *Run) {
	spec := run.Config.Replicas[0]
	generator := root.at("request_generator_config")
	if !e.replays() {
		generator.put("max_tokens", spec.MaxTokens)
		if e.Requests == 0 && e.Duration == 0 {
			generator.put("num_requests", run.Requests)
		}
		generator = root.at(lengthPath)
	}
	if e.MaxTokens == 0 {
		generator.put("max_tokens", spec.MaxTokens)
	}
	if e.BatchTokens == 0 && (e.Scheduler == "vllm" || e.Scheduler == "lightllm") {
		root.at("cluster_config.replica_scheduler_config").put("max_tokens_in_batch", max(4096, spec.MaxTokens))
	}
}

// changed are the keys that differ from the default, as strings and numbers.
func (e *Experiment) changed() *object {
	o, d := &object{}, Default()
	for _, p := range Params() {
		if value := p.field(e); show(value) != show(p.field(d)) {
			o.put(p.Name, value)
		}
	}
	return o
}

// toOriginal writes the experiment with the original's flags, as far as it has
// them. A named workload is a trace of lengths there.
func (e *Experiment) toOriginal() *originalConfig {
	c := newOriginalConfig()
	if e.from != nil {
		c = e.from.clone()
	}
	put := func(name string, value any) { c.values[name] = show(value) }
	put("seed", &e.Seed)
	put("time_limit", &e.Until)
	put("cluster_config_num_replicas", &e.Replicas)
	put("replica_config_model_name", &e.Model)
	put("replica_config_device", &e.Device)
	put("replica_config_network_device", &e.Node)
	put("replica_config_tensor_parallel_size", &e.TP)
	put("replica_config_num_pipeline_stages", &e.PP)
	put("replica_config_memory_margin_fraction", &e.Margin)
	put("global_scheduler_config_type", &e.Router)
	put("replica_scheduler_config_type", &e.Scheduler)
	prefix := e.Scheduler + "_scheduler_config_"
	put(prefix+"batch_size_cap", &e.MaxBatch)
	put(prefix+"watermark_blocks_fraction", &e.Watermark)
	put(prefix+"chunk_size", &e.Chunk)
	if e.BatchTokens > 0 {
		put(prefix+"max_tokens_in_batch", &e.BatchTokens)
	}
	put(prefix+"max_waiting_iters", &e.MaxWaits)
	c.values[prefix+"block_size"] = strconv.Itoa(e.blockSize())
	c.values[prefix+"num_blocks"] = orNone(e.Blocks)
	e.originalGenerator(c, put)
	e.originalPredictor(c, put)
	e.originalMetrics(c, put)
	return c
}

func (e *Experiment) originalPredictor(c *originalConfig, put func(string, any)) {
	kind := "random_forrest"
	if e.Estimator == "linear" {
		kind = "linear_regression"
	}
	c.values["execution_time_predictor_config_type"] = kind
	prefix := kind + "_execution_time_predictor_config_"
	put(prefix+"attention_decode_batching_overhead_fraction", &e.DecodeOverhead)
	put(prefix+"attention_prefill_batching_overhead_fraction", &e.PrefillOverhead)
	put(prefix+"nccl_cpu_launch_overhead_ms", &e.NCCLLaunch)
	put(prefix+"nccl_cpu_skew_overhead_per_device_ms", &e.NCCLSkew)
	put(prefix+"skip_cpu_overhead_modeling", &e.SkipCPU)
	put(prefix+"kv_cache_prediction_granularity", &e.KVStep)
	put(prefix+"k_fold_cv_splits", &e.Folds)
	if job := prefix + "num_training_job_threads"; e.FoldsDraw {
		c.values[job] = "1"
	} else if c.values[job] == "1" && kind == "random_forrest" {
		c.values[job] = "-1"
	}
	put(prefix+"num_estimators", &e.Trees)
	put(prefix+"max_depth", &e.TreeDepth)
	put(prefix+"min_samples_split", &e.MinSplit)
	put(prefix+"polynomial_degree", &e.Degree)
	put(prefix+"polynomial_include_bias", &e.PolyBias)
	put(prefix+"polynomial_interaction_only", &e.PolyInteraction)
	put(prefix+"fit_intercept", &e.PolyIntercept)
	c.values[prefix+"no_cache"] = strconv.FormatBool(e.Cache == "none")
	for name, file := range map[string]string{
		"compute": e.ComputeFile, "attention": e.AttentionFile, "all_reduce": e.AllReduceFile,
		"send_recv": e.SendRecvFile, "cpu_overhead": e.CPUFile,
	} {
		if file != "" {
			c.values[prefix+name+"_input_file"] = file
		}
	}
}

func (e *Experiment) originalMetrics(c *originalConfig, put func(string, any)) {
	const prefix = "metrics_config_"
	put(prefix+"store_operation_metrics", &e.Operations)
	put(prefix+"store_token_completion_metrics", &e.TokenTimes)
	put(prefix+"keep_individual_batch_metrics", &e.PerBatch)
	put(prefix+"output_dir", &e.OutputDir)
	put(prefix+"wandb_project", &e.WandbProject)
	put(prefix+"wandb_group", &e.WandbGroup)
	put(prefix+"wandb_run_name", &e.WandbName)
	c.values[prefix+"subsamples"] = orNone(e.Subsamples)
	c.values[prefix+"min_batch_index"] = orNone(e.FirstBatch)
	c.values[prefix+"max_batch_index"] = orNone(e.LastBatch)
	files := e.RequestMetrics || e.BatchMetrics || e.Utilization || e.Plots || e.Chrome || e.Events
	if !files && !c.bool(prefix+"write_metrics") {
		return // it is off there, whatever the others say
	}
	c.values[prefix+"write_metrics"] = "true"
	put(prefix+"store_request_metrics", &e.RequestMetrics)
	put(prefix+"store_batch_metrics", &e.BatchMetrics)
	put(prefix+"store_utilization_metrics", &e.Utilization)
	put(prefix+"store_plots", &e.Plots)
	put(prefix+"enable_chrome_trace", &e.Chrome)
	put(prefix+"write_json_trace", &e.Events)
}

// orNone is a number as the original has it, where none stands for 0.
func orNone[T int | float64](n T) string {
	if n == 0 {
		return ""
	}
	return show(&n)
}

func (e *Experiment) originalGenerator(c *originalConfig, put func(string, any)) {
	c.values["request_generator_config_type"] = "synthetic"
	if e.replays() {
		c.values["request_generator_config_type"] = "trace_replay"
	}
	const replay = "trace_request_generator_config_"
	put(replay+"trace_file", &e.Trace)
	put(replay+"max_tokens", &e.MaxTokens)
	put(replay+"prefill_scale_factor", &e.PromptScale)
	put(replay+"decode_scale_factor", &e.OutputScale)
	put(replay+"time_scale_factor", &e.TimeScale)
	const synthetic = "synthetic_request_generator_config_"
	put(synthetic+"seed", &e.GeneratorSeed)
	c.values[synthetic+"num_requests"], c.values[synthetic+"duration"] = orNone(e.Requests), orNone(e.Duration)
	kind, trace := e.Workload, e.Trace
	switch kind {
	case "fixed", "uniform", "zipf":
	default:
		if kind = "trace"; e.Workload != "lengths" {
			trace = e.Workload
		}
	}
	c.values["length_generator_config_type"] = kind
	prefix := kind + "_request_length_generator_config_"
	put(prefix+"seed", &e.LengthSeed)
	put(prefix+"max_tokens", &e.MaxTokens)
	put(prefix+"prefill_tokens", &e.Prompt)
	put(prefix+"decode_tokens", &e.Output)
	put(prefix+"trace_file", &trace)
	put(prefix+"prefill_scale_factor", &e.PromptScale)
	put(prefix+"decode_scale_factor", &e.OutputScale)
	put(prefix+"theta", &e.Theta)
	put(prefix+"scramble", &e.Scramble)
	put(prefix+"min_tokens", &e.MinTokens)
	put(prefix+"prefill_to_decode_ratio", &e.Ratio)
	e.originalArrivals(c, put)
}

func (e *Experiment) originalArrivals(c *originalConfig, put func(string, any)) {
	if e.Arrivals != "constant" { // which the original has not
		c.values["interval_generator_config_type"] = e.Arrivals
	}
	prefix := e.Arrivals + "_request_interval_generator_config_"
	put(prefix+"qps", &e.QPS)
	put(prefix+"cv", &e.CV)
	put(prefix+"trace_file", &e.Times)
	put(prefix+"start_time", &e.TimesFrom)
	put(prefix+"end_time", &e.TimesTo)
	put(prefix+"time_scale_factor", &e.TimeScale)
}

// json is the value as it stands in config.json.
func (f *originalFlag) json(value string) any {
	if f.optional() && value == "" {
		return nil
	}
	switch kind := strings.TrimPrefix(f.kind, "?"); kind {
	case "s":
		return value
	case "I", "B":
		return json.RawMessage("[" + value + "]")
	default:
		return json.RawMessage(value)
	}
}

// object is a JSON object whose keys stand in the order in which they were put.
type object struct{ fields []field }

type field struct {
	name  string
	value any
}

func (o *object) put(name string, value any) {
	for i := range o.fields {
		if o.fields[i].name == name {
			o.fields[i].value = value
			return
		}
	}
	o.fields = append(o.fields, field{name, value})
}

// at is the object at a path of keys, made where there is none.
func (o *object) at(path string) *object {
	if path == "" {
		return o
	}
	key, rest, _ := strings.Cut(path, ".")
	for _, f := range o.fields {
		if child, ok := f.value.(*object); ok && f.name == key {
			return child.at(rest)
		}
	}
	child := &object{}
	o.put(key, child)
	return child.at(rest)
}

// MarshalJSON writes the keys in order.
func (o *object) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	for i, f := range o.fields {
		if i == 0 {
			out.WriteByte('{')
		} else {
			out.WriteByte(',')
		}
		key, err := json.Marshal(f.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(f.value)
		if err != nil {
			return nil, err
		}
		out.Write(key)
		out.WriteByte(':')
		out.Write(value)
	}
	if len(o.fields) == 0 {
		return []byte("{}"), nil
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}
