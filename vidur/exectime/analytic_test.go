package exectime

import (
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/govidur/govidur/vidur"
)

// phi2 has what Llama has not: two norms, one per block, GELU, all heads.
func phi2() vidur.Model {
	return vidur.Model{Name: "phi-2", Layers: 32, Hidden: 2560, QHeads: 32, KVHeads: 32, FFN: 10240, Vocab: 51200, LayerNorm: true, NoPostNorm: true}
}

func a100Pair(m vidur.Model, tp, pp int) vidur.ReplicaSpec {
	return vidur.ReplicaSpec{Model: m, Device: cards()[0], TP: tp, PP: pp, Node: vidur.Node{Name: "a100_pairwise_nvlink", Devices: 4}}
}

func TestAnalyticOperators(t *testing.T) {
	a := newAnalytic(t, AnalyticOptions{})
	g := newGPU(t, "a100")
	spec := a100Pair(llama70B(), 2, 2)
	p := predictor(t, a, spec)
	n := a.Network(spec)
	b := batchOf([3]int{1, 100}, [3]int{1, 301}, [3]int{64, 32, 96}, [3]int{10, 0, 99}) // two decode, one prompt ends
	h := Heads{32, 4, 128}
	var prompts prefillSum
	prompts.add(64, 32)
	prompts.add(10, 0)
	want := map[vidur.Op]float64{
		vidur.OpAttnPreProj:  g.GEMM(76, 40*128, 8192),
		vidur.OpAttnPostProj: g.GEMM(76, 8192, 4096),
		vidur.OpAttnRope:     g.Pointwise(Rope, 76, 36*128),
		vidur.OpKVSave:       g.KVSave(76, 4, 128),
		vidur.OpAttnDecode:   g.AttnDecode(2, 200.5, h),
		vidur.OpAttnPrefill:  g.prefillTime(&prompts, &h),
		vidur.OpAllReduce:    n.AllReduce(2 * 76 * 8192),
		vidur.OpInputNorm:    g.Pointwise(RMSNorm, 76, 8192),
		vidur.OpMLPUp:        g.GEMM(76, 28672, 8192),
		vidur.OpMLPDown:      g.GEMM(76, 8192, 14336),
		vidur.OpMLPAct:       g.Pointwise(SiLUMul, 76, 14336),
		vidur.OpPostNorm:     g.Pointwise(RMSNorm, 76, 8192),
		vidur.OpAdd:          g.Pointwise(Add, 76, 8192),
	}
	for stage := range 2 {
		st := stageTime(t, p, b, stage)
		if stage == 0 {
			want[vidur.OpEmbed] = g.Pointwise(Embed, 76, 8192) + n.AllReduce(2*76*8192)
			want[vidur.OpSendRecv] = n.SendRecv(2*76*8192, false)
		} else {
			want[vidur.OpEmbed], want[vidur.OpSendRecv] = 0, 0
			want[vidur.OpLMHead] = g.Pointwise(RMSNorm, 3, 8192) + g.GEMM(3, 16384, 8192) + n.AllGather(2*3*32768)
		}
		for op, ms := range st.Ops {
			if ms != want[vidur.Op(op)]/1e3 {
				t.Errorf("stage %d: %v takes %v ms, want %v", stage, vidur.Op(op), ms, want[vidur.Op(op)]/1e3)
			}
		}
		if st.Layers != 40 {
			t.Errorf("%d layers", st.Layers)
		}
	}
}

func TestAnalyticParallelBlocks(t *testing.T) {
	p := predictor(t, newAnalytic(t, AnalyticOptions{}), a100Pair(phi2(), 1, 1))
	st := stageTime(t, p, batchOf([3]int{20, 0, 99}), 0)
	g := newGPU(t, "a100")
	if st.Ops[vidur.OpPostNorm] != 0 || st.Ops[vidur.OpAllReduce] != 0 || st.Ops[vidur.OpLMHead] != 0 ||
		st.Ops[vidur.OpAdd] != g.Pointwise(AddTwo, 20, 2560)/1e3 ||
		st.Ops[vidur.OpMLPUp] != g.GEMM(20, 10240, 2560)/1e3 ||
		st.Ops[vidur.OpMLPAct] != g.Pointwise(GELU, 20, 10240)/1e3 ||
		st.Ops[vidur.OpInputNorm] != g.Pointwise(LayerNorm, 20, 2560)/1e3 {
		t.Errorf("%+v", st)
	}
}

