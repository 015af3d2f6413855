package exectime

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/internal/sharedtest"
)

// openTables opens the operator times behind the reference runs.
func openTables(t testing.TB, name string) *Table {
	t.Helper()
	table, err := OpenTable(sharedtest.Path(t, "oracle", name), TableOptions{Negative: name == "tables_lr"})
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func readAll(t testing.TB, path string) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// readRows reads a CSV file as a map per row.
func readRows(t testing.TB, path string) []map[string]string {
	t.Helper()
	lines, err := csv.NewReader(strings.NewReader(string(readAll(t, path)))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]map[string]string, len(lines)-1)
	for i, line := range lines[1:] {
		rows[i] = make(map[string]string, len(line))
		for j, name := range lines[0] {
			rows[i][name] = line[j]
		}
	}
	return rows
}

func number(t testing.TB, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// stageRun is a batch on a stage in a Chrome trace of the original simulator.
type stageRun struct {
	Dur   float64 `json:"dur"` // µs
	Stage int     `json:"tid"`
	Args  struct {
		Batch    int   `json:"batch_id"`
		Requests []int `json:"request_ids"`
		Tokens   []int `json:"num_tokens"`
	} `json:"args"`
}

// Every batch of the reference runs with operation metrics, formed again from
// the trace, takes as long on every stage and in every operator.
func TestTableIsTheOriginal(t *testing.T) {
	for _, name := range []string{"o_ops24_sarathi_pp1", "o_ops24_vllm_pp1", "o_ops24_vllm_pp2"} {
		t.Run(name, func(t *testing.T) {
			dir := sharedtest.Path(t, "oracle", "cases", name)
			pp := 1 + strings.Count(name, "pp2")
			table := openTables(t, "tables_ref")
			p := predictor(t, table, vidur.ReplicaSpec{Model: llama70B(), TP: 2, PP: pp})
			var trace struct {
				Events []stageRun `json:"traceEvents"`
			}
			if err := json.Unmarshal(readAll(t, dir+"/full/chrome_trace.json.gz"), &trace); err != nil {
				t.Fatal(err)
			}
			batches := replay(t, readRows(t, dir+"/requests.csv.gz"), trace.Events)
			for _, e := range trace.Events {
				st := stageTime(t, p, batches[e.Args.Batch], e.Stage)
				if got, want := st.Total(), e.Dur*1e-6; math.Abs(got-want) > 1e-12 {
					t.Fatalf("batch %d on stage %d takes %v s, in the original %v", e.Args.Batch, e.Stage, got, want)
				}
			}
			compareOps(t, p, batches, pp, readRows(t, dir+"/full/operation_metrics.csv.gz"))
			if table.Clamped() != 0 {
				t.Errorf("%d look-ups beyond the table", table.Clamped())
			}
			t.Logf("%d batches, %d stages", len(batches), len(trace.Events))
		})
	}
}

// replay forms the batches again.
func replay(t *testing.T, rows []map[string]string, events []stageRun) map[int]*vidur.Batch {
	type state struct{ done, prompt int }
	requests := map[int]*state{}
	for _, row := range rows {
		requests[int(number(t, row["request_id"]))] = &state{prompt: int(number(t, row["num_prefill_tokens"]))}
	}
	batches := map[int]*vidur.Batch{}
	for id := 0; ; id++ {
		var e *stageRun
		for i := range events {
			if events[i].Args.Batch == id && events[i].Stage == 0 {
				e = &events[i]
				break
			}
		}
		if e == nil {
			return batches
		}
		b := &vidur.Batch{ID: id}
		for i, r := range e.Args.Requests {
			s := requests[r]
			b.Add(&vidur.Request{ID: r, Done: s.done, Prompt: s.prompt}, e.Args.Tokens[i])
			if s.done += e.Args.Tokens[i]; s.done == s.prompt {
				s.done++
			}
		}
		batches[id] = b
	}
}

// compareOps compares with the original's means per batch and operator.
func compareOps(t *testing.T, p vidur.Predictor, batches map[int]*vidur.Batch, pp int, rows []map[string]string) {
	columns := map[string]vidur.Op{
		"mlp_up_proj": vidur.OpMLPUp, "mlp_activation": vidur.OpMLPAct, "mlp_down_proj": vidur.OpMLPDown,
		"mlp_down_proj_all_reduce": vidur.OpAllReduce, "attn_pre_proj": vidur.OpAttnPreProj,
		"attn_post_proj": vidur.OpAttnPostProj, "attn_prefill": vidur.OpAttnPrefill, "attn_decode": vidur.OpAttnDecode,
		"attn_kv_cache_save": vidur.OpKVSave, "attn_rope": vidur.OpAttnRope, "input_layernorm": vidur.OpInputNorm,
		"post_attention_layernorm": vidur.OpPostNorm, "add": vidur.OpAdd, "pipeline_send_recv": vidur.OpSendRecv,
	}
	for _, row := range rows {
		id := int(number(t, row["Batch Id"]))
		st := stageTime(t, p, batches[id], 0)
		for name, op := range columns {
			want := 0.0
			if row[name] != "" {
				want = number(t, row[name])
			}
			switch op {
			case vidur.OpAdd:
				want /= 2 // it reports twice what it counts
			case vidur.OpSendRecv:
				want *= float64(pp) // its mean is over the stages, and the last does not send
				if pp > 1 {
					want /= float64(pp - 1)
				}
			}
			if math.Abs(st.Ops[op]-want) > 1e-12 {
				t.Fatalf("batch %d: %s takes %v ms, in the original %v", id, name, st.Ops[op], want)
			}
		}
	}
}

// A batch beyond the tables takes as long as in the original when its look-ups
// are answered with the last rows: the first batch of two runs.
func TestTableClampsAsTheReference(t *testing.T) {
	for _, name := range []string{"a_fixed_orca_pp1", "a_fixed_faster_transformer_pp1"} {
		row := readRows(t, sharedtest.Path(t, "oracle", "cases", name, "batches.csv.gz"))[0]
		table := openTables(t, "tables_ref")
		p := predictor(t, table, vidur.ReplicaSpec{Model: llama70B(), TP: 2})
		b := &vidur.Batch{}
		for range int(number(t, row["size"])) {
			b.Add(&vidur.Request{Prompt: 512}, 512)
		}
		want := number(t, row["completed_at"]) - number(t, row["scheduled_at"])
		if st := stageTime(t, p, b, 0); b.NumTokens <= 4096 || st.Total() != want || table.Clamped() != 10 {
			t.Errorf("%s: %d tokens take %v s, in the original %v; %d look-ups beyond the table", name, b.NumTokens, st.Total(), want, table.Clamped())
		}
	}
}

func TestTablesOfOtherPredictors(t *testing.T) {
	for _, name := range []string{"tables_lr", "tables_fullgrid"} {
		table := openTables(t, name)
		if table.ops != 4096 || table.decode.outer.n != 128 || table.decode.inner.n != 65 || table.prefill.inner.n != 4096 {
			t.Errorf("%s: %d tokens, %d × %d decodes, chunks to %d", name, table.ops, table.decode.outer.n, table.decode.inner.n, table.prefill.inner.n)
		}
	}
}
