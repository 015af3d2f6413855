package breakdown_test

import (
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/breakdown"
	"github.com/govidur/govidur/vidur/spec"
)

// BenchmarkRecorder is 20,000 conversations on one replica, with and without a
// breakdown; ns/request is the time of the whole simulation.
func BenchmarkRecorder(b *testing.B) {
	for _, scheduler := range []string{"vllm", "sarathi"} {
		e := spec.Default()
		e.Model, e.Device, e.Scheduler = "llama-3-8b", "h100", scheduler
		e.Workload, e.QPS, e.Requests = "azure-conv-2023", 8, 20000
		run, err := e.Build()
		if err != nil {
			b.Fatal(err)
		}
		for name, recorders := range map[string]func() []vidur.Recorder{
			"without": func() []vidur.Recorder { return nil },
			"with":    func() []vidur.Recorder { return []vidur.Recorder{&breakdown.Recorder{}} },
		} {
			b.Run(scheduler+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					record(b, run.Config, recorders()...)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(e.Requests), "ns/request")
			})
		}
	}
}
