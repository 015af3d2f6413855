//go:build ignore

package main

import (
	"fmt"
)

type Graph struct {
	nodes []*Node
	names map[string]*Node
}
type Node struct {
	g    *Graph
	name string
	out  []Edge
}
type Edge struct {
	from, to *Node
	w        int
}

func (g *Graph) node(s string) *Node {
	n := &Node{g: g, name: s}
	g.nodes = append(g.nodes, n)
	g.names[s] = n
	return n
}
func (n *Node) link(to *Node, w int) { n.out = append(n.out, Edge{n, to, w}) }
func main() {
	g := &Graph{names: map[string]*Node{}}
	a, b := g.node("a"), g.node("b")
	a.link(b, 3)
	b.link(a, 4)
	for _, n := range []*Node{a, b} {
		for _, e := range n.out {
			fmt.Println(n.name, e.to.name, e.w, e.to.g == g, e.from == n)
		}
	}
	fmt.Println(len(g.nodes), g.nodes[0].out[0].to.out[0].to == a)
}

// Output:
//	a b 3 true true
//	b a 4 true true
//	2 true
