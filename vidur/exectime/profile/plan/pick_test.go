package plan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/internal/sharedtest"
)

var small = Options{TP: []int{1, 2}, MaxTokens: 512, MaxBatch: 16}

// TestBudgetLaws: no more than the budget, corners first, and all of a smaller
// budget's points in its order.
func TestBudgetLaws(t *testing.T) {
	spec := replica(t, "llama-3-8b", "h100")
	whole := planOf(t, spec, small)
	inGrid := map[string]Point{}
	for _, p := range whole.Points {
		p.Like = ""
		inGrid[p.ID] = p
	}
	corners := cornersOf(whole)
	var before []string
	for _, budget := range []float64{0.1, 1, 5, 6, 10, 20, 40, whole.Seconds() - 0.5, whole.Seconds() + 1} {
		o := small
		o.Budget = budget
		p := planOf(t, spec, o)
		if err := p.check(); err != nil {
			t.Fatal(err)
		}
		ids := make([]string, len(p.Points))
		for i, pt := range p.Points {
			ids[i], pt.Like = pt.ID, ""
			if inGrid[pt.ID] != pt {
				t.Errorf("%s is not in the grid", pt.ID)
			}
		}
		if !slices.Equal(ids[:len(corners)], corners) {
			t.Errorf("budget %v begins with %v, not %v", budget, ids[:len(corners)], corners)
		}
		over := len(p.Notes) == 1 && strings.Contains(p.Notes[0], "corners")
		if (p.Seconds() > budget) != over || over && len(ids) != len(corners) {
			t.Errorf("budget %v: %v s, %v", budget, p.Seconds(), p.Notes)
		}
		if len(ids) < len(before) || !slices.Equal(ids[:len(before)], before) {
			t.Errorf("budget %v does not begin as the one before", budget)
		}
		before = ids
	}
	if len(before) != len(whole.Points) {
		t.Errorf("a budget for all gives %d points of %d", len(before), len(whole.Points))
	}
}

// cornersOf are the IDs of the corners of a plan of whole grids, by brute force:
// each grid's extremes in the directions.
func cornersOf(p *Plan) []string {
	var keys []string
	grids := map[string]*grid{}
	for _, pt := range p.Points {
		key := fmt.Sprint(pt.Kind, pt.TP, pt.Workers, pt.PerNode)
		if grids[key] == nil {
			grids[key] = &grid{}
			keys = append(keys, key)
		}
		grids[key].points = append(grids[key].points, pt)
	}
	var ids []string
	for _, key := range keys {
		for _, i := range grids[key].corners() {
			ids = append(ids, grids[key].points[i].ID)
		}
	}
	return ids
}

