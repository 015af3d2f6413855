package spec_test

import (
	"context"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/internal/sharedtest"
	"github.com/govidur/govidur/vidur/metrics"
	"github.com/govidur/govidur/vidur/spec"
)

// Every benchmark is whole simulations with the default metrics on; cpu-s is
// the process's CPU time for one, collector included.

// BenchmarkAzureReplay replays the 19,366 requests of the Azure conversation
// trace on 4 vLLM replicas, 1.6 times slower than they came, so that they can
// keep up: 1.57 million events, for which the original's event loop takes 39 s. It
// does so with the default metrics, with those of operators and tokens too, and
// with a row for every batch and its operators besides.
func BenchmarkAzureReplay(b *testing.B) {
	for name, more := range map[string][]string{
		"default": nil, "operators": {"--operations", "--token-times"}, "rows": {"--operations", "--token-times", "--per-batch"},
	} {
		b.Run(name, func(b *testing.B) { azureReplay(b, more...) })
	}
}

func azureReplay(b *testing.B, more ...string) {
	trace := filepath.Join(sharedtest.Path(b, "vidur-data"), "processed_traces", "splitwise_conv.csv")
	benchmark(b, append(more, "--replica_config_model_name", "meta-llama/Llama-2-70b-hf", "--replica_config_tensor_parallel_size", "2",
		"--cluster_config_num_replicas", "4", "--replica_scheduler_config_type", "vllm", "--request_generator_config_type", "trace_replay",
		"--trace_request_generator_config_trace_file", trace,
		"--trace_request_generator_config_time_scale_factor", "1.6", "--op-times", sharedtest.Path(b, "oracle", "tables_ref"))...)
}

// BenchmarkPoisson4096 is 4,096 conversations at 0.85 requests/s on one vLLM
// replica. The original's event loop takes 7.5 s.
func BenchmarkPoisson4096(b *testing.B) {
	dir := sharedtest.Path(b, "oracle", "cases", "b_conv4096_vllm_pp1")
	benchmark(b, "--replica_config_model_name", "meta-llama/Llama-2-70b-hf", "--replica_config_tensor_parallel_size", "2",
		"--replica_scheduler_config_type", "vllm",
		"--requests-file", filepath.Join(dir, "requests.csv.gz"), "--op-times", sharedtest.Path(b, "oracle", "tables_ref"))
}

// BenchmarkInstances is 100,000 requests of 512 and 512 tokens at 8 requests/s
// for each instance of Llama-3-8B on an H100.
func BenchmarkInstances(b *testing.B) {
	for _, scheduler := range []string{"vllm", "sarathi"} {
		for _, n := range []struct{ replicas, qps string }{{"1", "8"}, {"16", "128"}} {
			b.Run(scheduler+"-"+n.replicas, func(b *testing.B) {
				benchmark(b, "--scheduler", scheduler, "--replicas", n.replicas, "--qps", n.qps, "--requests", "100000",
					"--workload", "fixed", "--prompt-tokens", "512", "--output-tokens", "512")
			})
		}
	}
}

// BenchmarkMillion is 1,000,000 conversations on 8 replicas, with every request
// kept and with sketches only; heap-MB is what is live at the end.
func BenchmarkMillion(b *testing.B) {
	for name, sketches := range map[string]string{"requests": "--no-sketches-only", "sketches": "--sketches-only"} {
		b.Run(name, func(b *testing.B) {
			benchmark(b, "--workload", "azure-conv-2023", "--requests", "1000000", "--replicas", "8", "--qps", "64", sketches)
		})
	}
}

func benchmark(b *testing.B, args ...string) {
	parsed, err := spec.Parse(args)
	if err != nil {
		b.Fatal(err)
	}
	run, err := parsed.Experiment.Build()
	if err != nil {
		b.Fatal(err)
	}
	var store *metrics.Store
	cpu := cpuTime()
	for b.Loop() {
		store = metrics.New(run.Metrics)
		sim, err := vidur.New(run.Config, store)
		if err != nil {
			b.Fatal(err)
		}
		if err := sim.Run(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
	perRun := (cpuTime() - cpu).Seconds() / float64(b.N)
	events := countEvents(b, run.Config)
	var mem runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&mem)
	b.ReportMetric(perRun, "cpu-s")
	b.ReportMetric(float64(store.Completed())/perRun, "requests/cpu-s")
	b.ReportMetric(perRun*1e9/float64(events), "cpu-ns/event")
	b.ReportMetric(float64(events), "events")
	b.ReportMetric(float64(mem.HeapAlloc)/(1<<20), "heap-MB")
}

// countEvents runs once more, one event at a time.
func countEvents(b *testing.B, cfg vidur.Config) (n int) {
	sim, err := vidur.New(cfg, metrics.New(metrics.Options{}))
	if err != nil {
		b.Fatal(err)
	}
	for sim.Step() {
		n++
	}
	return n
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// written is the Sarathi of scripts/sarathi_inline.go, compiled.
type written struct{ limits vidur.Limits }

func (s *written) Next(rep *vidur.Replica, b *vidur.Batch) {
	rep.DecodeAll(b, s.limits)
	rep.Prefill(b, s.limits)
	rep.Running.SortByArrival()
	for rep.Admit(b, s.limits) {
	}
}

func (s *written) Done(rep *vidur.Replica, b *vidur.Batch) { rep.Requeue(b) }

// steady is that one with Again.
type steady struct{ *written }

func (s steady) Again(rep *vidur.Replica, b *vidur.Batch) bool {
	return rep.Admissible(b, s.limits) == 0
}

// BenchmarkWrittenOut is 4,096 conversations with the built-in Sarathi and with
// that of a script, without and with Again. Of each the least time of a round
// counts: the rounds of all are taken in turn.
func BenchmarkWrittenOut(b *testing.B) {
	limits := func(rep *vidur.Replica) vidur.Limits {
		return vidur.Limits{Requests: 128, Tokens: 512, Holders: 128, Reserve: rep.KV.Blocks / 100}
	}
	least := map[string]time.Duration{}
	kinds := map[string]func(rep *vidur.Replica) (vidur.Scheduler, error){
		"built-in":   nil,
		"written":    func(rep *vidur.Replica) (vidur.Scheduler, error) { return &written{limits(rep)}, nil },
		"with-again": func(rep *vidur.Replica) (vidur.Scheduler, error) { return steady{&written{limits(rep)}}, nil },
	}
	p, err := spec.Parse([]string{"--model", "meta-llama/Llama-2-70b-hf", "--device", "a100", "--tp", "2", "--scheduler", "sarathi",
		"--workload", "azure-conv-2023", "--requests", "4096", "--qps", "0.85"})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		for name, newScheduler := range kinds {
			run, err := p.Experiment.Build()
			if err != nil {
				b.Fatal(err)
			}
			if newScheduler != nil {
				run.Config.NewScheduler = newScheduler
			}
			begun := cpuTime()
			if _, err := run.Simulate(context.Background()); err != nil {
				b.Fatal(err)
			}
			if t := cpuTime() - begun; least[name] == 0 || t < least[name] {
				least[name] = t
			}
		}
	}
	for name, t := range least {
		b.ReportMetric(t.Seconds()/least["built-in"].Seconds(), name)
	}
}
