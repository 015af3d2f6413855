package exectime

import (
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
)

// llama70B is Llama-2-70B, which the reference tables are of.
func llama70B() vidur.Model {
	return vidur.Model{Name: "llama-2-70b", Layers: 80, Hidden: 8192, QHeads: 64, KVHeads: 8, FFN: 28672, Vocab: 32768, Gated: true}
}

// batchOf makes a batch: each part is the tokens of a request and those it has
// in the cache; a prompt part belongs to a prompt of that length, 0 for a
// decode.
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

const opsHeader = "num_tokens,attn_pre_proj,attn_post_proj,mlp_up_proj,mlp_down_proj,mlp_act,attn_rope,attn_kv_cache_save," +
	"input_layernorm,post_attention_layernorm,add,send_recv,all_reduce\n"

// smallTable writes a table of 16 tokens, 2 requests, 128 cached tokens and
// chunks of 2. Operator i takes i ms and a hundredth of the number of tokens.
func smallTable(t testing.TB) string {
	dir := t.TempDir()
	var ops strings.Builder
	ops.WriteString(opsHeader)
	for n := 1; n <= 16; n++ {
		ops.WriteString(itoa(n))
		for i := range 12 {
			ops.WriteString("," + itoa(i) + "." + itoa(100 + n)[1:])
		}
		ops.WriteString("\n")
	}
	write(t, dir, "ops_by_num_tokens_ms.csv", ops.String())
	write(t, dir, "all_reduce_over_4096_ms.csv", "num_tokens,all_reduce\n24,20\n32,30\n")
	write(t, dir, "attn_decode_ms.csv", "batch_size,kv_cache_size,attn_decode\n1,0,1\n1,64,2\n1,128,3\n2,0,4\n2,64,5\n2,128,6\n")
	write(t, dir, "attn_prefill_ms.csv", "kv_cache_size,prefill_chunk_size,attn_prefill\n0,1,1\n0,2,2\n64,1,3\n64,2,4\n")
	return dir
}

func itoa(n int) string {
	if n >= 10 {
		return itoa(n/10) + itoa(n%10)
	}
	return string(rune('0' + n))
}