// TestGreedyTwin: the picks are those of looking at every point every time.
func TestGreedyTwin(t *testing.T) {
	spec := replica(t, "llama-3-8b", "h100")
	o := Options{TP: []int{1}, Kinds: []Kind{Token, Decode, CPU}, MaxTokens: 256, MaxBatch: 12, Budget: 1e6}
	p := planOf(t, spec, o)
	m, err := newMaker(spec, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.shard(1); err != nil {
		t.Fatal(err)
	}
	if err := m.know(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := naivePicks(m.grids, len(p.Points))
	for i := range want {
		if p.Points[i].ID != want[i] {
			t.Fatalf("pick %d of %d is %s, not %s", i, len(want), p.Points[i].ID, want[i])
		}
	}
}

// naivePicks are so many picks, by their IDs.
func naivePicks(grids []*grid, n int) (ids []string) {
	measured, rest := make([][]place, len(grids)), make([][]Point, len(grids))
	take := func(g, i int) {
		ids = append(ids, rest[g][i].ID)
		measured[g] = append(measured[g], at(&rest[g][i]))
		rest[g] = slices.Delete(rest[g], i, i+1)
	}
	for gi, g := range grids {
		rest[gi] = slices.Clone(g.points)
		for taken, c := range g.corners() {
			take(gi, c-taken)
		}
	}
	for len(ids) < n {
		best, bg, bi := float32(-1), 0, 0
		for gi, g := range grids {
			for i := range rest[gi] {
				if gain := naiveGain(g, measured[gi], &rest[gi][i]); gain > best {
					best, bg, bi = gain, gi, i
				}
			}
		}
		take(bg, bi)
	}
	return ids
}

// naiveGain is how much less is uncertain with p, per second, by the definition.
func naiveGain(g *grid, measured []place, p *Point) float32 {
	doubt := func(measured []place) float64 {
		sum := 0.0
		for i := range g.points {
			d := 1.0
			for _, m := range measured {
				d = min(d, math.Abs(m.x-at(&g.points[i]).x)+math.Abs(m.y-at(&g.points[i]).y))
			}
			sum += math.Sqrt(d)
		}
		return sum / float64(len(g.points))
	}
	return float32(g.weight * (doubt(measured) - doubt(append(slices.Clip(measured), at(p)))) / p.Seconds)
}

// TestKnown: what profiles have costs nothing, is not planned again, and moves the
// budget to where they have nothing.
func TestKnown(t *testing.T) {
	spec := replica(t, "llama-2-7b", "a40")
	o := Options{TP: []int{1}, Kinds: []Kind{Token}, MaxTokens: 512, Data: t.TempDir()}
	var csv strings.Builder
	csv.WriteString("time_stats.mlp_up_proj.median,time_stats.attn_pre_proj.median,time_stats.attn_post_proj.median,time_stats.attn_rope.median,time_stats.mlp_down_proj.median,time_stats.mlp_act.median," +
		"n_head,n_kv_head,n_embd,n_expanded_embd,vocab_size,use_gated_mlp,num_tokens,num_tensor_parallel_workers\n")
	known := map[int]bool{}
	for n := 8; n <= 128; n += 8 {
		known[n] = true
		ms := 0.05 + 0.002*float64(n)
		fmt.Fprintf(&csv, "%[1]g,%[1]g,%[1]g,%[1]g,%[1]g,%[1]g,32,32,4096,11008,32768,True,%d,1\n", ms, n)
	}
	path := filepath.Join(o.Data, "profiling/compute/a40/meta-llama/Llama-2-7b-hf/mlp.csv")
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(csv.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	fresh, informed := o, o
	fresh.Data = ""
	all := planOf(t, spec, fresh)
	left := planOf(t, spec, informed)
	if left.Known != 16 || len(left.Points) != len(all.Points)-16 || strings.Contains(fmt.Sprint(left.Notes), "nothing in") {
		t.Errorf("%d known, %d of %d left, %v", left.Known, len(left.Points), len(all.Points), left.Notes)
	}
	informed.Budget = 3
	early := planOf(t, spec, informed)
	for i := range early.Points {
		if n := early.Points[i].Tokens; known[n] || n > 8 && n < 128 {
			t.Errorf("%d tokens are measured again, or between known ones", n)
		}
	}
	o.Data, o.Kinds = t.TempDir(), Kinds()
	if p := planOf(t, spec, o); !strings.Contains(fmt.Sprint(p.Notes), "nothing in") {
		t.Error(p.Notes)
	}
}

// TestKnownProfiles: on the original's own profiles nothing of mlp.csv is left to
// measure, and most of the all-reduces near the points are known.
func TestKnownProfiles(t *testing.T) {
	spec := replica(t, "llama-2-70b", "a100")
	o := Options{TP: []int{2}, Data: sharedtest.Path(t, "vidur-data"), Budget: 20}
	p := planOf(t, spec, o)
	for _, total := range p.Totals() {
		if total.Kind == Token {
			t.Errorf("%d token points are planned again", total.Points)
		}
	}
	if p.Known < 259+6000 {
		t.Errorf("%d points are known", p.Known)
	}
}

// TestPlanJSON: keys are in lower snake case, and sizes that do not count are left out.
func TestPlanJSON(t *testing.T) {
	p := planOf(t, replica(t, "llama-2-7b", "a100"), Options{TP: []int{2}, MaxTokens: 64, MaxBatch: 4})
	var got struct{ Points []map[string]any }
	if err := json.Unmarshal(text(t, p), &got); err != nil {
		t.Fatal(err)
	}
	keys := map[string]string{}
	for _, pt := range got.Points {
		var names []string
		for k := range pt {
			if k != "id" && k != "kind" && k != "seconds" && k != "memory" && k != "cached" {
				names = append(names, k)
			}
		}
		slices.Sort(names)
		keys[pt["kind"].(string)] = strings.Join(names, " ")
	}
	want := map[string]string{
		"token": "tokens tp", "prefill": "batch chunk tp", "decode": "batch tp", "cpu": "batch tp",
		"all_reduce": "bytes per_node workers", "all_gather": "bytes per_node workers", "send_recv": "bytes per_node workers",
	}
	for kind, w := range want {
		if keys[kind] != w {
			t.Errorf("%s has %q, not %q", kind, keys[kind], w)
		}
	}
}

// TestSummary: a line per kind and the sum, what was left out, and the notes.
func TestSummary(t *testing.T) {
	spec := replica(t, "llama-2-7b", "a100")
	spec.Device.MemoryGB = 16
	p := planOf(t, spec, Options{TP: []int{1, 2, 3}, MaxBatch: 256, Budget: 1})
	var b bytes.Buffer
	if err := p.Summary(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"token", "send_recv", "all  ", "GiB", "left out", "TP 3", "note  the budget is 1s"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	b.Reset()
	if err := planOf(t, replica(t, "llama-3-8b", "h200"), Options{}).Summary(&b); err != nil || !strings.Contains(b.String(), "\n--budget 2m0s, a tenth") || !strings.Contains(b.String(), "as many GPUs") {
		t.Errorf("%v\n%s", err, b.String())
	}
}

// TestDistance: places of a size are a metric, and a twice as large one is an octave
// away.
func TestDistance(t *testing.T) {
	a := at(&Point{Kind: Decode, Batch: 4, Cached: 64})
	b := at(&Point{Kind: Decode, Batch: 8, Cached: 64})
	c := at(&Point{Kind: Decode, Batch: 8, Cached: 192})
	if a.apart(b) != 1 || b.apart(c) != 1 || a.apart(c) != 2 || a.apart(a) != 0 || c.apart(a) != a.apart(c) {
		t.Error(a, b, c)
	}
	for op := range vidur.NumOps {
		if k := kindOf(vidur.Op(op)); k != "" {
			if got, err := KindOf(vidur.Op(op).String()); got != k || err != nil {
				t.Error(vidur.Op(op), got, err)
			}
		}
	}
	if _, err := KindOf("other"); err == nil {
		t.Error("other is not measured")
	}
}
