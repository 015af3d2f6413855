package trained

import (
	"math"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime/profile"
)

// sweep asks an operator at growing sizes.
type sweep struct {
	name string
	op   vidur.Op
	edge int // the last profiled size
	at   func(i int) (x, y int)
}

func sweeps() []sweep {
	list := []sweep{
		{"requests", vidur.OpAttnDecode, 16, func(i int) (int, int) { return i, 384 }},
		{"cached tokens of decodes", vidur.OpAttnDecode, 512, func(i int) (int, int) { return 7, i }},
		{"both", vidur.OpAttnDecode, 16, func(i int) (int, int) { return i, 32 * i }},
		{"cached tokens of prefills", vidur.OpAttnPrefill, 384, func(i int) (int, int) { return 128, i }},
		{"chunk", vidur.OpAttnPrefill, 512, func(i int) (int, int) { return i, 0 }},
		{"chunk with cached tokens", vidur.OpAttnPrefill, 512, func(i int) (int, int) { return i, 1000 }},
	}
	for _, op := range layerOps {
		list = append(list, sweep{op.String(), op, 512, func(i int) (int, int) { return i, 0 }})
	}
	return list
}

// Beyond the profile times go on without a jump, grow, and keep above the
// datasheet's bound.
func TestBeyondTheProfile(t *testing.T) {
	tr := train(t, synthetic(), a100Pair(2, 2), small())
	for _, s := range sweeps() {
		o := &tr.ops[s.op]
		x, y := s.at(s.edge)
		before, _ := o.at(x, y)
		x, y = s.at(s.edge + 1)
		if after, beyond := o.at(x, y); !beyond || after < before || s.op != vidur.OpAttnDecode && s.op != vidur.OpAttnPrefill && after > 1.3*before {
			t.Errorf("%s: %v ms at %d and %v (beyond: %v) one further", s.name, before, s.edge, after, beyond)
		}
		for i := s.edge + 1; i < 40*s.edge; i += 1 + i/9 {
			x, y := s.at(i)
			ms, beyond := o.at(x, y)
			if !beyond || ms < before || math.IsNaN(ms) || ms < o.ref.bound(s.op, x, y)*(1-1e-12) {
				t.Fatalf("%s: %v ms at %d, before it %v, the datasheet's bound %v", s.name, ms, i, before, o.ref.bound(s.op, x, y))
			}
			before = ms
		}
		x, y = s.at(s.edge)
		end, _ := o.at(x, y)
		x, y = s.at(40 * s.edge)
		far, _ := o.at(x, y)
		ex, ey := s.at(s.edge)
		ratio := o.ref.at(s.op, x, y) / o.ref.at(s.op, ex, ey)
		if !near(far/end, ratio, 1e-9) && far != o.ref.bound(s.op, x, y) {
			t.Errorf("%s: 40 times the size takes %v as long, by the analytic model %v", s.name, far/end, ratio)
		}
	}
}

// from leaves the rows out in which a feature is below a least size.
func from(s *profile.Samples, least ...float64) *profile.Samples {
	out := &profile.Samples{Op: s.Op, Features: s.Features, X: make([][]float64, len(s.X)), File: s.File}
rows:
	for i, y := range s.Y {
		for j := range s.X {
			if s.X[j][i] < least[j] {
				continue rows
			}
		}
		for j := range s.X {
			out.X[j] = append(out.X[j], s.X[j][i])
		}
		out.Y = append(out.Y, y)
	}
	return out
}

