//go:build ignore

package main

import (
	"fmt"
	"sort"
)

type List []int

func (l *List) Add(n int)         { *l = append(*l, n) }
func (l List) Len() int           { return len(l) }
func (l List) Less(i, j int) bool { return l[i] < l[j] }
func (l List) Swap(i, j int)      { l[i], l[j] = l[j], l[i] }
func (l List) Sum() (s int) {
	for _, v := range l {
		s += v
	}
	return
}
func main() {
	l := List{3, 1, 2}
	l.Add(0)
	sort.Sort(l)
	fmt.Println(l, l.Len(), l.Sum())
}

// Output:
//	[0 1 2 3] 4 6
