package frames

import (
	"fmt"
	"math"
	"slices"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
)

// How says which rows a join keeps that have no partner.
type How string

// Ways to join.
const (
	Inner How = "inner" // none
	Left  How = "left"  // those of the left frame
	Outer How = "outer" // those of both
)

// Join returns a row for each pair of rows, one of each frame, that are equal in
// the columns on. Rows are in order of the left frame, partners in order of the
// right one; the right rows without partner, of an Outer join, are last. Missing
// values are equal to nothing, each other included, as in SQL. Int and Float
// columns can be joined on and give Float.
//
// Columns are those of the left frame, then those of the right one but for on.
// One of the right frame whose name is taken gets _right after it, as often as
// it takes. The time is proportional to the rows in and out: keys are hashed.
func Join(left, right dataframe.DataFrame, how How, on ...string) (dataframe.DataFrame, error) {
	switch {
	case how != Inner && how != Left && how != Outer:
		err := fmt.Errorf("frames: no join %q; there is inner, left, outer", string(how))
		return failed(err), err
	case len(on) == 0:
		err := fmt.Errorf("frames: a join needs a column to join on")
		return failed(err), err
	}
	keys, err := joinKeys(left, right, on)
	if err != nil {
		return failed(err), err
	}
	l, r, err := keys.pairs(left.Nrow(), how)
	if err != nil {
		return failed(err), err
	}
	df := frame(joined(left, right, keys, rowPairs{l, r})...)
	return df, df.Err
}

// keys are the key columns of the left frame and, under them, of the right.
type keys struct {
	on      []string
	columns []series.Series
	groups  *groups
	missing []bool // by row: no key
}

// joinKeys numbers the keys of both frames.
func joinKeys(left, right dataframe.DataFrame, on []string) (*keys, error) {
	for _, df := range []dataframe.DataFrame{left, right} {
		if err := sound(df); err != nil {
			return nil, err
		}
	}
	rows := left.Nrow() + right.Nrow()
	k := &keys{on: on, groups: &groups{of: make([]int, rows)}, missing: make([]bool, rows)}
	for _, name := range on {
		l, err := Column(left, name)
		if err != nil {
			return nil, fmt.Errorf("%w, in the left frame", err)
		}
		r, err := Column(right, name)
		if err != nil {
			return nil, fmt.Errorf("%w, in the right frame", err)
		}
		both, err := stack([]series.Series{l, r})
		if err != nil {
			return nil, err
		}
		code := codes(both)
		for i, c := range code {
			k.missing[i] = k.missing[i] || c == 0
		}
		k.columns = append(k.columns, both)
		k.groups.split(code)
	}
	return k, nil
}

// rowPairs are the rows of a join by those of its frames, -1 where there is none.
type rowPairs struct{ left, right []int }

// pairs finds the rows of the join; the right frame's are counted from 0.
func (k *keys) pairs(lefts int, how How) (left, right []int, err error) {
	partners, start := k.partners(lefts)
	total := 0
	for row := range lefts {
		total += max(1, k.count(row, start))
	}
	if total > math.MaxInt32 {
		return nil, nil, fmt.Errorf("frames: the join on %v has %d rows or more", k.on, total)
	}
	met := make([]bool, len(k.missing)-lefts)
	for row := range lefts {
		n := k.count(row, start)
		if n == 0 && how != Inner {
			left, right = append(left, row), append(right, -1)
		}
		for i := range n {
			partner := partners[start[k.groups.of[row]]+i]
			left, right = append(left, row), append(right, partner)
			met[partner] = true
		}
	}
	for row, done := range met {
		if how == Outer && !done {
			left, right = append(left, -1), append(right, row)
		}
	}
	return left, right, nil
}

// partners are the right rows that have a key, by group: those of group g are
// partners[start[g]:start[g+1]].
func (k *keys) partners(lefts int) (partners, start []int) {
	start = make([]int, len(k.groups.first)+1)
	for i, g := range k.groups.of[lefts:] {
		if !k.missing[lefts+i] {
			start[g+1]++
		}
	}
	for g := range k.groups.first {
		start[g+1] += start[g]
	}
	next := slices.Clone(start)
	partners = make([]int, start[len(start)-1])
	for i, g := range k.groups.of[lefts:] {
		if !k.missing[lefts+i] {
			partners[next[g]] = i
			next[g]++
		}
	}
	return partners, start
}

// count is how many partners a left row has.
func (k *keys) count(row int, start []int) int {
	if k.missing[row] {
		return 0
	}
	g := k.groups.of[row]
	return start[g+1] - start[g]
}

// joined are the columns of a join.
func joined(left, right dataframe.DataFrame, k *keys, rows rowPairs) []series.Series {
	of := make([]int, len(rows.left)) // in the key columns
	for i, l := range rows.left {
		if of[i] = l; l < 0 {
			of[i] = left.Nrow() + rows.right[i]
		}
	}
	var columns []series.Series
	for _, name := range left.Names() {
		if i := slices.Index(k.on, name); i >= 0 {
			columns = append(columns, k.columns[i].Subset(of))
		} else {
			columns = append(columns, pick(left.Col(name), rows.left))
		}
	}
	taken := append(left.Names(), right.Names()...)
	for _, name := range right.Names() {
		if slices.Contains(k.on, name) {
			continue
		}
		c := pick(right.Col(name), rows.right)
		if slices.Contains(left.Names(), name) {
			for slices.Contains(taken, c.Name) {
				c.Name += "_right"
			}
			taken = append(taken, c.Name)
		}
		columns = append(columns, c)
	}
	return columns
}