// Before the smallest profiled size times shrink as the analytic model does: no jump,
// never below the datasheet's bound, and a look-up there is counted and said.
func TestBeforeTheProfile(t *testing.T) {
	set := synthetic()
	for op, s := range set.Ops {
		switch {
		case s == nil:
		case vidur.Op(op) == vidur.OpAttnDecode:
			set.Ops[op] = from(s, 4, 256)
		case vidur.Op(op) == vidur.OpAttnPrefill:
			set.Ops[op] = from(s, 0, 192*192)
		case vidur.Op(op) < vidur.OpSchedule:
			set.Ops[op] = from(s, 128)
		default:
			set.Ops[op] = from(s, 8)
		}
	}
	tr := train(t, set, a100Pair(2, 2), small())
	list := []sweep{
		{"requests", vidur.OpAttnDecode, 4, func(i int) (int, int) { return i, 384 }},
		{"cached tokens of decodes", vidur.OpAttnDecode, 256, func(i int) (int, int) { return 7, i }},
		{"chunk", vidur.OpAttnPrefill, 192, func(i int) (int, int) { return i, 128 }},
	}
	for _, op := range layerOps {
		list = append(list, sweep{op.String(), op, 128, func(i int) (int, int) { return i, 0 }})
	}
	for _, s := range list {
		o := &tr.ops[s.op]
		ex, ey := s.at(s.edge)
		edge, beyond := o.at(ex, ey)
		if beyond {
			t.Errorf("%s: the smallest profiled size lies before the profile", s.name)
		}
		before := edge
		for i := s.edge - 1; i > 0; i -= 1 + i/9 {
			x, y := s.at(i)
			ms, beyond := o.at(x, y)
			want := max(edge*o.ref.at(s.op, x, y)/o.ref.at(s.op, ex, ey), o.ref.bound(s.op, x, y)*min(1, edge/o.ref.bound(s.op, ex, ey)))
			if !beyond || !(ms > 0) || ms > before*(1+1e-12) || !near(ms, want, 1e-12) {
				t.Errorf("%s: %v ms at %d (beyond: %v), one further %v, due %v", s.name, ms, i, beyond, before, want)
			}
			before = ms
		}
	}
	for _, op := range []vidur.Op{vidur.OpSchedule, vidur.OpComm} {
		if ms, beyond := tr.ops[op].at(1, 0); !beyond || !near(ms, cpuMs(op, 1), 0.03) {
			t.Errorf("%v of one request: %v ms (beyond: %v), by its line %v", op, ms, beyond, cpuMs(op, 1))
		}
	}
	stageTime(t, tr.Predictor(), decodes(2, 384), 0)
	if notes := strings.Join(tr.Notes(), "\n"); tr.Beyond() < 2 || !strings.Contains(notes, "look-ups beyond the profiled sizes: ") {
		t.Errorf("%d look-ups beyond the profile; notes %q", tr.Beyond(), notes)
	}
}

// Over the edge times step as the analytic model does: by a tile of a GEMM, say,
// and by nothing else.
func TestContinuousAtTheEdge(t *testing.T) {
	tr := train(t, synthetic(), a100Pair(2, 2), small())
	for _, s := range sweeps() {
		o := &tr.ops[s.op]
		x, y := s.at(s.edge)
		px, py := o.edge.project(float64(x), float64(y))
		if px != float64(x) || py != float64(y) && o.edge.ys != nil {
			continue // starts beyond
		}
		at, _ := o.at(x, y)
		nx, ny := s.at(s.edge + 1)
		next, _ := o.at(nx, ny)
		step := o.ref.at(s.op, nx, ny) / o.ref.at(s.op, x, y)
		if !near(next/at, step, 1e-9) {
			t.Errorf("%s: the time grows by %v over the edge, the analytic one by %v", s.name, next/at, step)
		}
	}
}

// A profile that beats the datasheet is continued as far below the bound as it
// is, without a jump.
func TestProfileBelowTheBound(t *testing.T) {
	set := synthetic(vidur.OpMLPUp)
	for i := range set.Ops[vidur.OpMLPUp].Y {
		set.Ops[vidur.OpMLPUp].Y[i] = 1e-3
	}
	o := &train(t, set, a100Pair(2, 1), small()).ops[vidur.OpMLPUp]
	edge, _ := o.at(512, 0)
	next, _ := o.at(513, 0)
	far, _ := o.at(51200, 0)
	if !near(edge, 1e-3, 1e-9) || !(next >= edge) || next > 1.3*edge || far < 50*edge {
		t.Errorf("%v ms at the edge, then %v, and %v at 100 times the size", edge, next, far)
	}
}

