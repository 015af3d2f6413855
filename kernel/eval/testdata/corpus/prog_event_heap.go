//go:build ignore

package main

import (
	"container/heap"
	"fmt"
)

type event struct {
	at float64
	id int
}
type Q []*event

func (q Q) Len() int { return len(q) }
func (q Q) Less(i, j int) bool {
	if q[i].at != q[j].at {
		return q[i].at < q[j].at
	}
	return q[i].id < q[j].id
}
func (q Q) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *Q) Push(x any)   { *q = append(*q, x.(*event)) }
func (q *Q) Pop() any     { n := len(*q) - 1; e := (*q)[n]; *q = (*q)[:n]; return e }
func main() {
	q := &Q{}
	for i, t := range []float64{5, 1, 3, 1, 2} {
		heap.Push(q, &event{t, i})
	}
	for q.Len() > 0 {
		e := heap.Pop(q).(*event)
		fmt.Print(e.at, "/", e.id, " ")
	}
	fmt.Println()
}

// Output:
//	1/1 1/3 2/4 3/2 5/0
