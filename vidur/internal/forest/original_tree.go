package forest

import (
	"math"

	"github.com/govidur/govidur/vidur/internal/pyrand"
)

// pure is the variance up to which a node is a leaf.
const pure = 0x1p-52

// An originalGrower grows original trees, one after the other.
type originalGrower struct {
	*sample
	sums
	all      []int32 // memory of the rows of a tree
	keys     keys
	limits   limits
	random   uint32 // state of the features' order
	shuffled []int  // features; the first are known to be constant
	fixed    []int  // constant features, in the order in which they were found
	nodes    tree
}

func newOriginalGrower(s *sample, l limits) *originalGrower {
	n, k := len(s.y), len(s.code)
	return &originalGrower{
		sample: s, limits: l, all: make([]int32, n), keys: make(keys, n), shuffled: make([]int, k), fixed: make([]int, k),
		sums: sums{target: s.y, weight: make([]float64, n), weighted: make([]float64, n)},
	}
}

// tree grows the tree of a seed into the memory of another one.
func (g *originalGrower) tree(seed uint32, into tree) tree {
	g.draw(pyrand.NewRandomState(seed))
	g.random = pyrand.NewRandomState(seed).RandInt(treeSeeds)
	for k := range g.shuffled {
		g.shuffled[k] = k
	}
	if into == nil {
		into = make(tree, 0, 2*len(g.rows))
	}
	g.nodes = into
	g.node(0, len(g.rows))
	g.grow(branch{end: len(g.rows), variance: g.sums.variance()})
	return g.nodes
}

// draw takes as many rows as there are, with replacement, and keeps those
// drawn in their order.
func (g *originalGrower) draw(from *pyrand.RandomState) {
	clear(g.weight)
	for range g.weight {
		g.weight[from.RandInt(uint64(len(g.weight)))]++
	}
	g.rows = g.all[:0]
	for r, w := range g.weight {
		if w > 0 {
			g.rows = append(g.rows, int32(r))
			g.weighted[r] = w * g.target[r]
		}
	}
}

// A branch is a node to be grown: its rows, and what its parent knows of it.
type branch struct {
	start, end, depth int
	constants         int // features known to be constant
	variance          float64
}

// grow appends the subtree of a branch.
func (g *originalGrower) grow(b branch) {
	g.node(b.start, b.end)
	at, rows := len(g.nodes), b.end-b.start
	g.nodes = append(g.nodes, node{value: g.mean(), meta: meta(rows, 0)})
	if g.limits.stops(b.depth, rows) || b.variance <= pure {
		return
	}
	c, ok := g.search(&b)
	if !ok {
		return
	}
	g.divide(&b, c)
	g.reset()
	g.move(c.mid)
	left, right := g.variances()
	g.nodes[at].cut, g.nodes[at].meta = narrowed(g.cut(c.feature, c.low, c.high)), meta(rows, c.feature)
	g.grow(branch{b.start, c.mid, b.depth + 1, b.constants, left})
	g.nodes[at].right = uint32(len(g.nodes))
	g.grow(branch{c.mid, b.end, b.depth + 1, b.constants, right})
}

// A candidate is a place to cut.
type candidate struct {
	feature   int
	low, high int32 // the neighbouring values, by index
	mid       int   // where the right side starts, of the sorted rows
	gain      float64
}

// search finds the best cut. The features are tried in random order, which
// decides between equals; those that are constant in a branch stay so below, and
// are left out there. There is no cut if all of them are.
func (g *originalGrower) search(b *branch) (best candidate, ok bool) {
	best.gain = math.Inf(-1)
	left, known, drawn, found := len(g.shuffled), b.constants, 0, 0
	for left > known+found {
		at := drawn + int(g.next())%(left-found-drawn)
		if at < known {
			g.shuffled[drawn], g.shuffled[at] = g.shuffled[at], g.shuffled[drawn]
			drawn++
			continue
		}
		at += found
		f := g.shuffled[at]
		if !g.sort(b, f) {
			g.shuffled[at], g.shuffled[known+found] = g.shuffled[known+found], g.shuffled[at]
			found++
			continue
		}
		left--
		g.shuffled[left], g.shuffled[at] = g.shuffled[at], g.shuffled[left]
		g.scan(b, f, &best)
	}
	copy(g.shuffled, g.fixed[:known])
	copy(g.fixed[known:], g.shuffled[known:known+found])
	b.constants = known + found
	return best, best.mid > 0
}

// next is the next number of the 32-bit xorshift generator (Marsaglia, Journal
// of Statistical Software 8, 2003), without its top bit.
func (g *originalGrower) next() uint32 {
	if g.random == 0 {
		g.random = 1
	}
	g.random ^= g.random << 13
	g.random ^= g.random >> 17
	g.random ^= g.random << 5
	return g.random & math.MaxInt32
}

// sort sorts the rows of a branch by a feature and reports whether it varies.
func (g *originalGrower) sort(b *branch, f int) bool {
	rows, code := g.rows[b.start:b.end], g.code[f]
	k := g.keys[b.start:b.end]
	for i, r := range rows {
		k[i] = newKey(code[r], r)
	}
	k.sort()
	for i := range rows {
		rows[i] = k[i].row()
	}
	return k[0].code() != k[len(k)-1].code()
}

// scan tries all cuts of the feature that the rows are sorted by.
func (g *originalGrower) scan(b *branch, f int, best *candidate) {
	g.reset()
	for p := b.start + 1; p < b.end; p++ {
		low, high := g.keys[p-1].code(), g.keys[p].code()
		if low == high {
			continue
		}
		g.move(p)
		if gain := g.gain(); gain > best.gain {
			*best = candidate{f, low, high, p, gain}
		}
	}
}

// divide brings the rows of the left side to the front.
func (g *originalGrower) divide(b *branch, c candidate) {
	code := g.code[c.feature]
	for p, last := b.start, b.end-1; p < last; {
		if r := g.rows[p]; code[r] <= c.low {
			p++
		} else {
			g.rows[p], g.rows[last] = g.rows[last], r
			last--
		}
	}
}