func TestClampStandsStill(t *testing.T) {
	options := small()
	options.Clamp = true
	tr := train(t, synthetic(), a100Pair(2, 2), options)
	a, b := stageTime(t, tr.Predictor(), batchOf([3]int{512, 0, 512}), 0), stageTime(t, tr.Predictor(), batchOf([3]int{5120, 0, 5120}), 0)
	for _, op := range append([]vidur.Op{vidur.OpAttnPrefill}, layerOps...) {
		if a.Ops[op] != b.Ops[op] {
			t.Errorf("%v takes %v ms and %v with ten times the tokens", op, a.Ops[op], b.Ops[op])
		}
	}
	if tr.Beyond() != 12 {
		t.Errorf("%d look-ups beyond the profile", tr.Beyond())
	}
	if notes := strings.Join(tr.Notes(), "\n"); !strings.Contains(notes, "look-ups beyond the profiled sizes: 12; the estimators answer there, and times of forests stand still") {
		t.Errorf("notes: %s", notes)
	}
}

// A key that lies beyond the profile by rounding only is not counted.
func TestRoundingIsNotBeyond(t *testing.T) {
	set := synthetic(vidur.OpAttnDecode)
	kv := set.Ops[vidur.OpAttnDecode].X[1]
	for i := range kv {
		kv[i] -= 32
	}
	tr := train(t, set, a100Pair(2, 1), small())
	stageTime(t, tr.Predictor(), decodes(4, 490), 0)
	if tr.Beyond() != 0 {
		t.Errorf("%v", tr.Notes())
	}
	stageTime(t, tr.Predictor(), decodes(4, 600), 0)
	if tr.Beyond() != 1 {
		t.Errorf("%d look-ups beyond the profile", tr.Beyond())
	}
}

func TestCPUBeyondTheProfile(t *testing.T) {
	tr := train(t, synthetic(), a100Pair(2, 1), small())
	st := stageTime(t, tr.Predictor(), decodes(132, 64), 0)
	for op := vidur.OpSchedule; int(op) < vidur.NumOps; op++ {
		if want := cpuMs(op, 132); !near(st.Ops[op], want, 0.02) {
			t.Errorf("%v takes %v ms, by the line %v", op, st.Ops[op], want)
		}
	}
}

func TestEdge(t *testing.T) {
	e := newEdge([]float64{64, 128, 256, 64}, []float64{400, 100, 0, 500})
	for _, v := range [][4]float64{{64, 500, 64, 500}, {10, 900, 64, 500}, {64, -5, 64, 0}, {96, 900, 96, 300}, {200, 90, 200, 43.75}, {256, 1, 256, 0}, {999, 1, 256, 0}} {
		if x, y := e.project(v[0], v[1]); x != v[2] || y != v[3] {
			t.Errorf("(%v, %v) goes to (%v, %v), want (%v, %v)", v[0], v[1], x, y, v[2], v[3])
		}
	}
	if got := e.describe(&profile.Samples{Features: []string{profile.KVCacheSize}}); got != "chunk 64 to 256 × cached tokens 0 to 500, to 0 with the largest" {
		t.Error(got)
	}
	for _, v := range []struct {
		sizes []float64
		want  bool
	}{{[]float64{1, 2, 4, 8, 16, 32, 64, 128}, false}, {[]float64{0, 64, 128}, false}, {[]float64{1, 8, 17}, true}, {[]float64{64, 200}, true}} {
		if got := sparse(v.sizes); got != v.want {
			t.Errorf("%v: sparse %v", v.sizes, got)
		}
	}
}