func write(t testing.TB, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func predictor(t testing.TB, p interface {
	Predictor(vidur.ReplicaSpec) (vidur.Predictor, error)
}, spec vidur.ReplicaSpec) vidur.Predictor {
	t.Helper()
	pred, err := p.Predictor(spec)
	if err != nil {
		t.Fatal(err)
	}
	return pred
}

func stageTime(t testing.TB, p vidur.Predictor, b *vidur.Batch, stage int) vidur.StageTime {
	t.Helper()
	st, err := p.StageTime(b, stage)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func TestTableLooksUp(t *testing.T) {
	table, err := OpenTable(smallTable(t), TableOptions{NCCLSkewMs: 1})
	if err != nil {
		t.Fatal(err)
	}
	mha := llama70B()
	mha.KVHeads = 64
	parallel := llama70B()
	parallel.NoPostNorm = true
	spec := func(m vidur.Model, tp, pp int) vidur.ReplicaSpec { return vidur.ReplicaSpec{Model: m, TP: tp, PP: pp} }
	for _, v := range []struct {
		name    string
		spec    vidur.ReplicaSpec
		batch   *vidur.Batch
		stage   int
		want    map[vidur.Op]float64
		clamped int64
	}{
		{"tokens are rounded up to 8, but not for the KV cache", spec(llama70B(), 1, 1), batchOf([3]int{1, 10}), 0,
			map[vidur.Op]float64{vidur.OpAttnPreProj: 0.08, vidur.OpKVSave: 6.01, vidur.OpAdd: 9.08, vidur.OpPostNorm: 8.08,
				vidur.OpAllReduce: 0, vidur.OpSendRecv: 0, vidur.OpAttnDecode: 2, vidur.OpAttnPrefill: 0}, 0},
		{"all-reduce has launch and skew", spec(llama70B(), 2, 1), batchOf([3]int{1, 10}), 0,
			map[vidur.Op]float64{vidur.OpAllReduce: 11.08 + 0.02 + 2.378414230005442}, 0},
		{"a stage that is not the last sends", spec(llama70B(), 1, 2), batchOf([3]int{1, 10}), 0,
			map[vidur.Op]float64{vidur.OpSendRecv: 10.08}, 0},
		{"the last does not", spec(llama70B(), 1, 2), batchOf([3]int{1, 10}), 1,
			map[vidur.Op]float64{vidur.OpSendRecv: 0}, 0},
		{"decodes are at their mean", spec(llama70B(), 1, 1), batchOf([3]int{1, 64}, [3]int{1, 65}), 0,
			map[vidur.Op]float64{vidur.OpAttnDecode: 5 * 1.1}, 0},
		{"several decodes without GQA", spec(mha, 1, 1), batchOf([3]int{1, 64}, [3]int{1, 66}), 0,
			map[vidur.Op]float64{vidur.OpAttnDecode: 6}, 0},
		{"one chunk", spec(llama70B(), 1, 1), batchOf([3]int{2, 1, 9}), 0,
			map[vidur.Op]float64{vidur.OpAttnPrefill: 4, vidur.OpAttnDecode: 0}, 0},
		{"two chunks are the root of their squares", spec(llama70B(), 1, 1), batchOf([3]int{1, 0, 9}, [3]int{1, 0, 9}), 0,
			map[vidur.Op]float64{vidur.OpAttnPrefill: 1.1}, 0},
		{"both", spec(llama70B(), 1, 1), batchOf([3]int{2, 0, 9}, [3]int{1, 1}), 0,
			map[vidur.Op]float64{vidur.OpAttnPrefill: 2, vidur.OpAttnDecode: 2, vidur.OpAdd: 9.08, vidur.OpKVSave: 6.03}, 0},
		{"no norm after attention", spec(parallel, 1, 1), batchOf([3]int{1, 10}), 0,
			map[vidur.Op]float64{vidur.OpPostNorm: 0}, 0},
		{"beyond the chunks and the cached tokens", spec(llama70B(), 1, 1), batchOf([3]int{3, 65, 99}), 0,
			map[vidur.Op]float64{vidur.OpAttnPrefill: 4}, 2},
		{"beyond the decodes", spec(llama70B(), 1, 1), batchOf([3]int{1, 300}, [3]int{1, 300}, [3]int{1, 300}), 0,
			map[vidur.Op]float64{vidur.OpAttnDecode: 6.6000000000000005}, 2},
		{"beyond the operators, not the all-reduce", spec(llama70B(), 2, 2), batchOf([3]int{25, 0, 99}), 0,
			map[vidur.Op]float64{vidur.OpAdd: 9.16, vidur.OpKVSave: 6.16, vidur.OpSendRecv: 10.16, vidur.OpAllReduce: 30 + 0.02 + 2.378414230005442}, 1 + 9 + 1 + 1},
		{"beyond everything", spec(llama70B(), 2, 1), batchOf([3]int{99, 0, 99}), 0,
			map[vidur.Op]float64{vidur.OpAdd: 9.16, vidur.OpAllReduce: 30 + 0.02 + 2.378414230005442}, 1 + 9 + 1 + 1},
		{"nothing", spec(llama70B(), 1, 1), batchOf(), 0, map[vidur.Op]float64{vidur.OpAdd: 0}, 0},
	} {
		before := table.Clamped()
		got := stageTime(t, predictor(t, table, v.spec), v.batch, v.stage)
		for op, ms := range v.want {
			if got.Ops[op] != ms {
				t.Errorf("%s: %s takes %v ms, want %v", v.name, op, got.Ops[op], ms)
			}
		}
		if n := table.Clamped() - before; n != v.clamped {
			t.Errorf("%s: %d look-ups beyond the table, want %d", v.name, n, v.clamped)
		}
		if want := 80 / max(v.spec.PP, 1); got.Layers != want {
			t.Errorf("%s: %d layers, want %d", v.name, got.Layers, want)
		}
	}
}

func TestTableWithoutOverheads(t *testing.T) {
	table, err := OpenTable(smallTable(t), TableOptions{DecodeOverhead: -1, PrefillOverhead: -1, NCCLLaunchMs: -1})
	if err != nil {
		t.Fatal(err)
	}
	st := stageTime(t, predictor(t, table, vidur.ReplicaSpec{Model: llama70B(), TP: 2}), batchOf([3]int{1, 64}, [3]int{1, 64}), 0)
	if st.Ops[vidur.OpAttnDecode] != 5 || st.Ops[vidur.OpAllReduce] != 11.08 {
		t.Errorf("decode %v ms, all-reduce %v ms", st.Ops[vidur.OpAttnDecode], st.Ops[vidur.OpAllReduce])
	}
}

func TestTableReadsGzip(t *testing.T) {
	dir := smallTable(t)
	path := filepath.Join(dir, "attn_decode_ms.csv")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	var zipped strings.Builder
	z := gzip.NewWriter(&zipped)
	if _, err := z.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "attn_decode_ms.csv.gz", zipped.String())
	if _, err := OpenTable(dir, TableOptions{}); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "attn_decode_ms.csv.gz", zipped.String()[:20])
	if _, err := OpenTable(dir, TableOptions{}); err == nil {
		t.Error("a gzip file cut short was accepted")
	}
}

