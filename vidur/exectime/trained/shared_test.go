package trained_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/catalog"
	"github.com/govidur/govidur/vidur/exectime/learn"
	"github.com/govidur/govidur/vidur/exectime/profile"
	"github.com/govidur/govidur/vidur/exectime/trained"
	"github.com/govidur/govidur/vidur/internal/sharedtest"
)

// Each degree of tensor parallelism in turn is left out of the profiles and
// predicted from the others: where the correction is used, times are nearer on
// the mean, and the error that it states is about the one that it has.
func TestTransferBetweenDegreesOfParallelism(t *testing.T) {
	if raceEnabled {
		t.Skip("what it would find, others find sooner")
	}
	dir := sharedtest.Path(t, "vidur-data")
	stated, found, without, n := 0.0, 0.0, 0.0, 0
	for _, c := range [][2]string{{"meta-llama/Llama-2-70b-hf", "a100"}, {"meta-llama/Llama-2-7b-hf", "h100"}, {"codellama/CodeLlama-34b-Instruct-hf", "a40"}, {"internlm/internlm-20b", "a100"}} {
		for _, tp := range []int{1, 2, 4} {
			spec, err := catalog.Default().Replica(c[0], c[1], tp, 1)
			if err != nil {
				t.Fatal(err)
			}
			donors, own := others(t, dir, spec)
			corrected := trainOn(t, spec, trained.Options{Donors: donors})
			plain := trainOn(t, spec, trained.Options{})
			for _, p := range corrected.Provenance() {
				s := own.Ops[p.Op]
				if p.Source != trained.Transferred || s == nil || p.Op == vidur.OpAllReduce {
					continue
				}
				stated += p.CVError
				found += off(t, corrected.Predictor(), s)
				without += off(t, plain.Predictor(), s)
				n++
			}
		}
	}
	t.Logf("%d operators corrected: mean error %.2f %%, stated %.2f %%, without correction %.2f %%", n, found/float64(n), stated/float64(n), without/float64(n))
	if n == 0 || found >= without || math.Abs(found/stated-1) > 0.3 {
		t.Error("the correction does not keep its promise")
	}
}

func trainOn(t *testing.T, spec vidur.ReplicaSpec, o trained.Options) *trained.Trained {
	t.Helper()
	tr, err := trained.Train(context.Background(), &profile.Set{}, spec, o)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// others are the profiles of the other degrees of parallelism, and its own.
func others(t *testing.T, dir string, spec vidur.ReplicaSpec) (donors []trained.Donor, own *profile.Set) {
	for _, tp := range []int{1, 2, 4, 8} {
		other := spec
		other.TP = tp
		set, err := profile.Read(dir, other, profile.Options{Lenient: true})
		if err != nil {
			t.Fatal(err)
		}
		if tp == spec.TP {
			own = set
			continue
		}
		donors = append(donors, trained.Donor{Spec: other, Set: set})
	}
	return donors, own
}

// off is the mean absolute error in percent of an operator by tokens.
func off(t *testing.T, p vidur.Predictor, s *profile.Samples) float64 {
	sum := 0.0
	for i, n := range s.X[0] {
		got := times(t, p, &vidur.Batch{NumTokens: int(n)}).Ops[s.Op]
		sum += 100 * math.Abs(got/s.Y[i]-1)
	}
	return sum / float64(len(s.Y))
}

// A replica without a profile of its own, in a folder with others: New corrects
// what it can.
func TestNewFindsDonors(t *testing.T) {
	spec := reference(t, 4, 1)
	spec.TP = 16 // not profiled
	spec.Node = vidur.Node{Name: "a100_dgx", Devices: 16}
	tr := learnFrom(t, sharedtest.Path(t, "vidur-data"), spec, trained.Options{})
	for _, p := range tr.Provenance() {
		t.Logf("%v: %v, %.1f %%, %s", p.Op, p.Source, p.CVError, p.Range)
		if p.Source < trained.Transferred {
			t.Errorf("%v is %v", p.Op, p.Source)
		}
	}
}

// The band of usual batches is a few percent wide on either side.
func TestBandOfTheReference(t *testing.T) {
	if raceEnabled {
		t.Skip("what it would find, others find sooner")
	}
	o := trained.Options{Grid: []learn.Estimator{learn.Forest{Trees: 30, MaxDepth: 16, Seed: 1}}}
	tr := learnFrom(t, sharedtest.Path(t, "vidur-data"), reference(t, 2, 1), o)
	for _, b := range batches(5) {
		st := times(t, tr.Predictor(), b)
		low, high := tr.Band(b)
		_, correlated := tr.StepError(trained.Shares(&st))
		t.Logf("%4d tokens: %.2f ms, %.2f to %.2f, correlated %.2f %%", b.NumTokens, 1e3*st.Total(), 1e3*low, 1e3*high, 100*correlated)
		if total := st.Total(); high/total > 1.04 || high/total < 1.002 || low/total > 0.998 {
			t.Errorf("%v to %v s around %v", low, high, total)
		}
	}
}

// batches are such as a scheduler with chunked prefill forms them.
func batches(n int) []*vidur.Batch {
	r := rand.New(rand.NewPCG(1, 1))
	var all []*vidur.Batch
	for range n {
		b := &vidur.Batch{}
		for range r.IntN(60) {
			done := 100 + r.IntN(3000)
			b.Add(&vidur.Request{Done: done, Prompt: done - 1}, 1)
		}
		if r.IntN(3) == 0 || b.NumTokens == 0 {
			b.Add(&vidur.Request{Prompt: 1000}, 512-b.NumTokens)
		}
		all = append(all, b)
	}
	return all
}

func BenchmarkStageTime(b *testing.B) {
	o := asOriginal()
	for _, v := range []struct {
		name     string
		original bool
	}{{"AsOriginal", true}, {"WithHead", false}} {
		o.Original, o.Clamp = v.original, v.original
		p := learnFrom(b, sharedtest.Path(b, "vidur-data"), reference(b, 2, 1), o).Predictor()
		all := batches(1000)
		for _, batch := range all {
			times(b, p, batch)
		}
		b.Run(v.name, func(b *testing.B) {
			b.ReportAllocs()
			for i := range b.N {
				if _, err := p.StageTime(all[i%len(all)], 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
