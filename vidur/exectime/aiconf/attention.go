package aiconf

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/govidur/govidur/vidur/exectime"
)

// attentionData has the measurements by numeric types and heads.
type attentionData struct {
	shapes map[attentionShape]*attentionGrid
	order  []attentionShape // sorted
}

// attentionShape is what a grid holds for.
type attentionShape struct {
	Dtype     string // attention/KV cache
	Q, KV     int    // heads
	Dim       int
	Window    int // tokens of a sliding window; 0 means none
	BeamWidth int
}

func (s *attentionShape) heads() exectime.Heads { return exectime.Heads{Q: s.Q, KV: s.KV, Dim: s.Dim} }

// attentionGrid has the times by cached tokens (prefill; always 0 for decode),
// batch, and tokens: of the chunk for prefill, of the context for decode.
type attentionGrid struct {
	steps  []int // ascending
	series []*attentionSeries
}

type attentionSeries struct {
	batches []int // ascending
	curves  []*curve
}

type attentionKey struct {
	attentionShape
	Step, Batch, Tokens int
}

func parseAttention(s *sheet, kind Kind) (*attentionData, error) {
	if err := s.need("batch_size", "isl", "num_heads", "num_key_value_heads", "head_dim", "kv_cache_dtype", "step", "latency"); err != nil {
		return nil, err
	}
	dtypes, err := s.dtypes(kind)
	if err != nil {
		return nil, err
	}
	d, err := s.dims("batch_size", "isl", "num_heads", "head_dim")
	if err != nil {
		return nil, err
	}
	var free [4][]int
	for i, name := range []string{"num_key_value_heads", "step", "window_size", "beam_width"} {
		if free[i], err = s.ints(name, 0); err != nil {
			return nil, err
		}
	}
	ms, err := s.floats("latency")
	if err != nil {
		return nil, err
	}
	p := points[attentionKey]{sheet: s}
	for i := range s.rows {
		shape := attentionShape{dtypes[i], d[2][i], free[0][i], d[3][i], free[2][i], max(free[3][i], 1)}
		if shape.KV == 0 { // older tables: as many as query heads
			shape.KV = shape.Q
		}
		key := attentionKey{shape, free[1][i], d[0][i], d[1][i]}
		if kind == GenerationAttention {
			key.Step, key.Tokens = 0, key.Tokens+key.Step
		}
		p.add(i, key, ms[i])
	}
	if err := p.settle(); err != nil {
		return nil, err
	}
	return newAttentionData(&p), nil
}

func newAttentionData(p *points[attentionKey]) *attentionData {
	slices.SortFunc(p.order, func(a, b attentionKey) int {
		return cmp.Or(strings.Compare(a.Dtype, b.Dtype), a.Dim-b.Dim, a.Window-b.Window, a.BeamWidth-b.BeamWidth,
			a.KV-b.KV, a.Q-b.Q, a.Step-b.Step, a.Batch-b.Batch, a.Tokens-b.Tokens)
	})
	data := &attentionData{shapes: map[attentionShape]*attentionGrid{}}
	for _, key := range p.order {
		grid := data.shapes[key.attentionShape]
		if grid == nil {
			grid = &attentionGrid{}
			data.shapes[key.attentionShape] = grid
			data.order = append(data.order, key.attentionShape)
		}
		if n := len(grid.steps); n == 0 || grid.steps[n-1] != key.Step {
			grid.steps = append(grid.steps, key.Step)
			grid.series = append(grid.series, &attentionSeries{})
		}
		s := grid.series[len(grid.series)-1]
		if n := len(s.batches); n == 0 || s.batches[n-1] != key.Batch {
			s.batches = append(s.batches, key.Batch)
			s.curves = append(s.curves, &curve{})
		}
		s.curves[len(s.curves)-1].add(float64(key.Tokens), p.mean(key))
	}
	return data
}

