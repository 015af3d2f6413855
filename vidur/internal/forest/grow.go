package forest

import "math/rand/v2"

// A grower grows trees, one after the other.
//
// It keeps the rows that a tree learns from once per feature, ascending in that
// feature. A node is the same range lo..hi of all these lists. A cut splits the
// list of its own feature at one place; the others are split by moving rows,
// which keeps their order. So nothing is sorted after the sample is.
type grower struct {
	*sample
	weight []int32
	by     [][]row // by feature
	spare  []row
}

// A row of a bootstrap sample.
type row struct {
	y, weight float64
	id, code  int32 // its index in the sample, and the index of its value of the list's feature
}

// A part is the rows of a node.
type part struct {
	lo, hi int
	even   bool    // all targets are equal
	weight float64 // of a part of several rows
	sum    float64 // of weight*y, likewise
	first  float64 // target
	key    uint64  // of the node: the source of its random choices, from the path to it
}

func newGrower(s *sample) *grower {
	g := &grower{sample: s, weight: make([]int32, len(s.y)), by: make([][]row, len(s.order)), spare: make([]row, len(s.y))}
	for f := range g.by {
		g.by[f] = make([]row, len(s.y))
	}
	return g
}

// draw takes the bootstrap sample of tree i and returns its root.
func (g *grower) draw(seed uint64, i int) part {
	from := rand.NewPCG(seed, uint64(i))
	g.bootstrap(g.weight, from)
	return g.root(from.Uint64())
}

// root takes the rows of a positive weight. It writes every row and then keeps
// it or not, because a branch would be as good as random.
func (g *grower) root(key uint64) part {
	for f, order := range g.order {
		code := g.code[f]
		list, n := g.by[f][:len(order)], 0
		for _, id := range order {
			w := g.weight[id]
			list[n] = row{y: g.y[id], weight: float64(w), id: id, code: code[id]}
			if w > 0 {
				n++
			}
		}
		g.by[f] = list[:n]
	}
	return g.part(0, len(g.by[0]), key)
}

func (g *grower) part(lo, hi int, key uint64) part {
	list := g.by[0][lo:hi]
	p := part{lo: lo, hi: hi, first: list[0].y, even: true, key: key}
	if len(list) == 1 {
		return p
	}
	weight, sum := 0.0, 0.0
	for i := range list {
		weight += list[i].weight
		sum += float64(list[i].weight * list[i].y) // the conversion forbids a fused addition, which rounds otherwise
	}
	p.weight, p.sum = weight, sum
	for i := 1; i < len(list) && p.even; i++ {
		p.even = list[i].y == p.first
	}
	return p
}

// rows is the number of distinct rows.
func (p *part) rows() int { return p.hi - p.lo }

func (g *grower) value(p *part) float64 {
	if p.even {
		return p.first
	}
	return clamp(p.sum/p.weight, g.low, g.high)
}

// A split cuts a part in two: the rows of a feature up to cut, and the others.
type split struct {
	feature int
	cut     float64
	mid     int // where the second part starts
}

// best finds the split that leaves the least squared error, the first one of
// equals: the lowest cut, and of the features one at random. There is none if
// all rows have the same features.
//
// With weight W and sum S of a part, a split into (W1, S1) and the rest lowers
// the squared error by (W*S1 - W1*S)^2 / (W*W1*(W-W1)). Fractions are compared
// by cross-multiplication.
func (g *grower) best(p *part) (split, bool) {
	s, found := split{}, false
	num, den := -1.0, 1.0
	features := len(g.by)
	start := 0
	if features > 1 {
		start = int(p.key % uint64(features))
	}
	for k := range features {
		f := start + k
		if f >= features {
			f -= features
		}
		list := g.by[f][p.lo:p.hi]
		at := scan(list, p.weight, p.sum, &num, &den)
		if at > 0 {
			s, found = split{feature: f, cut: g.cut(f, list[at-1].code, list[at].code), mid: p.lo + at}, true
		}
	}
	return s, found
}

// scan looks for a split of a list that lowers the squared error by more than
// num/den, which it updates, and returns where its second part starts; 0 if
// there is none.
func scan(list []row, weight, sum float64, num, den *float64) int {
	at, bestNum, bestDen := 0, *num, *den
	w, s := 0.0, 0.0
	for i := 1; i < len(list); i++ {
		r := &list[i-1]
		w += r.weight
		s += float64(r.weight * r.y)
		if list[i].code == r.code {
			continue
		}
		d := float64(weight*s) - float64(w*sum)
		n, m := d*d, w*(weight-w)
		if n*bestDen > bestNum*m {
			at, bestNum, bestDen = i, n, m
		}
	}
	*num, *den = bestNum, bestDen
	return at
}

// divide moves the rows of a part to their sides of a split, without a branch
// like root.
func (g *grower) divide(p *part, s split) {
	last := g.by[s.feature][s.mid-1].code
	code := g.code[s.feature]
	for f := range g.by {
		if f == s.feature {
			continue
		}
		list, at := g.by[f][p.lo:p.hi], 0
		right := g.spare[:len(list)]
		for i := range list {
			r := list[i]
			list[at], right[i-at] = r, r
			if code[r.id] <= last {
				at++
			}
		}
		copy(list[at:], right)
	}
}

// left and right are the two parts of a divided part.
func (g *grower) left(p *part, s split) part  { return g.part(p.lo, s.mid, mix(p.key)) }
func (g *grower) right(p *part, s split) part { return g.part(s.mid, p.hi, mix(^p.key)) }

// mix is a step of SplitMix64 (Steele, Lea and Flood, 2014).
func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// tree grows tree i.
func (g *grower) tree(seed uint64, i int, l limits) tree {
	root := g.draw(seed, i)
	return g.grow(make(tree, 0, root.rows()), root, 0, l)
}

// grow appends the subtree of a part.
func (g *grower) grow(t tree, p part, depth int, l limits) tree {
	at := len(t)
	t = append(t, node{value: g.value(&p), meta: meta(p.rows(), 0)})
	if p.even || l.stops(depth, p.rows()) {
		return t
	}
	s, ok := g.best(&p)
	if !ok {
		return t
	}
	g.divide(&p, s)
	t[at].cut, t[at].meta = s.cut, meta(p.rows(), s.feature)
	t = g.grow(t, g.left(&p, s), depth+1, l)
	t[at].right = uint32(len(t))
	return g.grow(t, g.right(&p, s), depth+1, l)
}
