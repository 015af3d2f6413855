package metrics_test

import (
	"context"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/metrics"
	"github.com/govidur/govidur/vidur/sched"
)

// load is n requests at a rate.
type load struct {
	n, prefill, decode int
	qps, at            float64
	rng                *rand.Rand
}

func (l *load) Next(float64) (vidur.Arrival, error) {
	if l.n == 0 {
		return vidur.Arrival{}, io.EOF
	}
	l.n--
	l.at += l.rng.ExpFloat64() / l.qps
	return vidur.Arrival{At: l.at, Prefill: 1 + l.rng.IntN(2*l.prefill), Decode: 1 + l.rng.IntN(2*l.decode)}, nil
}

func (*load) Done(*vidur.Request) bool { return false }

// tables answers without a lookup table; times vary with the batch.
func quick(b *vidur.Batch, _ int) (vidur.StageTime, error) {
	return vidur.Seconds(0.006 + 0.00005*float64(b.NumTokens) + 1e-9*float64(b.DecodeCached)), nil
}

func loadConfig(n int) vidur.Config {
	return vidur.Config{
		Seed:     1,
		Replicas: vidur.Uniform(1, vidur.ReplicaSpec{Blocks: 30000, Predictor: vidur.PredictorFunc(quick)}),
		NewWorkload: func(rng *rand.Rand) (vidur.Workload, error) {
			return &load{n: n, prefill: 512, decode: 128, qps: 20, rng: rng}, nil
		},
		NewScheduler: sched.VLLM{}.New,
	}
}

// decodeBatch is a batch of n requests that decode, at its end.
func decodeBatch(n int) *vidur.Event {
	b := &vidur.Batch{}
	for i := range n {
		b.Add(&vidur.Request{Arrival: vidur.Arrival{Prefill: 512, Decode: 4096}, ID: i, Done: 600, Prompt: 512, PrevEnd: 1}, 1)
	}
	b.ScheduledAt, b.StageStart = 1, 1
	return &vidur.Event{Kind: vidur.BatchEnded, Replica: &vidur.Replica{Spec: vidur.ReplicaSpec{PP: 1}}, Batch: b}
}

// An iteration is what a Store sees of one: five events, one of which matters
// to nobody, with n requests in the batch.
func BenchmarkIteration(b *testing.B) {
	for _, n := range []int{1, 3, 32, 128} {
		b.Run("", func(b *testing.B) {
			st := metrics.New(metrics.Options{})
			e := decodeBatch(n)
			batch, batches := e.Batch, []*vidur.Batch{e.Batch}
			rng := rand.New(rand.NewPCG(1, 2))
			var took [1024]float64
			for i := range took {
				took[i] = 0.01 + 0.01*rng.Float64()
			}
			i := 0
			for b.Loop() {
				i++
				e.Batch, e.At = nil, 1
				e.Kind, e.Batches = vidur.Scheduled, batches
				st.Record(e)
				e.Kind = vidur.StageStarted
				st.Record(e)
				e.Batch = batch
				e.Kind = vidur.StageArrived
				st.Record(e)
				e.Kind = vidur.StageStarted
				st.Record(e)
				e.At = 1 + took[i&1023]
				e.Kind = vidur.StageEnded
				st.Record(e)
				e.Kind = vidur.BatchEnded
				st.Record(e)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/token")
		})
	}
}

// BenchmarkRun is a whole simulation, with and without recording.
func BenchmarkRun(b *testing.B) {
	const requests = 20000
	for _, c := range []struct {
		name string
		opt  *metrics.Options
	}{
		{"nothing", nil},
		{"requests", &metrics.Options{}},
		{"sketches", &metrics.Options{SketchesOnly: true}},
		{"all", &metrics.Options{KeepBatches: true, Operations: true, TokenSeries: true}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			tokens := 0
			for b.Loop() {
				var rec []vidur.Recorder
				var st *metrics.Store
				if c.opt != nil {
					st = metrics.New(*c.opt)
					rec = append(rec, st)
				}
				sim, err := vidur.New(loadConfig(requests), rec...)
				if err == nil {
					err = sim.Run(context.Background())
				}
				if err != nil {
					b.Fatal(err)
				}
				if st != nil {
					tokens = st.Summary().EmittedTokens
				}
			}
			if tokens > 0 {
				b.ReportMetric(float64(tokens)/requests, "tokens/request")
			}
		})
	}
}

func BenchmarkSummary(b *testing.B) {
	st := metrics.New(metrics.Options{})
	run(b, loadConfig(100000), st)
	b.ReportAllocs()
	for b.Loop() {
		st.Summary()
	}
}

func BenchmarkWrite(b *testing.B) {
	st := metrics.New(metrics.Options{})
	run(b, loadConfig(100000), st)
	for b.Loop() {
		if err := st.Write(func(string) (io.WriteCloser, error) { return discard{}, nil }, metrics.WriteOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) Close() error                { return nil }