// One launch for several chunks is no slower than one launch for each, but for
// what an unfilled wave may cost, and not much faster than the longest.
func TestPrefillOfSeveral(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	h := Heads{32, 8, 128}
	g := newGPU(t, "a100")
	for range 5000 {
		var sum prefillSum
		each, longest := 0.0, 0.0
		for range 1 + r.IntN(6) {
			chunk, cached := logUniform(r, 8192), r.IntN(2)*logUniform(r, 8192)
			sum.add(chunk, cached)
			us := g.AttnPrefill(chunk, cached, h)
			each += us
			longest = max(longest, us)
		}
		together := g.prefillTime(&sum, &h)
		if together > each*1.3 || together < 0.85*longest {
			t.Fatalf("%+v: %v µs together, %v one after the other, %v the longest", sum, together, each, longest)
		}
	}
}

func TestStagesInOtherNodes(t *testing.T) {
	a := newAnalytic(t, AnalyticOptions{})
	spec := vidur.ReplicaSpec{Model: llama70B(), Device: cards()[0], TP: 4, PP: 4, Node: vidur.Node{Name: "a100_dgx", Devices: 8}}
	p := predictor(t, a, spec)
	b := batchOf([3]int{512, 0, 512})
	var ms []float64
	for stage := range 4 {
		ms = append(ms, stageTime(t, p, b, stage).Ops[vidur.OpSendRecv])
	}
	if ms[0] != ms[2] || ms[1] < 5*ms[0] || ms[3] != 0 {
		t.Errorf("sends take %v ms; only stages 1 and 2 lie in different nodes", ms)
	}
	spec.TP, spec.PP = 16, 1
	n := a.Network(spec)
	if n.allReduce.PerNode != 8 || n.allReduce.Devices != 16 || !n.Far(0) {
		t.Errorf("TP 16 on nodes of 8: %+v", n.allReduce)
	}
}

// Links that nothing was fitted to are near to what is published for them. The
// figures are those of NCCL and of vLLM, by NVIDIA AIConfigurator.
func TestNetworkByDatasheet(t *testing.T) {
	a := newAnalytic(t, AnalyticOptions{})
	d := cards()[0]
	small := a.Network(vidur.ReplicaSpec{TP: 2, Device: d}).AllReduce(8192)
	if small < 5 || small > 20 { // 10 by NCCL, 5 in a graph
		t.Errorf("a small all-reduce takes %.1f µs", small)
	}
	large := a.Network(vidur.ReplicaSpec{TP: 8, Device: d}).AllReduce(16 << 20)
	if large < 120 || large > 400 { // 367
		t.Errorf("an all-reduce of 16 MB takes %.1f µs", large)
	}
	pcie := a.Network(vidur.ReplicaSpec{TP: 4, Device: vidur.Device{Name: "l40s"}}).AllReduce(16 << 20)
	bridge := vidur.Device{Name: "h100-nvl", LinkGBs: 600}
	if two, four := a.Network(vidur.ReplicaSpec{TP: 2, Device: bridge}).AllReduce(16<<20), a.Network(vidur.ReplicaSpec{TP: 4, Device: bridge}).AllReduce(16<<20); two*4 > four || four != pcie {
		t.Errorf("two cards with a bridge take %.1f µs, four %.1f, four without %.1f", two, four, pcie)
	}
	slow := newAnalytic(t, AnalyticOptions{LatencyUs: 100, NetworkGBs: 1})
	if us := slow.Network(vidur.ReplicaSpec{TP: 2, Device: d}).AllReduce(8192); us < small+90 {
		t.Errorf("with 100 µs of latency: %.1f µs", us)
	}
}

func TestIdealCollectives(t *testing.T) {
	spec := a100Pair(llama70B(), 2, 1)
	fitted, ideal := newAnalytic(t, AnalyticOptions{}).Network(spec), newAnalytic(t, AnalyticOptions{IdealCollectives: true}).Network(spec)
	if f, i := fitted.AllReduce(16384), ideal.AllReduce(16384); f < 50 || i > 12 {
		t.Errorf("a small all-reduce takes %.1f µs, without skew %.1f", f, i)
	}
	if f, i := fitted.AllReduce(1e8), ideal.AllReduce(1e8); math.Abs(f/i-1) > 0.01 {
		t.Errorf("a large all-reduce takes %.1f µs, without skew %.1f", f, i)
	}
}