// attention is one table, seen from the heads of one replica.
type attention struct {
	Info   Info
	Dtype  string         // attention/KV cache
	Heads  exectime.Heads // that are asked for
	From   exectime.Heads // that are measured; the nearest, where Heads are not
	model  attentionModel // µs
	ratios bool           // between points, the ratio to the model is interpolated; otherwise the time itself
	gpu    *exectime.GPU  // of the model
	bound  *exectime.GPU  // of the datasheet
	fast   float64        // by which the bounds are lower for a narrow KV cache
	grid   *attentionGrid
	rows   []exectime.Memo[attentionRow] // by step of the grid, and batch
}

// attentionModel is the analytic time, µs, of a batch of chunks or contexts of so
// many tokens, after step cached ones.
type attentionModel func(g *exectime.GPU, batch int, tokens float64, step int, h exectime.Heads) float64

// attentionRow is the times of one batch by tokens.
type attentionRow struct {
	curve
	how How
	// clear: no point is below the bound, and no point of the lines between them
	// is, since the bound is a largest of lines.
	clear bool
}

func (l *Library) attention(id ID, k Kind, gpu *exectime.GPU, kv string, h exectime.Heads) (*attention, error) {
	data, t, err := find[*attentionData](l, id, k)
	if err != nil {
		return nil, err
	}
	if h.Q < 1 || h.KV < 1 || h.Dim < 1 {
		return nil, fmt.Errorf("attention of %d query and %d KV heads of %d values: all must be at least 1", h.Q, h.KV, h.Dim)
	}
	dtype, err := cacheDtype(t, kv)
	if err != nil {
		return nil, err
	}
	from := data.nearest(dtype, h)
	if from == nil {
		return nil, fmt.Errorf("%s: no rows of %s without sliding window and with a beam of 1", t.Path, dtype)
	}
	grid := data.shapes[*from]
	a := &attention{Info: t.Info, Dtype: dtype, Heads: h, From: from.heads(), gpu: gpu, bound: gpu.Bound(),
		fast: narrower(dtype[strings.LastIndex(dtype, "/")+1:]), grid: grid,
		rows: make([]exectime.Memo[attentionRow], len(grid.steps))}
	for i := range a.rows {
		a.rows[i].Make = func(batch int, r *attentionRow) { a.fill(i, batch, r) }
	}
	return a, nil
}

// cacheDtype finds the types of attention for that of the KV cache: bfloat16, or
// the only one there is.
func cacheDtype(t *table, kv string) (string, error) {
	var found []string
	for _, d := range t.Dtypes {
		if d == kv || d == "bfloat16/"+kv {
			return d, nil
		}
		if strings.HasSuffix(d, "/"+kv) {
			found = append(found, d)
		}
	}
	switch len(found) {
	case 0:
		return "", unknownDtype(t, "kv_cache_dtype", kv)
	case 1:
		return found[0], nil
	}
	return "", fmt.Errorf("%s: KV cache %q occurs as %s; name one of them", t.Path, kv, strings.Join(found, ", "))
}

// nearest is the shape to take heads from: with as near a number of query heads
// per KV head as there is, then of KV heads. A batch of requests is one of thread
// blocks, one per request and KV head, so KV heads and batch make up for each
// other.
func (d *attentionData) nearest(dtype string, h exectime.Heads) *attentionShape {
	const kvWeight = 0.25 // of a factor between KV heads, beside one between groups
	var best *attentionShape
	least := 0.0
	for i := range d.order {
		s := &d.order[i]
		if s.Dtype != dtype || s.Window != 0 || s.BeamWidth != 1 {
			continue
		}
		distance := apart(s.Q*h.KV, h.Q*s.KV) + kvWeight*apart(s.KV, h.KV) + apart(s.Dim, h.Dim)
		if s.heads() == h {
			distance = -1
		}
		if best == nil || distance < least {
			best, least = s, distance
		}
	}
	return best
}

// apart is the logarithm of the factor between two numbers.
func apart(a, b int) float64 { return math.Abs(math.Log(float64(a) / float64(b))) }
