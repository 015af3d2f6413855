package eval

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// poisson runs 4,096 conversations at 0.85 requests/s on one replica with a
// scheduler of the script's, or nil for the built-in one, and returns how many
// batches there were.
const poisson = `
type counter struct{ n int }

func (c *counter) Record(e *vidur.Event) {
	if e.Kind == vidur.Scheduled {
		c.n++
	}
}

func poisson(newScheduler vidurtest.NewScheduler, record ...vidur.Recorder) {
	p, err := spec.Parse([]string{"--model", "meta-llama/Llama-2-70b-hf", "--device", "a100", "--tp", "2", "--scheduler", "sarathi",
		"--workload", "azure-conv-2023", "--requests", "4096", "--qps", "0.85"})
	if err != nil {
		panic(err)
	}
	run, err := p.Experiment.Build()
	if err != nil {
		panic(err)
	}
	if newScheduler != nil {
		run.Config.NewScheduler = newScheduler
	}
	if _, err := run.Simulate(context.Background(), record...); err != nil {
		panic(err)
	}
}
`

// BenchmarkInterpretedSarathi is that run with the Sarathi of
// scripts/sarathi_inline.go, interpreted, and with the built-in one.
func BenchmarkInterpretedSarathi(b *testing.B) {
	script, err := os.ReadFile("../../scripts/sarathi_inline.go")
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(script), "package main")
	s := session(b)
	mustEval(b, s, "package main"+strings.Replace(rest, "func main() {", "func unused() {", 1))
	mustEval(b, s, poisson)
	decisions, err := strconv.Atoi(mustEval(b, s, "c := &counter{}\npoisson(nil, c)\nc.n").Values[0].Text())
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct{ name, cell string }{{"interpreted", "poisson(newSarathi)"}, {"built-in", "poisson(nil)"}} {
		b.Run(c.name, func(b *testing.B) {
			cpu := cpuTime()
			for b.Loop() {
				mustEval(b, s, c.cell)
			}
			perRun := (cpuTime() - cpu).Seconds() / float64(b.N)
			b.ReportMetric(perRun, "cpu-s")
			b.ReportMetric(perRun*1e6/float64(decisions), "cpu-µs/decision")
			b.ReportMetric(float64(decisions), "decisions")
		})
	}
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