func TestAnalyticLaunch(t *testing.T) {
	spec := a100Pair(llama70B(), 2, 1)
	b := batchOf([3]int{1, 10})
	with := stageTime(t, predictor(t, newAnalytic(t, AnalyticOptions{LaunchMs: 0.02}), spec), b, 0)
	without := stageTime(t, predictor(t, newAnalytic(t, AnalyticOptions{}), spec), b, 0)
	if d := with.Ops[vidur.OpAllReduce] - without.Ops[vidur.OpAllReduce]; math.Abs(d-0.02) > 1e-12 {
		t.Errorf("the launch adds %v ms", d)
	}
}

func TestAnalyticErrors(t *testing.T) {
	for _, o := range []AnalyticOptions{{LatencyUs: -1}, {NetworkGBs: math.NaN()}, {LaunchMs: math.Inf(1)}} {
		if _, err := NewAnalytic(o); err == nil {
			t.Errorf("%+v was accepted", o)
		}
	}
	a := newAnalytic(t, AnalyticOptions{})
	for _, v := range []struct {
		spec vidur.ReplicaSpec
		want string
	}{
		{vidur.ReplicaSpec{Device: cards()[0]}, "layers 0 must be positive"},
		{vidur.ReplicaSpec{Model: llama70B()}, "must be known"},
		{vidur.ReplicaSpec{Model: llama70B(), Device: cards()[0], TP: 3}, "TP 3 does not divide"},
	} {
		if _, err := a.Predictor(v.spec); err == nil || !strings.Contains(err.Error(), v.want) {
			t.Errorf("%v, want %q", err, v.want)
		}
	}
}

func randomBatch(r *rand.Rand) *vidur.Batch {
	b := &vidur.Batch{}
	for range 1 + r.IntN(64) {
		if r.IntN(8) > 0 {
			done := logUniform(r, 30000)
			b.Add(&vidur.Request{Done: done, Prompt: done - 1}, 1)
			continue
		}
		chunk, cached := logUniform(r, 2000), r.IntN(2)*logUniform(r, 30000)
		b.Add(&vidur.Request{Done: cached, Prompt: cached + chunk + r.IntN(2)}, chunk)
	}
	return b
}

// Every batch takes a finite time, more with one more slot, and the same for
// whoever asks first.
func TestAnalyticConcurrently(t *testing.T) {
	var batches []*vidur.Batch
	r := rand.New(rand.NewPCG(9, 10))
	for range 300 {
		batches = append(batches, randomBatch(r))
	}
	for _, d := range cards() {
		spec := vidur.ReplicaSpec{Model: llama70B(), Device: d, TP: 4, PP: 2, Node: vidur.Node{Devices: 4}}
		alone, shared := newAnalytic(t, AnalyticOptions{}), newAnalytic(t, AnalyticOptions{})
		want := make([]vidur.StageTime, len(batches))
		p := predictor(t, alone, spec)
		for i, b := range batches {
			want[i] = stageTime(t, p, b, i%2)
			if s := want[i].Total(); !(s > 0) || math.IsInf(s, 0) {
				t.Fatalf("%s: %v s", d.Name, s)
			}
		}
		var wg sync.WaitGroup
		for worker := range 4 {
			wg.Go(func() {
				p, err := shared.Predictor(spec)
				if err != nil {
					t.Error(err)
					return
				}
				for j := range batches {
					i := (j + worker*75) % len(batches)
					if got, err := p.StageTime(batches[i], i%2); err != nil || got != want[i] {
						t.Errorf("%s: batch %d differs: %v", d.Name, i, err)
					}
				}
			})
		}
		wg.Wait()
	}
}

func TestPredictorsAreShared(t *testing.T) {
	a := newAnalytic(t, AnalyticOptions{})
	p, q, r := predictor(t, a, a100Pair(llama70B(), 2, 0)), predictor(t, a, a100Pair(llama70B(), 2, 1)), predictor(t, a, a100Pair(llama70B(), 4, 1))
	if p != q || p == r {
		t.Error("replicas of one kind should share a predictor, and others not")
	}
}

func TestMemo(t *testing.T) {
	made := 0
	m := &Memo[int]{Make: func(n int, v *int) { made++; *v = -n }}
	for range 2 {
		for _, n := range []int{0, 1, memoPage, memoPage*memoPages - 1} {
			if *m.Get(n) != -n {
				t.Errorf("%d: %d", n, *m.Get(n))
			}
		}
	}
	if made != 4 {
		t.Errorf("made %d times", made)
	}
	for _, n := range []int{memoPage * memoPages, 1 << 40} {
		if *m.Get(n) != -n {
			t.Errorf("%d: %d", n, *m.Get(n))
		}
	}
}
