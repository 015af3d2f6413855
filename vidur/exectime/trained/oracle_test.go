package trained_test

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/catalog"
	"github.com/govidur/govidur/vidur/exectime/learn"
	"github.com/govidur/govidur/vidur/exectime/trained"
	"github.com/govidur/govidur/vidur/internal/sharedtest"
	"github.com/govidur/govidur/vidur/spec"
)

// referenceForest is what the reference tables were made with, in a run with one
// training job.
var referenceForest = learn.Forest{Trees: 500, MaxDepth: 16, MinSplit: 2, Seed: 42, Original: true}

// asOriginal are the options of that run.
func asOriginal() trained.Options {
	return trained.Options{
		Grid: []learn.Estimator{referenceForest}, Folds: learn.Folds{K: 2, Draw: true}, Clamp: true, Original: true,
	}
}

// imitated are the options of that run with a forest of our own.
func imitated() trained.Options {
	o, f := asOriginal(), referenceForest
	f.Original = false
	o.Grid = []learn.Estimator{f}
	return o
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

// referenceFlags are those of the run that made the reference tables, as far as
// operator times depend on them.
const referenceFlags = "--replica_config_model_name meta-llama/Llama-2-70b-hf --replica_config_device a100 " +
	"--replica_config_network_device a100_pairwise_nvlink --replica_config_tensor_parallel_size 2 --replica_config_num_pipeline_stages 2 " +
	"--random_forrest_execution_time_predictor_config_num_estimators 500 --random_forrest_execution_time_predictor_config_max_depth 16 " +
	"--random_forrest_execution_time_predictor_config_min_samples_split 2 --random_forrest_execution_time_predictor_config_k_fold_cv_splits 2 " +
	"--random_forrest_execution_time_predictor_config_num_training_job_threads 1 --cache none --data"

// referenceTimes are learnt once for all tests.
var referenceTimes = map[bool]*trained.Trained{}

// learnReference learns as the flags of the original say, or with a forest of our
// own.
func learnReference(t *testing.T, original bool) *trained.Trained {
	t.Helper()
	if raceEnabled {
		t.Skip("what it would find, others find sooner")
	}
	dir := sharedtest.Path(t, "vidur-data")
	if referenceTimes[original] == nil {
		if !original {
			referenceTimes[original] = learnFrom(t, dir, reference(t, 2, 2), imitated())
			return referenceTimes[original]
		}
		p, err := spec.Parse(append(strings.Fields(referenceFlags), dir))
		if err != nil {
			t.Fatal(err)
		}
		replica, err := p.Experiment.Hardware()
		if err != nil {
			t.Fatal(err)
		}
		if referenceTimes[original], err = p.Experiment.Learn(t.Context(), replica); err != nil {
			t.Fatal(err)
		}
	}
	return referenceTimes[original]
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

// differences are how far off times are, in percent, by operator.
type differences map[vidur.Op][]float64

func (d differences) add(op vidur.Op, got, want float64) {
	e := 0.0
	if got != want {
		e = 100 * math.Abs(got-want) / math.Abs(want)
	}
	d[op] = append(d[op], e)
}

// A fact is what the original found for an operator of the reference.
type fact struct {
	Model      string
	CVError    float64 `json:"cv_best_mape"` // %
	TrainError float64 `json:"train_mape"`   // %
}

func facts(t *testing.T) map[string]fact {
	raw, err := os.ReadFile(sharedtest.Path(t, "oracle", "predictor_facts.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Reference []fact `json:"random_forrest_fixed_500_16_2_used_for_tables_ref"`
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	byName := map[string]fact{}
	for _, f := range all.Reference {
		byName[f.Model] = f
	}
	return byName
}

// near allows for sums in another order.
func near(a, b float64) bool { return math.Abs(a-b) <= 1e-12*math.Abs(b) }

// The operator times of the original's run, to the bit, with the errors that it
// states, and as near as another seed comes with forests of our own.
func TestTimesOfTheReference(t *testing.T) {
	for _, c := range []struct {
		name        string
		original    bool
		median, p99 float64 // percent
	}{{"original", true, 0, 0}, {"own", false, 0.2, 2}} {
		t.Run(c.name, func(t *testing.T) {
			tr := learnReference(t, c.original)
			known := facts(t)
			d := differences{}
			d.byTokens(t, tr.Predictor())
			d.attention(t, tr.Predictor())
			for _, p := range tr.Provenance() {
				e := d[p.Op]
				if len(e) == 0 {
					t.Fatalf("%v: nothing to compare with", p.Op)
				}
				slices.Sort(e)
				median, p99, most := e[len(e)/2], e[len(e)*99/100], e[len(e)-1]
				t.Logf("%-25v %6d keys: median %.3f %%, P99 %.2f %%, most %.2f %%; %s", p.Op, len(e), median, p99, most, p.Estimator)
				if f := known[p.Op.String()]; c.original && (!near(p.CVError, f.CVError) || !near(p.TrainError, f.TrainError)) {
					t.Errorf("%v: errors %v and %v %%, the original's %v and %v", p.Op, p.CVError, p.TrainError, f.CVError, f.TrainError)
				}
				if median > c.median || p99 > c.p99 || c.original && most > 0 {
					t.Errorf("%v: median %v %%, P99 %v %%, most %v %%", p.Op, median, p99, most)
				}
			}
		})
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
				want := column[i]
				if op == vidur.OpAllReduce {
					want += 0.02 // launch
				}
				d.add(op, st.Ops[op], want)
			}
		}
	}
	beyond := table(t, "all_reduce_over_4096_ms")
	for i, tokens := range beyond["num_tokens"] {
		got := times(t, p, &vidur.Batch{NumTokens: int(tokens)}).Ops[vidur.OpAllReduce]
		d.add(vidur.OpAllReduce, got, beyond["all_reduce"][i]+0.02)
	}
}

func (d differences) attention(t *testing.T, p vidur.Predictor) {
	decode := table(t, "attn_decode_ms")
	for i, want := range decode["attn_decode"] {
		n, cached := int(decode["batch_size"][i]), int(decode["kv_cache_size"][i])
		if n > 1 {
			want *= 1.1 // batching overhead
		}
		d.add(vidur.OpAttnDecode, times(t, p, &vidur.Batch{NumTokens: n, NumDecodes: n, DecodeCached: n * cached}).Ops[vidur.OpAttnDecode], want)
	}
	prefill := table(t, "attn_prefill_ms")
	for i := 0; i < len(prefill["attn_prefill"]); i += 37 {
		chunk, cached := int(prefill["prefill_chunk_size"][i]), int(prefill["kv_cache_size"][i])
		b := &vidur.Batch{}
		b.Add(&vidur.Request{Done: cached, Prompt: cached + chunk}, chunk)
		d.add(vidur.OpAttnPrefill, times(t, p, b).Ops[vidur.OpAttnPrefill], prefill["attn_prefill"][i])
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
