package aiconf

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime"
)

var _ vidur.Predictor = (*Source)(nil)

func decoding(done int) *vidur.Request { return &vidur.Request{Done: done, Prompt: done - 1} }

func stageTime(t testing.TB, p vidur.Predictor, b *vidur.Batch, stage int) vidur.StageTime {
	t.Helper()
	st, err := p.StageTime(b, stage)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func TestPredictor(t *testing.T) {
	l := open(t, small(t))
	spec := replica(t, "meta-llama/Llama-2-70b-hf", "h100", 2, 2)
	s, err := l.Predictor(spec, Options{})
	if err != nil {
		t.Fatal(err)
	}
	a, err := exectime.NewAnalytic(exectime.AnalyticOptions{})
	if err != nil {
		t.Fatal(err)
	}
	analytic, err := a.Predictor(spec)
	if err != nil {
		t.Fatal(err)
	}
	b := &vidur.Batch{}
	b.Add(decoding(1000), 1)
	b.Add(decoding(1046), 1)
	b.Add(&vidur.Request{Prompt: 2048}, 2048)
	g, _ := l.GEMM(h100, s.gpu, "bfloat16")
	d, _ := l.Decode(h100, s.gpu, "bfloat16", exectime.Heads{Q: 32, KV: 4, Dim: 128})
	p, _ := l.Prefill(h100, s.gpu, "bfloat16", exectime.Heads{Q: 32, KV: 4, Dim: 128})
	c, _ := l.AllReduce(h100, "graph", 2)
	for stage := range 2 {
		got, base := stageTime(t, s, b, stage), stageTime(t, analytic, b, stage)
		want := base
		n := b.NumTokens
		want.Ops[vidur.OpAttnPreProj] = g.At(n, 5120, 8192).Ms
		want.Ops[vidur.OpAttnPostProj] = g.At(n, 8192, 4096).Ms
		want.Ops[vidur.OpMLPUp] = g.At(n, 28672, 8192).Ms
		want.Ops[vidur.OpMLPDown] = g.At(n, 8192, 14336).Ms
		want.Ops[vidur.OpAttnDecode] = d.At(2, 1024).Ms
		want.Ops[vidur.OpAttnPrefill] = p.At(1, 2048, 0).Ms
		want.Ops[vidur.OpAllReduce] = c.At(2 * float64(n) * 8192).Ms
		if stage == 0 {
			want.Ops[vidur.OpEmbed] += want.Ops[vidur.OpAllReduce] - base.Ops[vidur.OpAllReduce]
		} else {
			vocab := spec.Model.Vocab / 2
			want.Ops[vidur.OpLMHead] += g.At(3, vocab, 8192).Ms - s.gpu.GEMM(3, vocab, 8192)/1e3
		}
		for op := range vidur.NumOps {
			if math.Abs(got.Ops[op]-want.Ops[op]) > 1e-12 {
				t.Errorf("stage %d %v: %v ms, want %v", stage, vidur.Op(op), got.Ops[op], want.Ops[op])
			}
		}
		if got.Layers != 40 {
			t.Errorf("%d layers", got.Layers)
		}
	}
}

// Equal chunks are a batch of the table, in any order; different ones one launch.
func TestPredictorPrefills(t *testing.T) {
	l := open(t, small(t))
	s, err := l.Predictor(replica(t, "meta-llama/Llama-2-70b-hf", "h100", 2, 1), Options{})
	if err != nil {
		t.Fatal(err)
	}
	prefill := func(chunks ...int) float64 {
		b := &vidur.Batch{}
		for _, n := range chunks {
			b.Add(&vidur.Request{Prompt: 5000}, n)
		}
		return stageTime(t, s, b, 0).Ops[vidur.OpAttnPrefill]
	}
	if got, want := prefill(256, 256, 256, 256), s.prefill.At(4, 256, 0).Ms; got != want {
		t.Errorf("four equal chunks: %v, want %v", got, want)
	}
	one, two := prefill(256), prefill(2048)
	if both := prefill(256, 2048); !(both > two) || !(both < one+two) || math.Abs(both/prefill(2048, 256)-1) > 1e-12 {
		t.Errorf("%v and %v ms are %v together", one, two, both)
	}
}

func TestOrigins(t *testing.T) {
	s, err := open(t, small(t)).Predictor(replica(t, "meta-llama/Llama-2-70b-hf", "h100", 2, 2), Options{AllReduce: "eager"})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[vidur.Op]Origin{}
	for _, o := range s.Origins() {
		if o.Path != "" {
			if _, err := os.Stat(o.Path); err != nil || o.Kind == "" {
				t.Error(o, err)
			}
		}
		if o.Note == "" || seen[o.Op].Note != "" {
			t.Errorf("%+v", o)
		}
		seen[o.Op] = o
	}
	if len(seen) != 16 {
		t.Errorf("%d operators: %v", len(seen), seen)
	}
	for op, note := range map[vidur.Op]string{
		vidur.OpAttnPostProj: "measured", vidur.OpMLPUp: "transferred", vidur.OpAttnDecode: "transferred from 32 and 8",
		vidur.OpAllReduce: "eager of 2", vidur.OpInputNorm: "analytic",
	} {
		if op == vidur.OpAttnPostProj {
			continue // 8192 columns are not in the small table
		}
		if !strings.Contains(seen[op].Note, note) {
			t.Errorf("%v: %+v does not say %q", op, seen[op], note)
		}
	}
}

func TestPredictorErrors(t *testing.T) {
	dir := small(t)
	spec := replica(t, "meta-llama/Llama-2-7b-hf", "h100", 1, 1)
	_, err := open(t, dir).Predictor(spec, Options{GEMMDtype: "fp8"})
	wantError(t, err, `no "fp8"`, "bfloat16")
	_, err = open(t, dir).Predictor(spec, Options{KVDtype: "fp8"})
	wantError(t, err, `no "fp8"`)
	_, err = open(t, dir).Predictor(spec, Options{Version: "9"})
	wantError(t, err, `version "9"`, "h100_sxm vllm 1.0")
	_, err = open(t, dir).Predictor(replica(t, "meta-llama/Llama-2-7b-hf", "h200", 1, 1), Options{})
	wantError(t, err, "h200_sxm", "there are h100_sxm vllm 1.0")
	_, err = open(t, dir).Predictor(replica(t, "meta-llama/Llama-2-7b-hf", "mi300x", 1, 1), Options{})
	wantError(t, err, `"mi300x"`, "Options.System")
	_, err = open(t, dir).Predictor(replica(t, "meta-llama/Llama-2-7b-hf", "h100", 8, 1), Options{})
	wantError(t, err, "graph bfloat16 8", "--allow-missing")
	far := replica(t, "meta-llama/Llama-2-7b-hf", "h100", 2, 1)
	far.Node.Devices = 1
	_, err = open(t, dir).Predictor(far, Options{})
	wantError(t, err, "nodes of 1")
	_, err = open(t, dir).Predictor(far, Options{AllReduce: "nccl"})
	wantError(t, err, "nodes of 1")
	far.Node.Devices = 8
	_, err = open(t, dir).Predictor(far, Options{AllReduce: "nccl/2.1"})
	wantError(t, err, "no nccl table", "2.1")
	_, err = open(t, dir).Predictor(vidur.ReplicaSpec{}, Options{})
	wantError(t, err, "layers")

	engine(t, dir, "vllm/2.0")
	_, err = open(t, dir).Predictor(spec, Options{Backend: "vllm"})
	wantError(t, err, "do not mix", "--backend-version", "h100_sxm vllm 1.0; h100_sxm vllm 2.0")
	if s, err := open(t, dir).Predictor(spec, Options{Version: "2.0"}); err != nil || s.ID.Version != "2.0" {
		t.Error(s, err)
	}
}

// Missing tables are an error, unless the analytic model may stand in.
func TestMissingTables(t *testing.T) {
	dir := small(t)
	if err := os.Remove(filepath.Join(dir, "h100_sxm/attention/vllm/1.0/context_attention_perf.parquet")); err != nil {
		t.Fatal(err)
	}
	spec := replica(t, "meta-llama/Llama-2-7b-hf", "h100", 8, 1)
	_, err := open(t, dir).Predictor(spec, Options{})
	wantError(t, err, "no context_attention table of h100_sxm vllm 1.0")
	s, err := open(t, dir).Predictor(spec, Options{AllowMissing: true})
	if err != nil {
		t.Fatal(err)
	}
	stood := ""
	for _, o := range s.Origins() {
		if strings.Contains(o.Note, "has no rows") {
			stood += o.Op.String() + " "
		}
	}
	if stood != "attn_prefill all_reduce " {
		t.Errorf("the analytic model stands in for %q", stood)
	}
	b := &vidur.Batch{}
	b.Add(&vidur.Request{Prompt: 512}, 512)
	if got, want := stageTime(t, s, b, 0).Ops[vidur.OpAttnPrefill], s.operators.Prefill(512, 0); got != want {
		t.Errorf("%v ms, want the analytic %v", got, want)
	}
}

// mixed are batches as a scheduler with chunked prefill forms them.
func mixed(n int) []*vidur.Batch {
	r := rand.New(rand.NewPCG(1, 1))
	var batches []*vidur.Batch
	for range n {
		b := &vidur.Batch{}
		for range r.IntN(60) {
			b.Add(decoding(100+r.IntN(3000)), 1)
		}
		if r.IntN(3) == 0 || b.NumTokens == 0 {
			b.Add(&vidur.Request{Prompt: 1000}, 512-b.NumTokens)
		}
		batches = append(batches, b)
	}
	return batches
}

func TestConcurrent(t *testing.T) {
	l := open(t, small(t))
	spec := replica(t, "meta-llama/Llama-2-70b-hf", "h100", 2, 1)
	batches := mixed(200)
	answers := make([][]vidur.StageTime, 8)
	var group sync.WaitGroup
	for i := range answers {
		group.Go(func() {
			s, err := l.Predictor(spec, Options{})
			if err != nil {
				t.Error(err)
				return
			}
			for _, b := range batches {
				st, err := s.StageTime(b, 0)
				if err != nil {
					t.Error(err)
				}
				answers[i] = append(answers[i], st)
			}
		})
	}
	group.Wait()
	s, err := l.Predictor(spec, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range 4 { // one predictor, side by side
		group.Go(func() {
			for j, b := range batches {
				if st, err := s.StageTime(b, 0); err != nil || st != answers[0][j] {
					t.Errorf("batch %d: %v, alone %v", j, st, answers[0][j])
				}
			}
		})
	}
	group.Wait()
	for i := range answers {
		for j := range batches {
			if answers[i][j] != answers[0][j] {
				t.Fatalf("batch %d of %d differs", j, i)
			}
		}
	}
}

func TestNoAllocations(t *testing.T) {
	s, err := open(t, small(t)).Predictor(replica(t, "meta-llama/Llama-2-70b-hf", "h100", 2, 1), Options{})
	if err != nil {
		t.Fatal(err)
	}
	batches := mixed(50)
	all := func() {
		for _, b := range batches {
			stageTime(t, s, b, 0)
		}
	}
	all()
	if n := testing.AllocsPerRun(20, all); n != 0 {
		t.Errorf("%v allocations for 50 batches", n)
	}
}

var sink vidur.StageTime

func BenchmarkStageTime(b *testing.B) {
	s, err := shared(b).Predictor(replica(b, "meta-llama/Llama-2-70b-hf", "h100", 2, 1), Options{})
	if err != nil {
		b.Fatal(err)
	}
	batches := mixed(1000)
	for _, batch := range batches {
		stageTime(b, s, batch, 0)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		sink, _ = s.StageTime(batches[i%len(batches)], 0)
	}
}

func BenchmarkOpen(b *testing.B) {
	for range b.N {
		if _, err := shared(b).Check(); err != nil {
			b.Fatal(err)
		}
	}
}
