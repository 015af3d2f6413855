package exectime

import (
	"math"
	"testing"

	"github.com/govidur/govidur/vidur"
)

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Max(math.Abs(a), math.Abs(b)) }

func operators(t *testing.T, spec vidur.ReplicaSpec) *Operators {
	t.Helper()
	o, err := newAnalytic(t, AnalyticOptions{}).Operators(spec)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// Written out for Llama-2-70B on two devices: 24 decodes of 1000 cached tokens
// beside the last 100 tokens of a prompt of 300.
func TestWork(t *testing.T) {
	o := operators(t, a100Pair(llama70B(), 2, 1))
	b, err := Mix{Decodes: 24, Context: 1000, Chunk: 100, Cached: 200}.Batch()
	if err != nil {
		t.Fatal(err)
	}
	work := o.Work(b, 0)
	gemm := func(m, n, k float64) Work { return Work{2 * m * n * k, 2 * (m*k + k*n + m*n)} }
	want := map[vidur.Op]Work{
		vidur.OpAttnPreProj:  gemm(124, 40*128, 8192),
		vidur.OpMLPUp:        gemm(124, 28672, 8192),
		vidur.OpMLPDown:      gemm(124, 8192, 14336),
		vidur.OpAdd:          {Bytes: 6 * 124 * 8192},
		vidur.OpKVSave:       {Bytes: 8 * 124 * 4 * 128},
		vidur.OpAttnDecode:   {4 * 24 * 1000 * 32 * 128, 4 * 128 * 24 * (1000*4 + 32)},
		vidur.OpAttnPrefill:  {4 * (100*200 + 5050) * 32 * 128, 4 * 128 * (300*4 + 100*32)},
		vidur.OpAllReduce:    {},
		vidur.OpSendRecv:     {},
		vidur.OpSchedule:     {},
		vidur.OpAttnPostProj: gemm(124, 8192, 32*128),
	}
	for op, w := range want {
		if got := work[op]; !near(got.FLOPs, 80*w.FLOPs) || !near(got.Bytes, 80*w.Bytes) {
			t.Errorf("%v: %+v, want 80 × %+v", op, got, w)
		}
	}
	head := gemm(25, 16384, 8192)
	head.Bytes += 4 * 25 * 8192 // the norm
	if got := work[vidur.OpLMHead]; !near(got.FLOPs, head.FLOPs) || !near(got.Bytes, head.Bytes) {
		t.Errorf("LM head: %+v, want %+v", got, head)
	}
	if got := (Work{FLOPs: 6, Bytes: 2}).Intensity(); got != 3 || (Work{FLOPs: 6}).Intensity() != 0 {
		t.Errorf("intensity %v", got)
	}
}

// An operator of one part takes at least its work over the datasheet, and its
// bound is exactly that.
func TestWorkIsTheBound(t *testing.T) {
	single := []vidur.Op{vidur.OpAttnPreProj, vidur.OpAttnPostProj, vidur.OpMLPUp, vidur.OpMLPDown, vidur.OpMLPAct,
		vidur.OpAttnRope, vidur.OpKVSave, vidur.OpInputNorm, vidur.OpPostNorm, vidur.OpAdd, vidur.OpAttnDecode, vidur.OpAttnPrefill}
	for _, d := range cards() {
		o := operators(t, vidur.ReplicaSpec{Model: llama70B(), Device: d, TP: 4, PP: 2, Node: vidur.Node{Devices: 8}})
		for _, m := range []Mix{{Decodes: 1, Context: 1}, {Decodes: 100, Context: 3000}, {Chunk: 2048}, {Decodes: 7, Context: 90, Chunk: 33, Cached: 4096}} {
			b, err := m.Batch()
			if err != nil {
				t.Fatal(err)
			}
			work := o.Work(b, 1)
			bound, _ := o.Bound().p.StageTime(b, 1)
			taken, _ := o.p.StageTime(b, 1)
			parts, took := bound.Parts(), taken.Parts()
			gpu := o.p.gpu
			for _, op := range single {
				want := max(work[op].FLOPs/gpu.peak, work[op].Bytes/gpu.bandwidth) / usPerMs
				if !near(parts[op], want) || took[op] < want*(1-1e-9) {
					t.Errorf("%s, %+v, %v: bound %v ms, work %v ms, takes %v ms", d.Name, m, op, parts[op], want, took[op])
				}
			}
		}
	}
}

func TestMix(t *testing.T) {
	for _, m := range []Mix{{}, {Decodes: -1}, {Decodes: 2}, {Chunk: -1}, {Chunk: 1, Cached: -1}, {Decodes: 1, Context: -1}, {Context: 5, Cached: 7}} {
		if _, err := m.Batch(); err == nil {
			t.Errorf("%+v: no error", m)
		}
		if _, err := m.Time(nil, 0); err == nil {
			t.Errorf("%+v: no error", m)
		}
	}
	b, err := Mix{Decodes: 3, Context: 40, Chunk: 16, Cached: 8}.Batch()
	if err != nil {
		t.Fatal(err)
	}
	want := batchOf([3]int{1, 40, 0}, [3]int{1, 40, 0}, [3]int{1, 40, 0}, [3]int{16, 8, 24})
	if b.NumTokens != 19 || b.NumDecodes != 3 || b.DecodeCached != 120 || b.PrefillTokens != 16 || b.Attended != want.Attended || b.Len() != 4 {
		t.Errorf("%+v", b)
	}
	p := predictor(t, newAnalytic(t, AnalyticOptions{}), a100Pair(llama70B(), 2, 1))
	got, err := Mix{Decodes: 3, Context: 40, Chunk: 16, Cached: 8}.Time(p, 0)
	if err != nil || got != stageTime(t, p, want, 0) {
		t.Errorf("%v, %v", got, err)
	}
}
