package spec

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Param is a key of an experiment: the same word in a file and as a flag.
type Param struct {
	Name  string
	Group string
	Doc   string // unit, range and what 0 means
	field func(*Experiment) any
}

// FindParam is the key of an experiment with a name, in which an underscore is as
// good as a hyphen. An error calls it what.
func FindParam(what, name string) (Param, error) {
	name = strings.ReplaceAll(name, "_", "-")
	var names []string
	for _, p := range Params() {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return Param{}, Unknown(what, name, names)
}

// Params lists the keys of an experiment, in groups.
func Params() []Param {
	return []Param{
		{"model", "deployment", "model by name or short name, or a Hugging Face config.json", func(e *Experiment) any { return &e.Model }},
		{"device", "deployment", "GPU by name, or a device file that profile fit wrote", func(e *Experiment) any { return &e.Device }},
		{"node", "deployment", "machine the GPUs are in, for the network between them; empty: the device's usual one", func(e *Experiment) any { return &e.Node }},
		{"tp", "deployment", "tensor-parallel degree", func(e *Experiment) any { return &e.TP }},
		{"pp", "deployment", "pipeline-parallel degree", func(e *Experiment) any { return &e.PP }},
		{"replicas", "deployment", "copies of the model", func(e *Experiment) any { return &e.Replicas }},
		{"memory-margin", "deployment", "fraction of GPU memory left alone", func(e *Experiment) any { return &e.Margin }},
		{"block-size", "deployment", "tokens of a KV block; 0: 16, or 1 with lightllm", func(e *Experiment) any { return &e.BlockSize }},
		{"blocks", "deployment", "KV blocks of a replica; 0: as many as fit", func(e *Experiment) any { return &e.Blocks }},
		{"max-tokens", "deployment", "longest prompt and answer together: traces are cut to it, orca and faster_transformer reserve it; 0: as long as the workload's", func(e *Experiment) any { return &e.MaxTokens }},

		{"scheduler", "policies", "vllm, sarathi, orca, faster_transformer or lightllm", func(e *Experiment) any { return &e.Scheduler }},
		{"router", "policies", "round_robin, random, lor or least_outstanding", func(e *Experiment) any { return &e.Router }},
		{"max-batch", "policies", "most requests admitted at once", func(e *Experiment) any { return &e.MaxBatch }},
		{"batch-tokens", "policies", "most tokens of a prefill batch (vllm, lightllm); 0: 4096, or the longest request of the workload", func(e *Experiment) any { return &e.BatchTokens }},
		{"chunk", "policies", "tokens of a batch (sarathi)", func(e *Experiment) any { return &e.Chunk }},
		{"watermark", "policies", "fraction of the KV blocks that admission leaves free", func(e *Experiment) any { return &e.Watermark }},
		{"max-waits", "policies", "decode iterations before new prompts are looked at again (lightllm)", func(e *Experiment) any { return &e.MaxWaits }},

		{"workload", "workload", "a named workload, a .json of a fitted one, or the lengths: fixed, uniform, zipf, range, lengths (a trace of lengths) or replay (a trace of requests)", func(e *Experiment) any { return &e.Workload }},
		{"requests", "workload", "number of requests; 0: 1000, or all of a trace, or until duration", func(e *Experiment) any { return &e.Requests }},
		{"duration", "workload", "s during which requests arrive; 0: no limit", func(e *Experiment) any { return &e.Duration }},
		{"arrivals", "workload", "poisson, gamma, constant, static (all at 0) or trace (the times of a file)", func(e *Experiment) any { return &e.Arrivals }},
		{"qps", "workload", "mean requests per s of the whole cluster", func(e *Experiment) any { return &e.QPS }},
		{"cv", "workload", "coefficient of variation of gamma intervals", func(e *Experiment) any { return &e.CV }},
		{"prompt-tokens", "workload", "prompt length (fixed; mean for range)", func(e *Experiment) any { return &e.Prompt }},
		{"output-tokens", "workload", "tokens to generate (fixed; mean for range)", func(e *Experiment) any { return &e.Output }},
		{"min-tokens", "workload", "least prompt and answer together (uniform, zipf)", func(e *Experiment) any { return &e.MinTokens }},
		{"ratio", "workload", "prompt tokens per generated one (uniform, zipf)", func(e *Experiment) any { return &e.Ratio }},
		{"theta", "workload", "exponent (zipf)", func(e *Experiment) any { return &e.Theta }},
		{"scramble", "workload", "frequent lengths are spread over the range (zipf)", func(e *Experiment) any { return &e.Scramble }},
		{"trace", "workload", "file of requests (replay) or of lengths (lengths): CSV, or the files of Azure, BurstGPT, Mooncake, ServeGen, vLLM's benchmark, ShareGPT and others; alone it means replay", func(e *Experiment) any { return &e.Trace }},
		{"prompt-scale", "workload", "factor of a trace's prompt lengths", func(e *Experiment) any { return &e.PromptScale }},
		{"output-scale", "workload", "factor of a trace's output lengths", func(e *Experiment) any { return &e.OutputScale }},
		{"times", "workload", "CSV with arrival_time (arrivals trace)", func(e *Experiment) any { return &e.Times }},
		{"times-from", "workload", "only times after this one", func(e *Experiment) any { return &e.TimesFrom }},
		{"times-to", "workload", "only times before this one", func(e *Experiment) any { return &e.TimesTo }},
		{"time-scale", "workload", "factor of a trace's times", func(e *Experiment) any { return &e.TimeScale }},
		{"requests-file", "workload", "requests to replay instead of the workload, as they are; formats as of trace", func(e *Experiment) any { return &e.File }},
		{"concurrency", "workload", "clients that each send a request when their last one is complete; 0: open loop", func(e *Experiment) any { return &e.Concurrency }},
		{"think", "workload", "s from an answer to the client's next request (concurrency)", func(e *Experiment) any { return &e.Think }},
		{"think-exponential", "workload", "think times are exponential with that mean", func(e *Experiment) any { return &e.ThinkExp }},
		{"range-ratio", "workload", "lengths are uniform in mean × (1 ± ratio) (range)", func(e *Experiment) any { return &e.RangeRatio }},

		{"op-times", "operators", "folder of operator times (CSV), instead of profiles and the analytic model", func(e *Experiment) any { return &e.OpTimes }},
		{"aiconfigurator", "operators", "folder of AIConfigurator's operator tables (Parquet), instead of profiles", func(e *Experiment) any { return &e.AIConfigurator }},
		{"backend", "operators", "serving engine of the tables; empty: the only one for the device (aiconfigurator)", func(e *Experiment) any { return &e.Backend }},
		{"backend-version", "operators", "the same", func(e *Experiment) any { return &e.BackendVersion }},
		{"all-reduce", "operators", "graph, eager, nccl or analytic; empty: graph, or the engine's only one (aiconfigurator)", func(e *Experiment) any { return &e.AllReduce }},
		{"allow-missing", "operators", "the analytic model stands in for tables that are not there (aiconfigurator)", func(e *Experiment) any { return &e.AllowMissing }},
		{"nccl-launch-ms", "operators", "ms to launch an all-reduce (op-times, profiles)", func(e *Experiment) any { return &e.NCCLLaunch }},
		{"nccl-skew-ms", "operators", "ms per all-reduce × TP^1.25 (op-times, profiles)", func(e *Experiment) any { return &e.NCCLSkew }},
		{"decode-overhead", "operators", "fraction by which decode attention of several requests is slower (op-times, profiles)", func(e *Experiment) any { return &e.DecodeOverhead }},
		{"prefill-overhead", "operators", "the same for prefill attention (op-times, profiles)", func(e *Experiment) any { return &e.PrefillOverhead }},
		{"cpu-ms", "operators", "ms of CPU overhead per batch; instead of a profile of it", func(e *Experiment) any { return &e.CPUMs }},
		{"cpu-ms-per-sequence", "operators", "and per request in the batch", func(e *Experiment) any { return &e.CPUPerSequence }},
		{"skip-cpu", "operators", "a profile of the CPU overhead is not used", func(e *Experiment) any { return &e.SkipCPU }},
		{"estimator", "operators", "what learns from profiles: forest, linear or cart", func(e *Experiment) any { return &e.Estimator }},
		{"trees", "operators", "list to choose from, by cross-validation (forest; with original that of scikit-learn, to the bit)", func(e *Experiment) any { return &e.Trees }},
		{"tree-depth", "operators", "list (forest, cart)", func(e *Experiment) any { return &e.TreeDepth }},
		{"min-split", "operators", "list: rows that a node needs to be split (forest)", func(e *Experiment) any { return &e.MinSplit }},
		{"degree", "operators", "list (linear)", func(e *Experiment) any { return &e.Degree }},
		{"poly-bias", "operators", "list: a constant among the monomials (linear)", func(e *Experiment) any { return &e.PolyBias }},
		{"poly-interaction-only", "operators", "list: no powers of one feature (linear)", func(e *Experiment) any { return &e.PolyInteraction }},
		{"poly-intercept", "operators", "list: a constant beside the monomials (linear)", func(e *Experiment) any { return &e.PolyIntercept }},
		{"folds", "operators", "of the cross-validation", func(e *Experiment) any { return &e.Folds }},
		{"folds-as-they-come", "operators", "folds are runs of rows, as in the original, instead of shuffled", func(e *Experiment) any { return &e.FoldsAsTheyCome }},
		{"folds-draw", "operators", "forests of the folds take random numbers too, as in the original with one training job (forest, original)", func(e *Experiment) any { return &e.FoldsDraw }},
		{"kv-step", "operators", "cached tokens are rounded up to it in attention look-ups (profiles)", func(e *Experiment) any { return &e.KVStep }},
		{"cache", "operators", "folder of what was learnt; empty: the user's; none: no cache", func(e *Experiment) any { return &e.Cache }},
		{"compute-file", "operators", "mlp.csv; {DEVICE}, {MODEL} and {NETWORK_DEVICE} stand for names; empty: in data", func(e *Experiment) any { return &e.ComputeFile }},
		{"attention-file", "operators", "attention.csv", func(e *Experiment) any { return &e.AttentionFile }},
		{"all-reduce-file", "operators", "all_reduce.csv", func(e *Experiment) any { return &e.AllReduceFile }},
		{"send-recv-file", "operators", "send_recv.csv", func(e *Experiment) any { return &e.SendRecvFile }},
		{"cpu-file", "operators", "cpu_overheads.csv", func(e *Experiment) any { return &e.CPUFile }},

		{"seed", "run", "of all random streams", func(e *Experiment) any { return &e.Seed }},
		{"until", "run", "s of simulated time; 0: to the end", func(e *Experiment) any { return &e.Until }},
		{"original", "run", "the original simulator's behaviour where it differs: its random numbers, memory planner and quirks", func(e *Experiment) any { return &e.Original }},
		{"generator-seed", "run", "seed of arrivals (original)", func(e *Experiment) any { return &e.GeneratorSeed }},
		{"length-seed", "run", "seed of lengths (original)", func(e *Experiment) any { return &e.LengthSeed }},
		{"data", "run", "folder in the original's layout: profiles to learn operator times from, and traces", func(e *Experiment) any { return &e.Data }},
		{"catalog", "run", "JSON file of models, devices, nodes and prices that overrides the built-in ones", func(e *Experiment) any { return &e.Catalog }},

		{"slo-ttft", "results", "s; goodput counts requests whose first token is not later; 0: none", func(e *Experiment) any { return &e.SLOTTFT }},
		{"slo-tbt", "results", "s; and whose mean time between tokens is not longer; 0: none", func(e *Experiment) any { return &e.SLOTBT }},
		{"slo-e2e", "results", "s; and which take no longer in all; 0: none", func(e *Experiment) any { return &e.SLOE2E }},
		{"sketches-only", "results", "keep distributions and no single requests: little memory", func(e *Experiment) any { return &e.Sketches }},
		{"request-metrics", "results", "write request_metrics.csv", func(e *Experiment) any { return &e.RequestMetrics }},
		{"batch-metrics", "results", "distributions over batches", func(e *Experiment) any { return &e.BatchMetrics }},
		{"utilization", "results", "memory, busy time and MFU", func(e *Experiment) any { return &e.Utilization }},
		{"operations", "results", "operator times by operator", func(e *Experiment) any { return &e.Operations }},
		{"per-batch", "results", "a row per batch", func(e *Experiment) any { return &e.PerBatch }},
		{"token-times", "results", "a row per generated token", func(e *Experiment) any { return &e.TokenTimes }},
		{"plots", "results", "write plots/*.csv: distributions, series, utilisation", func(e *Experiment) any { return &e.Plots }},
		{"first-batch", "results", "metrics leave out what ends with batches before this one", func(e *Experiment) any { return &e.FirstBatch }},
		{"last-batch", "results", "metrics leave out what ends with batches after this one; 0: none", func(e *Experiment) any { return &e.LastBatch }},
		{"subsamples", "results", "rows of a file that has one per request; 0: all", func(e *Experiment) any { return &e.Subsamples }},
		{"chrome-trace", "results", "write chrome_trace.json, for Perfetto", func(e *Experiment) any { return &e.Chrome }},
		{"chrome-limit", "results", "most iterations in chrome_trace.json; 0: all", func(e *Experiment) any { return &e.ChromeLimit }},
		{"event-trace", "results", "write event_trace.json and cluster.json", func(e *Experiment) any { return &e.Events }},
		{"out", "results", "run directory; empty: one named by the time, in output-dir", func(e *Experiment) any { return &e.Out }},
		{"output-dir", "results", "folder of run directories that are named by the time", func(e *Experiment) any { return &e.OutputDir }},
		{"wandb-project", "results", "write wandb/, which wandb sync uploads to that project of Weights & Biases; empty: nothing is written", func(e *Experiment) any { return &e.WandbProject }},
		{"wandb-group", "results", "group of runs in the project (wandb-project)", func(e *Experiment) any { return &e.WandbGroup }},
		{"wandb-name", "results", "name of the run; of a grid, what the names of its runs begin with (wandb-project)", func(e *Experiment) any { return &e.WandbName }},
	}
}

// Show is the key's value in e, as a file or a flag would have it.
func (p *Param) Show(e *Experiment) string { return show(p.field(e)) }

// Field points to the field of e that the key sets: a *string, *bool, *int,
// *uint64 or *float64.
func (p *Param) Field(e *Experiment) any { return p.field(e) }

// Set sets the key in e to a value as a file or a flag would have it. A value of
// another type or out of range is an error, and e may then be changed.
func (p *Param) Set(e *Experiment, value string) error {
	if err := set(p.field(e), value); err != nil {
		return fmt.Errorf("%s: %w", p.Name, err)
	}
	return nil
}

// set parses a value into the field that p points to.
func set(p any, value string) error {
	var err error
	switch p := p.(type) {
	case *string:
		*p = value
	case *bool:
		if *p, err = strconv.ParseBool(value); err != nil {
			return fmt.Errorf("%q is neither true nor false", value)
		}
	case *int:
		if *p, err = strconv.Atoi(value); err != nil {
			return fmt.Errorf("%q is not a whole number", value)
		}
		if *p < 0 {
			return fmt.Errorf("%s must not be negative", value)
		}
	case *uint64:
		if *p, err = strconv.ParseUint(value, 10, 64); err != nil {
			return fmt.Errorf("%q is not a whole number from 0 on", value)
		}
	case *float64:
		if *p, err = strconv.ParseFloat(value, 64); err != nil {
			return fmt.Errorf("%q is not a number", value)
		}
		if math.IsNaN(*p) || math.IsInf(*p, 0) || *p < 0 {
			return fmt.Errorf("%s must be finite and not negative", value)
		}
	}
	return nil
}

// show is the value of the field that p points to, as set reads it.
func show(p any) string {
	switch p := p.(type) {
	case *string:
		return *p
	case *bool:
		return strconv.FormatBool(*p)
	case *int:
		return strconv.Itoa(*p)
	case *uint64:
		return strconv.FormatUint(*p, 10)
	case *float64:
		return strconv.FormatFloat(*p, 'g', -1, 64)
	}
	return ""
}