func TestTableErrors(t *testing.T) {
	for _, v := range []struct{ name, file, text, want string }{
		{"missing column", "attn_decode_ms.csv", "batch_size,attn_decode\n1,1\n", `attn_decode_ms.csv:1: column "kv_cache_size": missing`},
		{"bad number", "attn_decode_ms.csv", "batch_size,kv_cache_size,attn_decode\n1,0,fast\n", `attn_decode_ms.csv:2: column "attn_decode": "fast" is not a number`},
		{"NaN", "attn_decode_ms.csv", "batch_size,kv_cache_size,attn_decode\n1,0,NaN\n", `attn_decode_ms.csv:2: column "attn_decode": NaN is not finite`},
		{"negative", "attn_decode_ms.csv", "batch_size,kv_cache_size,attn_decode\n1,0,1\n1,64,-1\n", `attn_decode_ms.csv:3: column "attn_decode": -1 is negative`},
		{"gap", "attn_decode_ms.csv", "batch_size,kv_cache_size,attn_decode\n1,0,1\n1,64,1\n1,192,1\n", `attn_decode_ms.csv:4: column "kv_cache_size": 192 where 128 is due`},
		{"batch gap", "attn_decode_ms.csv", "batch_size,kv_cache_size,attn_decode\n1,0,1\n3,0,1\n", `attn_decode_ms.csv:3: column "batch_size": 3 where 2 is due`},
		{"ragged", "attn_decode_ms.csv", "batch_size,kv_cache_size,attn_decode\n1,0,1\n1,64,1\n2,0,1\n", `attn_decode_ms.csv:4: column "kv_cache_size": the last batch_size lacks rows: 1 instead of 2`},
		{"short line", "attn_decode_ms.csv", "batch_size,kv_cache_size,attn_decode\n1,0\n", `attn_decode_ms.csv:2: column "attn_decode": missing, the line is too short`},
		{"blank line", "attn_decode_ms.csv", "batch_size,kv_cache_size,attn_decode\n\n1,0,1\n", `attn_decode_ms.csv:2: column "batch_size": "" is not a number`},
		{"twice", "attn_decode_ms.csv", "batch_size,batch_size,kv_cache_size,attn_decode\n1,1,0,1\n", `attn_decode_ms.csv:1: column "batch_size": given twice`},
		{"empty", "attn_decode_ms.csv", "", "attn_decode_ms.csv:1: empty file"},
		{"no rows", "attn_prefill_ms.csv", "kv_cache_size,prefill_chunk_size,attn_prefill\n", "attn_prefill_ms.csv:1: no rows"},
		{"chunks from 0", "attn_prefill_ms.csv", "kv_cache_size,prefill_chunk_size,attn_prefill\n0,0,1\n", `attn_prefill_ms.csv:2: column "prefill_chunk_size": 0 where 1 is due`},
		{"tokens", "ops_by_num_tokens_ms.csv", opsHeader + "2,1,1,1,1,1,1,1,1,1,1,1,1\n", `ops_by_num_tokens_ms.csv:2: column "num_tokens": 2 where 1 is due`},
		{"all-reduce", "all_reduce_over_4096_ms.csv", "num_tokens,all_reduce\n32,1\n", `all_reduce_over_4096_ms.csv:2: column "num_tokens": 32 where 24 is due`},
	} {
		dir := smallTable(t)
		write(t, dir, v.file, v.text)
		_, err := OpenTable(dir, TableOptions{})
		if err == nil || !strings.Contains(err.Error(), v.want) {
			t.Errorf("%s: error %v, want %s", v.name, err, v.want)
		}
	}
	dir := smallTable(t)
	if err := os.Remove(filepath.Join(dir, "attn_prefill_ms.csv")); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenTable(dir, TableOptions{}); err == nil || !strings.Contains(err.Error(), "attn_prefill_ms.csv: no such file, nor attn_prefill_ms.csv.gz") {
		t.Errorf("missing file: %v", err)
	}
}

