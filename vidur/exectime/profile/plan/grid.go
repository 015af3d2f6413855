package plan

import (
	"math"

	"github.com/govidur/govidur/vidur"
)

// grid is the points of one kind and shape: those that tell about each other.
type grid struct {
	kind     Kind
	tp       int // whose predictor knows them
	points   []Point
	measured []place // before
	weight   float64 // see the package comment
}

// place is where a point stands in its grid, in octaves.
type place struct{ x, y float64 }

// lookup is what attention's cached tokens are rounded up to when they are looked
// up: below it they do not matter.
const lookup = 64

// at is the place of a point. Prompts are placed by their chunk and all the tokens
// that the chunk attends to, because cached tokens matter beside those of the
// chunk only where they are many.
func at(p *Point) place {
	switch p.Kind {
	case Token:
		return place{x: octaves(p.Tokens)}
	case Prefill:
		return place{octaves(p.Chunk), octaves(p.Chunk + p.Cached)}
	case Decode:
		return place{octaves(p.Batch), octaves(p.Cached + lookup)}
	case CPU:
		return place{x: octaves(p.Batch)}
	}
	return place{x: math.Log2(float64(p.Bytes))}
}

func octaves(n int) float64 { return math.Log2(float64(n)) }

// apart is the distance of two places. That of sums of logarithms is the logarithm
// of how much more work one is than the other, at most.
func (a place) apart(b place) float64 { return math.Abs(a.x-b.x) + math.Abs(a.y-b.y) }

// directions are where corners lie: of a rectangle its four, and of others the ends
// of their sides and the points that jut out between them.
var directions = func() []place {
	const tilt = 1e-6 // decides between the ends of a side
	var list []place
	for _, a := range []float64{-1, 1} {
		for _, b := range []float64{-1, 1} {
			list = append(list, place{a, b * tilt}, place{a * tilt, b}, place{a, b})
		}
	}
	return list
}()

// corners are the points that lie outermost, as they come in the grid.
func (g *grid) corners() []int {
	if len(g.points) == 0 {
		return nil
	}
	is := make([]bool, len(g.points))
	for _, d := range directions {
		best, far := 0, math.Inf(-1)
		for i := range g.points {
			p := at(&g.points[i])
			if v := d.x*p.x + d.y*p.y; v > far {
				best, far = i, v
			}
		}
		is[best] = true
	}
	var list []int
	for i, corner := range is {
		if corner {
			list = append(list, i)
		}
	}
	return list
}

// tokenPoints, and those below, are the sizes of a grid before memory is looked at.
func (o *Options) tokenPoints(tp int) []Point {
	var list []Point
	for _, n := range tokenSizes(o.MaxTokens) {
		list = append(list, Point{Kind: Token, TP: tp, Tokens: n})
	}
	return list
}

func (o *Options) prefillPoints(tp int) []Point {
	chunks := chunkSizes(min(o.MaxTokens, o.MaxContext))
	list := make([]Point, 0, len(chunks)*(1+len(cachedSizes(o.MaxContext))))
	for _, c := range chunks {
		list = append(list, Point{Kind: Prefill, TP: tp, Batch: 1, Chunk: c})
		if c == o.MaxContext {
			break
		}
		for _, kv := range cachedSizes(o.MaxContext - c) {
			list = append(list, Point{Kind: Prefill, TP: tp, Batch: 1, Chunk: c, Cached: kv})
		}
	}
	return list
}

func (o *Options) decodePoints(tp int) []Point {
	batches, cached := batchSizes(o.MaxBatch), cachedSizes(o.MaxContext-1)
	list := make([]Point, 0, len(batches)*len(cached))
	for _, b := range batches {
		for _, kv := range cached {
			list = append(list, Point{Kind: Decode, TP: tp, Batch: b, Cached: kv})
		}
	}
	return list
}

func (o *Options) cpuPoints(tp int) []Point {
	var list []Point
	for _, b := range batchSizes(o.MaxBatch) {
		list = append(list, Point{Kind: CPU, TP: tp, Batch: b})
	}
	return list
}

// messages are points like p: messages of so many values for each of so many.
func messages(p Point, width int, counts []int) []Point {
	var list []Point
	for _, n := range counts {
		p.Bytes = valueBytes * int64(n) * int64(width)
		list = append(list, p)
	}
	return list
}

// capacity is how many tokens the KV cache of one replica holds, of the TP given,
// cut into the number of stages of 1, 2, 4 and 8 that leaves it the most room, as
// the original supposes; 0 if the weights do not fit.
func capacity(spec vidur.ReplicaSpec, tp int) int {
	most := 0
	spec.TP, spec.Node = tp, vidur.Node{}
	for pp := 1; pp <= 8; pp *= 2 {
		spec.PP = pp
		if m, err := spec.Plan(); err == nil {
			most = max(most, m.Blocks*spec.BlockSize)
		}
	}
	return most
}
