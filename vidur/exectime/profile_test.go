package exectime

import (
	"encoding/csv"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/internal/sharedtest"
)

// profileRow is a row of mlp.csv: the shape, and medians by operator in ms.
type profileRow struct {
	heads      Heads // of one device
	m          int   // tokens
	hidden     int
	ffn        int // of one device
	gated, phi bool
	ms         map[string]float64
}

var profiledOps = []string{"attn_pre_proj", "attn_post_proj", "mlp_up_proj", "mlp_down_proj",
	"input_layernorm", "mlp_act", "attn_rope", "add", "emb"}

func readProfiles(t testing.TB, card string, each func(file string, r *profileRow)) {
	t.Helper()
	files, err := filepath.Glob(sharedtest.Path(t, "vidur-data", "profiling", "compute", card) + "/*/*/mlp.csv")
	if err != nil || len(files) == 0 {
		t.Fatal(err, len(files))
	}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		readProfile(t, f, func(r *profileRow) { each(filepath.Base(filepath.Dir(file)), r) })
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func readProfile(t testing.TB, f io.Reader, each func(r *profileRow)) {
	in := csv.NewReader(f)
	header, err := in.Read()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, name := range header {
		at[name] = i
	}
	for {
		line, err := in.Read()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		n := func(name string) int { return int(number(t, line[at[name]])) }
		tp := n("num_tensor_parallel_workers")
		r := &profileRow{
			heads: Heads{n("n_head") / tp, ceilDiv(n("n_kv_head"), tp), n("n_embd") / n("n_head")},
			m:     n("num_tokens"), hidden: n("n_embd"), ffn: n("n_expanded_embd") / tp,
			gated: line[at["use_gated_mlp"]] == "True", ms: map[string]float64{},
		}
		r.phi = !r.gated
		for _, op := range profiledOps {
			if i, ok := at["time_stats."+op+".median"]; ok && line[i] != "" {
				r.ms[op], err = strconv.ParseFloat(line[i], 64)
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		each(r)
	}
}

// predict is the analytic time of a profiled operator, in µs.
func (r *profileRow) predict(g *GPU, op string) float64 {
	h := &r.heads
	norm, act, up := RMSNorm, SiLUMul, 2*r.ffn
	if !r.gated {
		norm, act, up = LayerNorm, GELU, r.ffn
	}
	switch op {
	case "attn_pre_proj":
		return g.GEMM(r.m, (h.Q+2*h.KV)*h.Dim, r.hidden)
	case "attn_post_proj":
		return g.GEMM(r.m, r.hidden, h.Q*h.Dim)
	case "mlp_up_proj":
		return g.GEMM(r.m, up, r.hidden)
	case "mlp_down_proj":
		return g.GEMM(r.m, r.hidden, r.ffn)
	case "input_layernorm":
		return g.Pointwise(norm, r.m, r.hidden)
	case "mlp_act":
		return g.Pointwise(act, r.m, r.ffn)
	case "attn_rope":
		return g.Pointwise(Rope, r.m, (h.Q+h.KV)*h.Dim)
	case "add":
		if r.phi {
			return g.Pointwise(AddTwo, r.m, r.hidden)
		}
		return g.Pointwise(Add, r.m, r.hidden)
	case "emb":
		return g.Pointwise(Embed, r.m, r.hidden)
	}
	panic(op)
}

// deviation gathers relative errors.
type deviation struct{ sum, bias, n float64 }

func (d *deviation) add(got, want float64) {
	d.sum += math.Abs(got/want - 1)
	d.bias += got/want - 1
	d.n++
}

func (d *deviation) mape() float64 { return 100 * d.sum / d.n }

// The documented errors of the fitted figures, in the sample: GEMMs together, and
// pointwise operators that take more than 5 µs (the profiles' grid is 1 µs).
func TestAnalyticAgainstProfiles(t *testing.T) {
	for _, v := range []struct {
		card            string
		gemm, pointwise float64 // mean absolute errors, %
	}{{"a100", 6.5, 8.5}, {"h100", 8.5, 9}, {"a40", 7.5, 9}} {
		g := newGPU(t, v.card)
		gemm, layers := deviation{}, deviation{}
		ops := map[string]*deviation{}
		readProfiles(t, v.card, func(_ string, r *profileRow) {
			if r.m > 4096 {
				return
			}
			var got, want float64
			for i, op := range profiledOps {
				ms, ok := r.ms[op]
				if !ok || ms <= 0 {
					continue
				}
				us := r.predict(g, op)
				if i < 4 {
					gemm.add(us, ms*1e3)
				} else if ms > 0.005 {
					name := op
					if r.phi {
						name += " (phi-2)"
					}
					if ops[name] == nil {
						ops[name] = &deviation{}
					}
					ops[name].add(us, ms*1e3)
				}
				if op != "emb" {
					got, want = got+us, want+ms*1e3
				}
			}
			layers.add(got, want)
		})
		t.Logf("%s: GEMM %.1f %% of %.0f, bias %+.1f; layer without attention %.1f %%", v.card, gemm.mape(), gemm.n, 100*gemm.bias/gemm.n, layers.mape())
		if gemm.mape() > v.gemm {
			t.Errorf("%s: GEMMs are %.2f %% off, documented %.1f", v.card, gemm.mape(), v.gemm)
		}
		if layers.mape() > 5 {
			t.Errorf("%s: layers are %.2f %% off", v.card, layers.mape())
		}
		for _, op := range profiledOps[4:] {
			d, phi := ops[op], ops[op+" (phi-2)"]
			t.Logf("%s: %s %.1f %% of %.0f; phi-2 %.1f %%", v.card, op, d.mape(), d.n, phi.mape())
			if d.mape() > v.pointwise {
				t.Errorf("%s: %s is %.2f %% off, documented %.1f", v.card, op, d.mape(), v.pointwise)
			}
			if phi.mape() > 20 {
				t.Errorf("%s: %s of phi-2 is %.2f %% off", v.card, op, phi.mape())
			}
		}
	}
}

// Cards that are known by datasheet only are no further off than documented, as
// the fitted ones are when their name is hidden.
func TestGenericAgainstProfiles(t *testing.T) {
	for _, d := range cards()[:3] {
		card := d.Name
		d.Name = "unknown"
		g, err := newAnalytic(t, AnalyticOptions{}).GPU(d)
		if err != nil {
			t.Fatal(err)
		}
		var gemm deviation
		readProfiles(t, card, func(_ string, r *profileRow) {
			for _, op := range profiledOps[:4] {
				if ms := r.ms[op]; r.m <= 4096 && ms > 0 {
					gemm.add(r.predict(g, op), ms*1e3)
				}
			}
		})
		t.Logf("%s by datasheet: GEMM %.1f %%, bias %+.1f", card, gemm.mape(), 100*gemm.bias/gemm.n)
		if gemm.mape() > 11 {
			t.Errorf("%s by datasheet: GEMMs are %.2f %% off", card, gemm.mape())
		}
	}
}

// Attention against the one profile at hand, which the figures were fitted to.
func TestAttentionAgainstProfile(t *testing.T) {
	g := newGPU(t, "a100")
	path := sharedtest.Path(t, "vidur-data", "profiling", "compute", "a100", "meta-llama", "Llama-2-70b-hf", "attention.csv")
	var prefill, decode deviation
	h := Heads{32, 4, 128}
	for _, row := range readRows(t, path) {
		chunk, cached := int(number(t, row["prefill_chunk_size"])), int(number(t, row["kv_cache_size"]))
		if chunk > 0 {
			prefill.add(g.AttnPrefill(chunk, cached, h), 1e3*number(t, row["time_stats.attn_prefill.median"]))
		} else if cached > 0 {
			batch := int(number(t, row["batch_size"]))
			decode.add(g.AttnDecode(batch, float64(cached), h), 1e3*number(t, row["time_stats.attn_decode.median"]))
		}
	}
	t.Logf("prefill %.1f %% of %.0f, decode %.1f %% of %.0f", prefill.mape(), prefill.n, decode.mape(), decode.n)
	if prefill.mape() > 5 || decode.mape() > 7.5 {
		t.Errorf("prefill is %.2f %% off, documented 4.3; decode %.2f %%, documented 6.7", prefill.mape(), decode.mape())
	}
}

// Another stack's GEMMs, which nothing was fitted to: 8192 × 8192 in µs, from
// the operator tables of NVIDIA AIConfigurator (Apache-2.0), vLLM 0.14.
func TestGEMMAgainstAnotherStack(t *testing.T) {
	for _, v := range []struct {
		card string
		m    int
		us   float64
	}{
		{"h100", 1, 45.6}, {"h100", 64, 47.4}, {"h100", 1024, 151.3}, {"h100", 4096, 639.7},
		{"a100", 1, 96.9}, {"a100", 1024, 526.6}, {"a100", 4096, 1978},
	} {
		got := newGPU(t, v.card).GEMM(v.m, 8192, 8192)
		t.Logf("%s m=%d: %.1f µs, measured %.1f (%+.0f %%)", v.card, v.m, got, v.us, 100*(got/v.us-1))
		if math.Abs(got/v.us-1) > 0.3 {
			t.Errorf("%s m=%d: %.1f µs, measured %.1f", v.card, v.m, got, v.us)
		}
	}
}

// The 80 layers of Llama-2-70B against the tables that forests made of the
// profiles, without the launch overhead that the original adds.
func TestAnalyticAgainstTables(t *testing.T) {
	table, err := OpenTable(sharedtest.Path(t, "oracle", "tables_ref"), TableOptions{DecodeOverhead: -1, PrefillOverhead: -1, NCCLLaunchMs: -1})
	if err != nil {
		t.Fatal(err)
	}
	spec := vidur.ReplicaSpec{Model: llama70B(), Device: cards()[0], TP: 2, Node: vidur.Node{Name: "a100_pairwise_nvlink", Devices: 4}}
	profiled, computed := predictor(t, table, spec), predictor(t, newAnalytic(t, AnalyticOptions{}), spec)
	compare := func(d *deviation, b *vidur.Batch) {
		want, st := stageTime(t, profiled, b, 0), stageTime(t, computed, b, 0)
		st.Ops[vidur.OpEmbed], st.Ops[vidur.OpLMHead], st.Ops[vidur.OpKVSave] = 0, 0, 0 // not in the tables
		d.add(st.Model(), want.Model())
		t.Logf("%4d tokens, %4d decode at %5d: %7.1f ms, analytic %7.1f (%+.1f %%)", b.NumTokens, b.NumDecodes, b.Slots[0].Cached,
			1e3*want.Model(), 1e3*st.Model(), 100*(st.Model()/want.Model()-1))
	}
	var decode, prefill deviation
	for _, batch := range []int{1, 8, 32, 64, 128} {
		for _, context := range []int{512, 1024, 2048, 4032} {
			b := &vidur.Batch{}
			for range batch {
				b.Add(&vidur.Request{Done: context, Prompt: context - 1}, 1)
			}
			compare(&decode, b)
		}
	}
	for _, chunk := range []int{64, 128, 256, 512, 768, 1024, 1536, 2048, 3072, 4096} {
		compare(&prefill, batchOf([3]int{chunk, 0, chunk}))
	}
	t.Logf("decode %.1f %%, prefill %.1f %%", decode.mape(), prefill.mape())
	if decode.mape() > 7 || prefill.mape() > 5 {
		t.Errorf("decode is %.2f %% off, documented 5.9; prefill %.2f %%, documented 4.0", decode.mape(), prefill.mape())
	}
}