func TestTableThatLacksOperators(t *testing.T) {
	dir := smallTable(t)
	header := strings.TrimSuffix(opsHeader, ",post_attention_layernorm,add,send_recv,all_reduce\n") + ",add\n"
	write(t, dir, "ops_by_num_tokens_ms.csv", header+"1,1,1,1,1,1,1,1,1,1\n")
	table, err := OpenTable(dir, TableOptions{})
	if err != nil {
		t.Fatal(err)
	}
	m := llama70B()
	parallel := llama70B()
	parallel.NoPostNorm = true
	for _, v := range []struct {
		spec vidur.ReplicaSpec
		want string
	}{
		{vidur.ReplicaSpec{Model: parallel}, ""},
		{vidur.ReplicaSpec{Model: m}, `no column "post_attention_layernorm", which llama-2-70b needs`},
		{vidur.ReplicaSpec{Model: parallel, TP: 2}, `no column "all_reduce", which TP 2 needs`},
		{vidur.ReplicaSpec{Model: parallel, PP: 2}, `no column "send_recv", which PP 2 needs`},
		{vidur.ReplicaSpec{Model: parallel, PP: 3}, "80 layers, which PP 3 does not divide"},
		{vidur.ReplicaSpec{}, "layers 0 must be positive"},
		{vidur.ReplicaSpec{Model: m, TP: -1}, "must not be negative"},
	} {
		_, err := table.Predictor(v.spec)
		if v.want == "" && err != nil || v.want != "" && (err == nil || !strings.Contains(err.Error(), v.want)) {
			t.Errorf("TP %d PP %d: %v, want %q", v.spec.TP, v.spec.PP, err, v.want)
		}
	}
}

func FuzzReadGrid(f *testing.F) {
	f.Add("batch_size,kv_cache_size,attn_decode\n1,0,1\n1,64,2\n2,0,3\n2,64,4\n")
	f.Add("batch_size,kv_cache_size,attn_decode\n1,0,1\n1,1e300,2\n")
	f.Add("kv_cache_size,attn_decode,batch_size\r\n0,1,1\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		g, err := readGrid(strings.NewReader(text), "f", axis{from: 1, step: 1}, axis{}, [3]column{{name: "batch_size"}, {name: "kv_cache_size"}, {name: "attn_decode"}})
		if err != nil {
			if !strings.HasPrefix(err.Error(), "f:") {
				t.Errorf("the error does not say where: %v", err)
			}
			return
		}
		if len(g.values) != g.outer.n*g.inner.n || len(g.values) == 0 || g.inner.step <= 0 || g.outer.step <= 0 {
			t.Errorf("%d values of %d × %d", len(g.values), g.outer.n, g.inner.n)
		}
		var clamped int64
		for _, v := range []int{0, 1, 1 << 40} {
			if i := g.outer.index(v, &clamped)*g.inner.n + g.inner.index(v, &clamped); i < 0 || i >= len(g.values) {
				t.Errorf("index %d of %d", i, len(g.values))
			}
		}
	})
}

func FuzzReadOps(f *testing.F) {
	f.Add(opsHeader + "1,1,1,1,1,1,1,1,1,1,1,1,1\n2,1,1,1,1,1,1,1,1,1,1,1,1\n")
	f.Fuzz(func(t *testing.T, text string) {
		table := &Table{}
		if err := table.readOps(strings.NewReader(text), "f"); err != nil {
			if !strings.HasPrefix(err.Error(), "f:") {
				t.Errorf("the error does not say where: %v", err)
			}
			return
		}
		if len(table.kvSave) != table.ops+1 || (len(table.rows)-1)*RoundTokens < table.ops {
			t.Errorf("%d rows and %d of the KV cache for %d tokens", len(table.rows), len(table.kvSave), table.ops)
		}
	})
}
