package trained

import (
	"math"
	"sync/atomic"
)

// grid remembers the values of a function of two small integers, in pages of the
// second. Values are made when they are first asked for; goroutines that make
// the same one at once get the same. A look-up takes no lock and, once its page
// is there, no allocation.
type grid struct {
	outer, inner int // extent; beyond it nothing is remembered
	make         func(i, j int) (ms float64, beyond bool)
	perRow       int // pages
	pages        []atomic.Pointer[gridPage]
}

const pageCells = 256

// gridPage has the bits of values, inverted so that 0 means not made yet, and for
// each whether it lies beyond the profile.
type gridPage struct {
	bits   [pageCells]atomic.Uint64
	beyond [pageCells / 32]atomic.Uint32
}

func newGrid(outer, inner int, make func(i, j int) (float64, bool)) *grid {
	g := &grid{outer: outer, inner: inner, make: make, perRow: (inner + pageCells - 1) / pageCells}
	g.pages = newPages(outer * g.perRow)
	return g
}

func newPages(n int) []atomic.Pointer[gridPage] { return make([]atomic.Pointer[gridPage], n) }

// get is the value at (i, j), in ms. It adds 1 to beyond if that is outside of
// the profile.
func (g *grid) get(i, j int, beyond *int64) float64 {
	if uint(i) >= uint(g.outer) || uint(j) >= uint(g.inner) {
		return g.compute(i, j, beyond)
	}
	page := g.pages[i*g.perRow+j/pageCells].Load()
	if page == nil {
		return g.fill(i, j, beyond)
	}
	cell := j % pageCells
	bits := page.bits[cell].Load()
	if bits == 0 {
		return g.fill(i, j, beyond)
	}
	*beyond += int64(page.beyond[cell/32].Load() >> (cell % 32) & 1)
	return math.Float64frombits(^bits)
}

func (g *grid) compute(i, j int, beyond *int64) float64 {
	v, far := g.make(i, j)
	if far {
		*beyond++
	}
	return v
}

func (g *grid) fill(i, j int, beyond *int64) float64 {
	slot := &g.pages[i*g.perRow+j/pageCells]
	if slot.Load() == nil {
		slot.CompareAndSwap(nil, new(gridPage))
	}
	page, cell := slot.Load(), j%pageCells
	v, far := g.make(i, j)
	if far { // before the value, which says that both are there
		page.beyond[cell/32].Or(1 << (cell % 32))
		*beyond++
	}
	page.bits[cell].Store(^math.Float64bits(v))
	return v
}
