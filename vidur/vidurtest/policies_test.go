package vidurtest_test

import (
	"testing"

	"github.com/govidur/govidur/vidur/route"
	"github.com/govidur/govidur/vidur/sched"
	"github.com/govidur/govidur/vidur/vidurtest"
)

// policy is a scheduler under test with the options it is held to.
type policy struct {
	name string
	new  vidurtest.NewScheduler
	opts []vidurtest.Option
}

func common(maxBatch int, watermark float64) sched.Common {
	return sched.Common{MaxBatch: maxBatch, Watermark: watermark}
}

// policies are the schedulers of package sched, each with the settings that
// change its course.
func policies() []policy {
	fcfs, paged := vidurtest.FirstComeFirstServed(), vidurtest.Paged()
	both := []vidurtest.Option{fcfs, paged}
	light := []vidurtest.Option{fcfs, paged, vidurtest.BlockSize(1), vidurtest.MaxPP(1)}
	return []policy{
		{"vllm", sched.VLLM{}.New, both},
		{"vllm few", sched.VLLM{Common: common(4, -1)}.New, both},
		{"vllm watermark", sched.VLLM{Common: common(9, 0.1)}.New, both},
		{"sarathi", sched.Sarathi{}.New, both},
		{"sarathi chunk 1", sched.Sarathi{Chunk: 1}.New, both},
		{"sarathi chunk 4 few", sched.Sarathi{Chunk: 4, Common: common(4, -1)}.New, both},
		{"sarathi chunk 8 as the original", sched.Sarathi{Chunk: 8, RestartAtDone: true}.New, both},
		{"sarathi chunk 64 watermark", sched.Sarathi{Chunk: 64, Common: common(5, 0.1)}.New, both},
		{"orca", sched.Orca{}.New, []vidurtest.Option{fcfs}},
		{"orca few", sched.Orca{Reserve: sched.Reserve{MaxBatch: 2}}.New, []vidurtest.Option{fcfs}},
		{"faster transformer", sched.FasterTransformer{}.New, []vidurtest.Option{fcfs}},
		{"faster transformer few", sched.FasterTransformer{Reserve: sched.Reserve{MaxBatch: 3}}.New, []vidurtest.Option{fcfs}},
		{"lightllm", sched.LightLLM{}.New, light},
		{"lightllm eager", sched.LightLLM{MaxWaits: 1, Common: common(6, 0)}.New, light},
	}
}

func TestSchedulersKeepTheLaws(t *testing.T) {
	for _, p := range policies() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			vidurtest.Check(t, p.new, append(p.opts, vidurtest.Runs(120))...)
		})
	}
}

func TestRoutersKeepTheLaws(t *testing.T) {
	for name, r := range map[string]vidurtest.NewRouter{
		"round robin": route.NewRoundRobin, "random": route.NewRandom, "lor": route.NewLOR, "least outstanding": route.NewLeastOutstanding,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			vidurtest.CheckRouter(t, r, vidurtest.Runs(60), vidurtest.FirstComeFirstServed())
		})
	}
}
