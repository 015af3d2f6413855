package plan

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/catalog"
)

func replica(t testing.TB, model, device string) vidur.ReplicaSpec {
	t.Helper()
	spec, err := catalog.Default().Replica(model, device, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

func planOf(t testing.TB, spec vidur.ReplicaSpec, o Options) *Plan {
	t.Helper()
	p, err := New(context.Background(), spec, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func text(t testing.TB, p *Plan) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestEveryModel: every catalogued model is planned on every catalogued device, and
// the laws hold; what cannot be planned says that the weights do not fit.
func TestEveryModel(t *testing.T) {
	models, devices := catalog.Default().Models(), catalog.Default().Devices()
	planned, refused := 0, 0
	for i, name := range models {
		for _, device := range []string{devices[i%len(devices)]} {
			m, _ := catalog.Default().Model(name)
			d, _ := catalog.Default().Device(device)
			node, _ := catalog.Default().DefaultNode(device)
			p, err := New(context.Background(), vidur.ReplicaSpec{Model: m, Device: d, Node: node}, Options{})
			if err != nil {
				refused++
				if !strings.Contains(err.Error(), "do not fit") {
					t.Errorf("%s on %s: %v", name, device, err)
				}
				continue
			}
			planned++
			laws(t, p, 4096, 128)
		}
	}
	if len(models) < 30 || planned < len(models) {
		t.Errorf("%d models, %d planned, %d refused", len(models), planned, refused)
	}
	t.Logf("%d models, %d plans, %d refused", len(models), planned, refused)
}

// laws are those of any plan.
func laws(t *testing.T, p *Plan, tokens, batch int) {
	t.Helper()
	name := p.ModelName + " on " + p.Device
	if err := p.check(); err != nil { // unique, sized, TP divides heads
		t.Errorf("%s: %v", name, err)
	}
	grids := map[string][]Point{}
	for i := range p.Points {
		pt := p.Points[i]
		context := pt.Cached + max(pt.Chunk, 1)
		switch {
		case pt.Tokens > tokens, pt.Batch > batch, context > tokens, p.Model.MaxPos > 0 && context > p.Model.MaxPos:
			t.Errorf("%s: %s is out of its limits", name, pt.ID)
		case float64(pt.Memory) > usable*float64(p.MemoryBytes), pt.Memory < contextBytes:
			t.Errorf("%s: %s takes %d bytes of memory", name, pt.ID, pt.Memory)
		case !(pt.Seconds > 0) || pt.Seconds > 60:
			t.Errorf("%s: %s takes %v s", name, pt.ID, pt.Seconds)
		}
		key := fmt.Sprint(pt.Kind, pt.TP, pt.Workers, pt.PerNode)
		grids[key] = append(grids[key], pt)
	}
	for key, points := range grids {
		extremes(t, name+" "+key, points)
	}
	sum, n := 0.0, 0
	for _, k := range p.Totals() {
		sum, n = sum+k.Seconds, n+k.Points
	}
	if n != len(p.Points) || math.Abs(sum-p.Seconds()) > 1e-6*sum {
		t.Errorf("%s: totals are %d points and %v s of %d and %v", name, n, sum, len(p.Points), p.Seconds())
	}
}

// extremes: the corners of a grid bound it, and lie in it.
func extremes(t *testing.T, name string, points []Point) {
	t.Helper()
	g := &grid{points: points}
	box := func(of []int) (lo, hi place) {
		lo, hi = place{math.Inf(1), math.Inf(1)}, place{math.Inf(-1), math.Inf(-1)}
		for _, i := range of {
			p := at(&points[i])
			lo = place{min(lo.x, p.x), min(lo.y, p.y)}
			hi = place{max(hi.x, p.x), max(hi.y, p.y)}
		}
		return lo, hi
	}
	all := make([]int, len(points))
	for i := range all {
		all[i] = i
	}
	lo, hi := box(all)
	if a, b := box(g.corners()); a != lo || b != hi {
		t.Errorf("%s: corners reach from %v to %v, the grid from %v to %v", name, a, b, lo, hi)
	}
}

// TestTokenSizes: the sizes are those of the original's profiles.
func TestTokenSizes(t *testing.T) {
	sizes := tokenSizes(32768)
	if len(sizes) != 451 || len(tokenSizes(4096)) != 259 {
		t.Errorf("%d and %d sizes; the profiles have 451 and 259", len(sizes), len(tokenSizes(4096)))
	}
	want := []int{1, 2, 4, 8, 16, 24}
	if !slices.Equal(sizes[:6], want) {
		t.Errorf("%v", sizes[:6])
	}
	for _, step := range [][3]int{{1024, 1040, 16}, {2048, 2080, 32}, {4096, 4160, 64}, {16384, 16640, 256}} {
		i := slices.Index(sizes, step[0])
		if i < 0 || sizes[i+1] != step[1] || sizes[i]-sizes[i-1] != step[2]/2 {
			t.Errorf("around %d: %v", step[0], sizes[i-1:i+2])
		}
	}
}

// TestSizesLaw: all lists grow, and end at the largest.
func TestSizesLaw(t *testing.T) {
	for name, list := range map[string]func(int) []int{"tokens": tokenSizes, "chunks": chunkSizes, "cached": cachedSizes, "batches": batchSizes} {
		for largest := 1; largest < 3000; largest++ {
			s := list(largest)
			if s[0] < 1 || s[len(s)-1] != largest || !slices.IsSorted(s) || len(slices.Compact(slices.Clone(s))) != len(s) {
				t.Fatalf("%s to %d: %v", name, largest, s)
			}
		}
	}
}

// TestLeftOut: what a device has no room for is counted, and what is left is not
// more than fits.
func TestLeftOut(t *testing.T) {
	spec := replica(t, "llama-2-7b", "a100")
	spec.Device.MemoryGB = 16
	o := Options{TP: []int{1, 3, 2}, MaxContext: 4096, MaxBatch: 256}
	p := planOf(t, spec, o)
	room := map[int]int{1: capacity(spec, 1), 2: capacity(spec, 2)}
	spec.BlockSize = 16
	room[1], room[2] = capacity(spec, 1), capacity(spec, 2)
	left, odd := 0, false
	for _, l := range p.LeftOut {
		left += l.Points
		odd = odd || l.TP == 3 && strings.Contains(l.Why, "does not divide")
	}
	if !odd || left == 0 {
		t.Errorf("left out: %+v", p.LeftOut)
	}
	attention := 0
	for i := range p.Points {
		pt := &p.Points[i]
		if n := needs(pt, 16); n > room[pt.TP] && pt.TP > 0 {
			t.Errorf("%s needs %d tokens of %d", pt.ID, n, room[pt.TP])
		}
		if pt.Kind == Decode || pt.Kind == Prefill {
			attention++
		}
	}
	od, _ := o.withDefaults(&spec.Model)
	if want := 2 * (len(od.decodePoints(1)) + len(od.prefillPoints(1))); attention+left != want {
		t.Errorf("%d points and %d left out of %d", attention, left, want)
	}
}

func TestNoRoom(t *testing.T) {
	spec := replica(t, "llama-2-7b", "a100")
	for name, c := range map[string]struct {
		change func(*vidur.ReplicaSpec, *Options)
		want   string
	}{
		"memory":   {func(s *vidur.ReplicaSpec, _ *Options) { s.Device.MemoryGB = 0.5 }, "not fit"},
		"none":     {func(s *vidur.ReplicaSpec, _ *Options) { s.Device.MemoryGB = 0 }, "memory of the device"},
		"heads":    {func(_ *vidur.ReplicaSpec, o *Options) { o.TP = []int{3} }, "does not divide"},
		"tp":       {func(_ *vidur.ReplicaSpec, o *Options) { o.TP = []int{0} }, "must be"},
		"no tp":    {func(_ *vidur.ReplicaSpec, o *Options) { o.TP = []int{} }, "must be"},
		"tokens":   {func(_ *vidur.ReplicaSpec, o *Options) { o.MaxTokens = -1 }, "tokens"},
		"context":  {func(_ *vidur.ReplicaSpec, o *Options) { o.MaxContext = 8192 }, "at most 4096"},
		"batch":    {func(_ *vidur.ReplicaSpec, o *Options) { o.MaxBatch = 1 << 30 }, "batch"},
		"kind":     {func(_ *vidur.ReplicaSpec, o *Options) { o.Kinds = []Kind{"gemm"} }, "unknown kind"},
		"no kinds": {func(_ *vidur.ReplicaSpec, o *Options) { o.Kinds = []Kind{} }, "no kinds"},
		"nothing":  {func(_ *vidur.ReplicaSpec, o *Options) { o.Kinds, o.TP = []Kind{AllReduce}, []int{1} }, "nothing to measure"},
		"budget":   {func(_ *vidur.ReplicaSpec, o *Options) { o.Budget = math.NaN() }, "finite"},
		"type":     {func(_ *vidur.ReplicaSpec, o *Options) { o.DType = "int8" }, "bfloat16"},
		"model":    {func(s *vidur.ReplicaSpec, _ *Options) { s.Model = vidur.Model{} }, "at least 1"},
		"vocab":    {func(s *vidur.ReplicaSpec, _ *Options) { s.Model.Vocab = 0 }, "vocabulary"},
		"device":   {func(s *vidur.ReplicaSpec, _ *Options) { s.Device = vidur.Device{Name: "x", MemoryGB: 80} }, ""},
		"data":     {func(_ *vidur.ReplicaSpec, o *Options) { o.Data = "/nonexistent" }, "nonexistent"},
	} {
		s, o := spec, Options{}
		c.change(&s, &o)
		if p, err := New(context.Background(), s, o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, %v", name, p != nil, err)
		}
	}
}

// TestSame: the same bytes on any number of cores, in a round trip, and with the
// degrees in any order.
func TestSame(t *testing.T) {
	spec := replica(t, "llama-3-8b", "h100")
	o := Options{TP: []int{4, 1, 4}, Budget: 60}
	want := text(t, planOf(t, spec, o))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	o.TP = []int{1, 4}
	if got := text(t, planOf(t, spec, o)); !bytes.Equal(got, want) {
		t.Error("another plan on one core")
	}
	p, err := Read(bytes.NewReader(want))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text(t, p), want) {
		t.Error("another plan after a round trip")
	}
	m := spec.Model
	m.HeadDim = m.Head()
	if p.ModelSpec() != m {
		t.Errorf("%+v\n%+v", p.ModelSpec(), m)
	}
}

// TestShared: each number of tokens measures the norms once, whatever the budget.
func TestShared(t *testing.T) {
	spec := replica(t, "llama-3-8b", "h100")
	for _, budget := range []float64{0, 30} {
		p := planOf(t, spec, Options{Kinds: []Kind{Token}, Budget: budget})
		own := map[int]int{}
		for i := range p.Points {
			if p.Points[i].Like == "" {
				own[p.Points[i].Tokens]++
			}
		}
		for n, times := range own {
			if times != 1 {
				t.Errorf("%d tokens: norms are measured %d times", n, times)
			}
		}
		if !slices.Equal(p.Shared, []string{"input_layernorm", "post_attention_layernorm", "add"}) {
			t.Error(p.Shared)
		}
	}
	if p := planOf(t, replica(t, "phi-2", "a100"), Options{}); slices.Contains(p.Shared, "post_attention_layernorm") {
		t.Error("phi-2 has one norm")
	}
}

func FuzzRead(f *testing.F) {
	p := planOf(f, replica(f, "llama-2-7b", "a100"), Options{TP: []int{1, 2}, MaxTokens: 2, MaxBatch: 1})
	f.Add(text(f, p))
	f.Add([]byte(`{"version":1,"points":[{"id":"token/tp0/n1","kind":"token","tokens":1}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		again, err := Read(bytes.NewReader(text(t, p)))
		if err != nil || len(again.Points) != len(p.Points) {
			t.Errorf("%v: %q", err, data)
		}
	})
}

func BenchmarkEveryModel(b *testing.B) {
	for b.Loop() {
		for _, name := range catalog.Default().Models() {
			spec, err := catalog.Default().Replica(name, "h200", 1, 1)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := New(context.Background(), spec, Options{}); err != nil && !strings.Contains(err.Error(), "do not fit") {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkBudget(b *testing.B) {
	spec := replica(b, "llama-3-8b", "h100")
	for b.Loop() {
		planOf(b, spec, Options{Budget: 600})
	}
}
