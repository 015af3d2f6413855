package frames

import (
	"fmt"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
)

// GroupBy returns a row per group of rows that are equal in some columns: these
// columns, then the aggregates in their order. Groups are in order of their
// first row; see Sort for another. Missing values are equal to each other and
// to nothing else. Without columns to group by, all rows are one group.
func GroupBy(df dataframe.DataFrame, by []string, aggs ...Agg) (dataframe.DataFrame, error) {
	if err := sound(df); err != nil {
		return failed(err), err
	}
	g, err := groupsOf(df, by)
	if err != nil {
		return failed(err), err
	}
	columns := make([]series.Series, 0, len(by)+len(aggs))
	for _, name := range by {
		columns = append(columns, df.Col(name).Subset(g.first))
	}
	parts := map[string]*parts{}
	for i := range aggs {
		s, err := g.aggregate(df, &aggs[i], parts)
		if err != nil {
			return failed(err), err
		}
		columns = append(columns, s)
	}
	out := frame(columns...)
	return out, out.Err
}

// groups tells the group of each row.
type groups struct {
	of    []int // by row
	first []int // row, by group
}

// groupsOf splits the groups by one column after the other, so that no key of
// several columns needs a form that two keys could share.
func groupsOf(df dataframe.DataFrame, by []string) (*groups, error) {
	g := &groups{of: make([]int, df.Nrow()), first: []int{0}}
	for _, name := range by {
		s, err := Column(df, name)
		if err != nil {
			return nil, err
		}
		g.split(codes(s))
	}
	if len(g.of) == 0 && len(by) > 0 {
		g.first = nil
	}
	return g, nil
}

// split parts groups by the code of each row. The new ones are numbered by
// their first row.
func (g *groups) split(code []int) {
	type pair struct{ group, code int }
	seen := map[pair]int{}
	g.first = g.first[:0]
	for row := range g.of {
		p := pair{g.of[row], code[row]}
		n, ok := seen[p]
		if !ok {
			n = len(seen)
			seen[p] = n
			g.first = append(g.first, row)
		}
		g.of[row] = n
	}
}

// codes numbers the values of a column: equal ones alike, missing ones 0.
func codes(s series.Series) []int {
	code := make([]int, s.Len())
	switch s.Type() {
	case series.String:
		number(code, s, func(e series.Element) string { return e.String() })
	case series.Int:
		number(code, s, func(e series.Element) int { v, _ := e.Int(); return v })
	case series.Bool:
		number(code, s, func(e series.Element) bool { v, _ := e.Bool(); return v })
	default:
		number(code, s, func(e series.Element) float64 { return e.Float() }) // -0 is 0
	}
	return code
}

func number[T comparable](code []int, s series.Series, value func(series.Element) T) {
	seen := map[T]int{}
	for i := range code {
		e := s.Elem(i)
		if missing(e) {
			continue
		}
		v := value(e)
		n, ok := seen[v]
		if !ok {
			n = len(seen) + 1
			seen[v] = n
		}
		code[i] = n
	}
}

// parts are the values of a column by group, in order of their rows. Those of
// group k are values[start[k]:start[k+1]]; a column of strings has none.
type parts struct {
	values []float64
	start  []int
	counts []int // values, not missing ones, by group
}

// aggregate works one aggregate out for all groups.
func (g *groups) aggregate(df dataframe.DataFrame, a *Agg, cache map[string]*parts) (series.Series, error) {
	if a.err != nil {
		return series.Series{}, a.err
	}
	if a.Column == "" && a.of == nil {
		rows := make([]int, len(g.first))
		for _, k := range g.of {
			rows[k]++
		}
		return intsOf(a.name(), rows), nil
	}
	p := cache[a.Column]
	if p == nil {
		s, err := Column(df, a.Column)
		if err != nil {
			return s, err
		}
		p = g.parts(s)
		cache[a.Column] = p
	}
	if a.of == nil {
		return intsOf(a.name(), p.counts), nil
	}
	if p.values == nil {
		return series.Series{}, fmt.Errorf("frames: column %q has strings: only Count takes them, not %s", a.Column, a.what)
	}
	out := make([]float64, len(g.first))
	var scratch []float64
	for k := range out {
		scratch = append(scratch[:0], p.values[p.start[k]:p.start[k+1]]...)
		out[k] = a.of(scratch)
	}
	return floatsOf(a.name(), out), nil
}

// parts sorts the values of a column into the groups.
func (g *groups) parts(s series.Series) *parts {
	p := &parts{counts: make([]int, len(g.first)), start: make([]int, len(g.first)+1)}
	for row, k := range g.of {
		if !missing(s.Elem(row)) {
			p.counts[k]++
		}
	}
	if s.Type() == series.String {
		return p
	}
	next := make([]int, len(p.counts))
	for k, n := range p.counts {
		next[k] = p.start[k]
		p.start[k+1] = p.start[k] + n
	}
	all := s.Float()
	if s.Type() == series.Bool {
		all = boolFloats(s)
	}
	p.values = make([]float64, p.start[len(next)])
	for row, k := range g.of {
		if v := all[row]; v == v {
			p.values[next[k]] = v
			next[k]++
		}
	}
	return p
}
