package trained_test

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/catalog"
	"github.com/govidur/govidur/vidur/exectime/learn"
	"github.com/govidur/govidur/vidur/exectime/trained"
	"github.com/govidur/govidur/vidur/internal/sharedtest"
)

// referenceForest is what the reference tables were made with; the original's
// bootstrap samples are other ones.
var referenceForest = learn.Forest{Trees: 500, MaxDepth: 16, MinSplit: 2, Seed: 1}

// asOriginal are the options that imitate the original with the reference's
// forests.
func asOriginal() trained.Options {
	return trained.Options{
		Grid: []learn.Estimator{referenceForest}, Folds: learn.Folds{K: 2}, Clamp: true, Original: true,
	}
}

// reference is Llama-2-70B on two A100 per stage, as in the reference runs.
func reference(t testing.TB, tp, pp int) vidur.ReplicaSpec {
	t.Helper()
	c := catalog.Default()
	spec, err := c.Replica("meta-llama/Llama-2-70b-hf", "a100", tp, pp)
	if err != nil {
		t.Fatal(err)
	}
	if spec.Node, err = c.Node("a100_pairwise_nvlink"); err != nil {
		t.Fatal(err)
	}
	return spec
}

func learnFrom(t testing.TB, dir string, spec vidur.ReplicaSpec, o trained.Options) *trained.Trained {
	t.Helper()
	start := time.Now()
	tr, err := trained.New(context.Background(), dir, spec, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("learnt in %v", time.Since(start).Round(time.Millisecond))
	return tr
}

// table reads a table of the reference: columns by name.
func table(t testing.TB, name string) map[string][]float64 {
	t.Helper()
	f, err := os.Open(sharedtest.Path(t, "oracle", "tables_ref", name+".csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(z).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	columns := map[string][]float64{}
	for i, name := range rows[0] {
		for _, row := range rows[1:] {
			v, err := strconv.ParseFloat(row[i], 64)
			if err != nil {
				t.Fatal(err)
			}
			columns[name] = append(columns[name], v)
		}
	}
	return columns
}

// differences collects how far off times are, in percent.
type differences map[string][]float64

func (d differences) add(op string, got, want float64) {
	e := 0.0
	if got != want {
		e = 100 * math.Abs(got-want) / math.Abs(want)
	}
	d[op] = append(d[op], e)
}

// Operator times of our forests differ from those of the original by what two
// draws of bootstrap samples differ by.
func TestTimesOfTheReference(t *testing.T) {
	if raceEnabled {
		t.Skip("what it would find, others find sooner")
	}
	tr := learnFrom(t, sharedtest.Path(t, "vidur-data"), reference(t, 2, 2), asOriginal())
	p, d := tr.Predictor(), differences{}
	d.byTokens(t, p)
	d.attention(t, p)
	for _, pr := range tr.Provenance() {
		d.check(t, pr)
	}
}

func (d differences) byTokens(t *testing.T, p vidur.Predictor) {
	byTokens := table(t, "ops_by_num_tokens_ms")
	for i, tokens := range byTokens["num_tokens"] {
		n := int(tokens)
		if n%8 != 0 {
			continue
		}
		st := times(t, p, &vidur.Batch{NumTokens: n})
		for op := range vidur.OpEmbed {
			if column := byTokens[op.String()]; column != nil {
				got := st.Ops[op]
				if op == vidur.OpAllReduce {
					got -= 0.02 // launch
				}
				d.add(op.String(), got, column[i])
			}
		}
	}
}

func (d differences) attention(t *testing.T, p vidur.Predictor) {
	decode := table(t, "attn_decode_ms")
	for i, want := range decode["attn_decode"] {
		n, cached := int(decode["batch_size"][i]), int(decode["kv_cache_size"][i])
		got := times(t, p, &vidur.Batch{NumTokens: n, NumDecodes: n, DecodeCached: n * cached}).Ops[vidur.OpAttnDecode]
		if n > 1 {
			got /= 1.1
		}
		d.add("attn_decode", got, want)
	}
	prefill := table(t, "attn_prefill_ms")
	for i, want := range prefill["attn_prefill"] {
		chunk, cached := int(prefill["prefill_chunk_size"][i]), int(prefill["kv_cache_size"][i])
		if i%37 != 0 || chunk+cached > 4096 {
			continue
		}
		b := &vidur.Batch{}
		b.Add(&vidur.Request{Done: cached, Prompt: cached + chunk}, chunk)
		d.add("attn_prefill", times(t, p, b).Ops[vidur.OpAttnPrefill], want)
	}
}

func (d differences) check(t *testing.T, p trained.Provenance) {
	e := d[p.Op.String()]
	if len(e) == 0 {
		t.Errorf("%v: nothing to compare with", p.Op)
		return
	}
	slices.Sort(e)
	sum := 0.0
	for _, v := range e {
		sum += v
	}
	median, p99 := e[len(e)/2], e[len(e)*99/100]
	t.Logf("%-25v %6d keys: mean %.3f %%, median %.3f %%, p99 %.2f %%, most %.2f %%; on its rows %.2f %%",
		p.Op, len(e), sum/float64(len(e)), median, p99, e[len(e)-1], p.TrainError)
	if median > 0.2 || p99 > 2 {
		t.Errorf("%v: median %v %%, p99 %v %%", p.Op, median, p99)
	}
}

func times(t testing.TB, p vidur.Predictor, b *vidur.Batch) vidur.StageTime {
	t.Helper()
	st, err := p.StageTime(b, 0)
	if err != nil {
		t.Fatal(err)
	}
	return st
}
