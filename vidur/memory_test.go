package vidur_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
)

var (
	llama70b = vidur.Model{Name: "Llama-2-70b", Layers: 80, Hidden: 8192, QHeads: 64, KVHeads: 8, FFN: 28672, Vocab: 32768, Gated: true}
	a100     = vidur.Device{Name: "A100", MemoryGB: 80}
)

// TestPlanByRequest has the values that the original simulator logs for
// Llama-2-70b with TP 2 on A100s.
func TestPlanByRequest(t *testing.T) {
	for _, c := range []struct{ pp, maxBatch, blocks int }{{1, 13, 3328}, {2, 64, 32768}} {
		s := vidur.ReplicaSpec{Model: llama70b, Device: a100, TP: 2, PP: c.pp}
		maxBatch, blocks, err := s.PlanByRequest()
		if err != nil || maxBatch != c.maxBatch || blocks != c.blocks {
			t.Errorf("PP %d: %d requests, %d blocks, %v; want %d and %d", c.pp, maxBatch, blocks, err, c.maxBatch, c.blocks)
		}
	}
	_, _, err := vidur.ReplicaSpec{Model: llama70b, Device: a100}.PlanByRequest()
	var fit *vidur.FitError
	if !errors.As(err, &fit) || fit.Need != 2 {
		t.Errorf("on one device: %v", err)
	}
	_, _, err = vidur.ReplicaSpec{Model: llama70b, Device: a100, TP: 2, MaxTokens: 1 << 20}.PlanByRequest()
	if err == nil || !strings.Contains(err.Error(), "no room for one request of 1048576 tokens") {
		t.Errorf("one long request: %v", err)
	}
}

// TestPlan works the example of Llama-2-70b with TP 2 out by hand.
func TestPlan(t *testing.T) {
	// A layer on one of two devices: QKV 8192 × 128 × (32 + 2×4), output 8192 × 128 × 32, MLP 3 × 8192 × 28672 / 2.
	const layer = 8192*128*(32+2*4) + 8192*128*32 + 3*8192*28672/2
	const embed = 32768 * 8192 / 2
	for _, c := range []struct {
		pp, weights, token int
		tied               bool
	}{
		{1, 2 * (80*layer + 2*embed), 2 * 2 * 128 * 4 * 80, false},
		{1, 2 * (80*layer + embed), 2 * 2 * 128 * 4 * 80, true},
		{2, 2 * (40*layer + embed), 2 * 2 * 128 * 4 * 40, false}, // an embedding at each end
		{4, 2 * (20*layer + embed), 2 * 2 * 128 * 4 * 20, true},
	} {
		m := llama70b
		m.TiedEmbed = c.tied
		got, err := vidur.ReplicaSpec{Model: m, Device: a100, TP: 2, PP: c.pp}.Plan()
		free := 72<<30 - c.weights // 80 GB less a tenth
		want := vidur.Memory{WeightBytes: c.weights, KVTokenBytes: c.token, FreeBytes: free, Blocks: free / (c.token * 16)}
		if err != nil || got.WeightBytes != want.WeightBytes || got.KVTokenBytes != want.KVTokenBytes || got.Blocks != want.Blocks || got.FreeBytes-free > 1 || free-got.FreeBytes > 1 {
			t.Errorf("PP %d: %+v, %v; want %+v", c.pp, got, err, want)
		}
	}
}

func TestMargin(t *testing.T) {
	free := func(margin float64) int {
		m, err := vidur.ReplicaSpec{Model: llama70b, Device: a100, TP: 2, Margin: margin}.Plan()
		if err != nil {
			t.Fatal(err)
		}
		return m.FreeBytes + m.WeightBytes
	}
	if free(-1) != 80<<30 || free(0) != free(0.1) || free(0.05) <= free(0.1) {
		t.Errorf("%d without a margin, %d with the default, %d with a tenth, %d with a twentieth", free(-1), free(0), free(0.1), free(0.05))
	}
}

// TestNeedIsLeast looks for fewer devices by trying every legal TP and PP.
func TestNeedIsLeast(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	for range 200 {
		s := vidur.ReplicaSpec{
			Model: vidur.Model{
				Name: "m", Layers: 1 + rng.IntN(48), Hidden: 128 << rng.IntN(6), QHeads: 1 << rng.IntN(7), KVHeads: 1 << rng.IntN(4),
				FFN: 256 << rng.IntN(7), Vocab: 1000 << rng.IntN(8), Gated: rng.IntN(2) == 0, TiedEmbed: rng.IntN(2) == 0,
			},
			Device: vidur.Device{Name: "d", MemoryGB: []float64{0.02, 0.2, 2, 20}[rng.IntN(4)]},
		}
		if s.Model.QHeads > s.Model.Hidden {
			continue
		}
		_, err := s.Plan()
		var fit *vidur.FitError
		if err == nil {
			continue
		}
		if !errors.As(err, &fit) || fit.Need != least(s) || fit.GPUs != 1 {
			t.Errorf("%+v: %v, need %d, want %d", s.Model, err, fit.Need, least(s))
		}
	}
}

// least is the smallest number of devices on which the model fits, by trying
// them all; 0 if there is none.
func least(s vidur.ReplicaSpec) int {
	best := 0
	for s.PP = 1; s.PP <= s.Model.Layers; s.PP++ {
		for s.TP = 1; s.TP <= s.Model.QHeads; s.TP++ {
			if s.CheckParallel() != nil || best > 0 && s.GPUs() >= best {
				continue
			}
			if _, err := s.Plan(); err == nil {
				best = s.GPUs()
			}
		}
	}
	return best
}
