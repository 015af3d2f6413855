//go:build ignore

package main

import (
	"fmt"
	"runtime"
)

type list []int

type pair struct {
	a any
	b int
}

type named struct{ n int }

func (n named) Get() int       { return n.n }
func (n named) String() string { return fmt.Sprint("named ", n.n) }

type getter interface{ Get() int }

type outer struct{ *named }

func try(name string, f func()) {
	defer func() {
		r := recover()
		if e, ok := r.(runtime.Error); ok {
			fmt.Println(name, "error:", e)
			return
		}
		fmt.Println(name, r)
	}()
	f()
}

// helper recovers only if it is deferred itself.
func helper() {
	if r := recover(); r != nil {
		fmt.Println("helper recovered", r)
	}
}

type cleaner struct{}

func (cleaner) clean() { helper() }
func (*cleaner) catch() {
	if r := recover(); r != nil {
		fmt.Println("catch recovered", r)
	}
}

type closer interface{ clean() }

func main() {
	m := map[any]int{}
	try("slice key", func() { m[list{1}]++ })
	try("compiled key", func() { _ = m[[]int{1}] })
	try("func key", func() { delete(m, any(func() {})) })
	try("pair key", func() { m[pair{list{}, 1}] = 1 })
	try("good keys", func() { m[pair{1, 1}], m["x"], m[named{1}] = 1, 2, 3; fmt.Println(len(m)) })
	var a, b any = list{}, list{}
	try("compare", func() { fmt.Println(a == b) })
	a, b = pair{list{}, 1}, pair{list{}, 1}
	try("compare pairs", func() { fmt.Println(a == b) })
	var p *named
	var g getter = p
	try("nil pointer", func() { g.Get() })
	g = outer{}
	try("nil embedded", func() { g.Get() })
	try("direct", func() { p.Get() })
	fmt.Printf("%v %v\n", p, named{2})
	fn, meth := func() { helper() }, cleaner.clean
	var c closer = cleaner{}
	try("literal", func() { defer fn(); panic(1) })
	try("expression", func() { defer meth(cleaner{}); panic(2) })
	try("interface", func() { defer c.clean(); panic(3) })
	try("helper", func() { f := helper; defer f(); panic(4) })
	try("pointer method", func() { f := (&cleaner{}).catch; defer f(); panic(5) })
	try("passed on", func() { defer func(f func()) { f() }(helper); panic(6) })
	try("after", func() { defer func() { fn(); recover() }(); panic(7) })
}

// Output:
//	slice key error: runtime error: hash of unhashable type main.list
//	compiled key error: hash of unhashable type: []int
//	func key error: hash of unhashable type: func()
//	pair key error: runtime error: hash of unhashable type main.list
//	3
//	good keys <nil>
//	compare error: runtime error: comparing uncomparable type main.list
//	compare pairs error: runtime error: comparing uncomparable type main.list
//	nil pointer error: value method main.named.Get called using nil *named pointer
//	nil embedded error: runtime error: invalid memory address or nil pointer dereference
//	direct error: runtime error: invalid memory address or nil pointer dereference
//	<nil> named 2
//	literal 1
//	expression 2
//	interface 3
//	helper recovered 4
//	helper <nil>
//	catch recovered 5
//	pointer method <nil>
//	passed on 6
//	after <nil>
