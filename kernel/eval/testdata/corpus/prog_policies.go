//go:build ignore

package main

import (
	"fmt"
)

type req struct{ id, tokens int }
type Policy interface{ Pick(q []req) int }
type fifo struct{}

func (fifo) Pick([]req) int { return 0 }

type sjf struct{}

func (sjf) Pick(q []req) int {
	best := 0
	for i, r := range q {
		if r.tokens < q[best].tokens {
			best = i
		}
	}
	return best
}

type rr struct{ n int }

func (r *rr) Pick(q []req) int { r.n++; return r.n % len(q) }
func main() {
	for _, p := range []Policy{fifo{}, sjf{}, &rr{}} {
		fmt.Printf("%T", p)
		q := []req{{1, 30}, {2, 10}, {3, 20}}
		for len(q) > 0 {
			i := p.Pick(q)
			fmt.Print(" ", q[i].id)
			q = append(q[:i:i], q[i+1:]...)
		}
		fmt.Println()
	}
}

// Output:
//	main.fifo 1 2 3
//	main.sjf 2 3 1
//	*main.rr 2 1 3
