package trained

import (
	"context"
	"math"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime/learn"
	"github.com/govidur/govidur/vidur/exectime/profile"
)

func llama70B() vidur.Model {
	return vidur.Model{Name: "meta-llama/Llama-2-70b-hf", Layers: 80, Hidden: 8192, QHeads: 64, KVHeads: 8, FFN: 28672, Vocab: 32768, Gated: true}
}

func a100Pair(tp, pp int) vidur.ReplicaSpec {
	return vidur.ReplicaSpec{
		Model: llama70B(), TP: tp, PP: pp,
		Device: vidur.Device{Name: "a100", TFLOPS: 312, Bandwidth: 2039, SMs: 108, L2MB: 40, MemoryGB: 80, LinkGBs: 600},
		Node:   vidur.Node{Name: "a100_pairwise_nvlink", Devices: 4},
	}
}

// forest is one small estimator.
func forest() []learn.Estimator {
	return []learn.Estimator{learn.Forest{Trees: 30, MaxDepth: 12, Seed: 1}}
}

var testFolds = learn.Folds{K: 3, Shuffle: true, Seed: 1}

func small() Options { return Options{Grid: forest(), Folds: testFolds} }

// The synthetic times, in ms: near enough to the analytic ones to be real.
func linear(op vidur.Op, n float64) float64 { return 0.02 + float64(op+1)*3e-4*n }
func decodeMs(requests, cached float64) float64 {
	return 0.02 + 2e-6*requests*cached
}
func prefillMs(cached, chunk float64) float64 { return 0.05 + 1e-7*chunk*(chunk+2*cached) }
func cpuMs(op vidur.Op, n float64) float64    { return 0.1*float64(op) + 0.01*n }

var layerOps = []vidur.Op{
	vidur.OpAttnPreProj, vidur.OpAttnPostProj, vidur.OpAttnRope, vidur.OpMLPUp, vidur.OpMLPDown, vidur.OpMLPAct,
	vidur.OpInputNorm, vidur.OpPostNorm, vidur.OpAdd, vidur.OpAllReduce, vidur.OpSendRecv,
}

// synthetic is a profile of all operators but writing the KV cache, to 512
// tokens, 16 requests and 512 cached tokens.
func synthetic(ops ...vidur.Op) *profile.Set {
	set := &profile.Set{Sum: [32]byte{1}}
	for _, op := range layerOps {
		s := &profile.Samples{Op: op, Features: []string{profile.NumTokens}, X: make([][]float64, 1)}
		for n := 8.0; n <= 512; n += 8 {
			s.X[0], s.Y = append(s.X[0], n), append(s.Y, linear(op, n))
		}
		set.Ops[op] = s
	}
	d := &profile.Samples{Op: vidur.OpAttnDecode, Features: []string{profile.BatchSize, profile.KVCacheSize}, X: make([][]float64, 2)}
	for b := 1.0; b <= 16; b++ {
		for kv := 64.0; kv <= 512; kv += 64 {
			d.X[0], d.X[1], d.Y = append(d.X[0], b), append(d.X[1], kv), append(d.Y, decodeMs(b, kv))
		}
	}
	set.Ops[vidur.OpAttnDecode] = d
	p := &profile.Samples{Op: vidur.OpAttnPrefill, Features: []string{profile.KVCacheSize, profile.ChunkSquared}, X: make([][]float64, 2)}
	for c := 64.0; c <= 512; c += 64 {
		for kv := 0.0; kv <= 512-c; kv += 64 {
			p.X[0], p.X[1], p.Y = append(p.X[0], kv), append(p.X[1], c*c), append(p.Y, prefillMs(kv, c))
		}
	}
	set.Ops[vidur.OpAttnPrefill] = p
	for op := vidur.OpSchedule; int(op) < vidur.NumOps; op++ {
		s := &profile.Samples{Op: op, Features: []string{profile.BatchSize}, X: make([][]float64, 1)}
		for n := 1.0; n <= 32; n++ {
			s.X[0], s.Y = append(s.X[0], n), append(s.Y, cpuMs(op, n))
		}
		set.Ops[op] = s
	}
	if ops != nil {
		only := &profile.Set{Sum: set.Sum}
		for _, op := range ops {
			only.Ops[op] = set.Ops[op]
		}
		return only
	}
	return set
}

func train(t testing.TB, set *profile.Set, spec vidur.ReplicaSpec, o Options) *Trained {
	t.Helper()
	got, err := Train(context.Background(), set, spec, o)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// batchOf makes a batch: each part is the tokens of a request, those it has in
// the cache, and its prompt, 0 for a decode.
func batchOf(parts ...[3]int) *vidur.Batch {
	b := &vidur.Batch{}
	for i, p := range parts {
		r := &vidur.Request{ID: i, Done: p[1], Prompt: p[2]}
		if p[2] == 0 {
			r.Prompt = p[1] - 1
		}
		b.Add(r, p[0])
	}
	return b
}

func decodes(n, cached int) *vidur.Batch {
	parts := make([][3]int, n)
	for i := range parts {
		parts[i] = [3]int{1, cached, 0}
	}
	return batchOf(parts...)
}

func stageTime(t testing.TB, p vidur.Predictor, b *vidur.Batch, stage int) vidur.StageTime {
	t.Helper()
	st, err := p.StageTime(b, stage)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func near(got, want, within float64) bool { return math.Abs(got-want) <= within*math.Abs(want) }
