package exectime

import (
	"math/rand/v2"
	"testing"

	"github.com/govidur/govidur/vidur"
)

// mixed are batches as a scheduler with chunked prefill forms them.
func mixed(n int) []*vidur.Batch {
	r := rand.New(rand.NewPCG(1, 1))
	var batches []*vidur.Batch
	for range n {
		b := &vidur.Batch{}
		for range r.IntN(60) {
			done := 100 + r.IntN(3000)
			b.Add(&vidur.Request{Done: done, Prompt: done - 1}, 1)
		}
		if r.IntN(3) == 0 || b.NumTokens == 0 {
			b.Add(&vidur.Request{Prompt: 1000}, 512-b.NumTokens)
		}
		batches = append(batches, b)
	}
	return batches
}

var sink vidur.StageTime

func ask(p vidur.Predictor, b *vidur.Batch, stage int) {
	st, err := p.StageTime(b, stage)
	if err != nil {
		panic(err)
	}
	sink = st
}

// steady makes both predictors, of a model that needs all of their operators.
func steady(t testing.TB) map[string]vidur.Predictor {
	table, err := OpenTable(smallTable(t), TableOptions{})
	if err != nil {
		t.Fatal(err)
	}
	spec := a100Pair(llama70B(), 2, 2)
	return map[string]vidur.Predictor{
		"Table":    predictor(t, table, spec),
		"Analytic": predictor(t, newAnalytic(t, AnalyticOptions{}), spec),
	}
}

func TestNoAllocations(t *testing.T) {
	batches := mixed(50)
	for name, p := range steady(t) {
		all := func() {
			for i, b := range batches {
				ask(p, b, i%2)
			}
		}
		all()
		if n := testing.AllocsPerRun(20, all); n != 0 {
			t.Errorf("%s: %v allocations for 50 batches", name, n)
		}
	}
}

func BenchmarkStageTime(b *testing.B) {
	table := openTables(b, "tables_ref")
	spec := a100Pair(llama70B(), 2, 1)
	predictors := []struct {
		name string
		p    vidur.Predictor
	}{
		{"Table", predictor(b, table, spec)},
		{"Analytic", predictor(b, newAnalytic(b, AnalyticOptions{}), spec)},
	}
	for _, v := range predictors {
		batches := mixed(1000)
		b.Run(v.name, func(b *testing.B) {
			b.ReportAllocs()
			for _, batch := range batches {
				ask(v.p, batch, 0)
			}
			b.ResetTimer()
			for i := range b.N {
				ask(v.p, batches[i%len(batches)], 0)
			}
		})
	}
}

// A predictor's first answers, of 512 numbers of tokens.
func BenchmarkAnalyticFirst(b *testing.B) {
	b.ReportAllocs()
	for range b.N {
		p := predictor(b, newAnalytic(b, AnalyticOptions{}), a100Pair(llama70B(), 2, 1))
		for n := 1; n <= 512; n++ {
			ask(p, &vidur.Batch{NumTokens: n, NumDecodes: n, DecodeCached: 1000 * n}, 0)
		}
	}
}

func BenchmarkOpenTable(b *testing.B) {
	for range b.N {
		openTables(b, "tables_ref")
	}
}
