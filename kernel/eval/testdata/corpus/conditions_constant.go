//go:build ignore

package main

import "fmt"

const yes, no = true, false

type flag bool

func p(s string) bool   { fmt.Print(s, " "); return true }
func q(s string) bool   { fmt.Print(s, " "); return false }
func f(s string) flag   { fmt.Print(s, " "); return true }
func show(x any)        { fmt.Println("=", x) }
func both() (bool, any) { return no && p("b") || q("c"), yes || p("d") }

func main() {
	show(no && (no && no))
	show(!(no && no) || !no)
	show(no || no && no)
	show(no && no && yes)
	show(no && (no || yes))
	show(!(no || no) && !yes)
	show(no || no || yes)
	show(no && no || p("c"))
	show(no || (no && p("c")))
	show(!(no || no) || !p("c"))
	show(no && no && q("c"))
	show(no || no && q("c"))
	show(no || (no || q("c")))
	show(!(no && yes) && !no)
	show(no && yes || no)
	show(no || yes || no)
	show(no && (yes && yes))
	show(!(no && yes) || !yes)
	show(no || yes && yes)
	show(no && yes && p("c"))
	show(no && (yes || p("c")))
	show(!(no || yes) && !p("c"))
	show(no || yes || p("c"))
	show(no && yes || q("c"))
	show(no || (yes && q("c")))
	show(!(no || yes) || !q("c"))
	show(no && p("b") && no)
	show(no || p("b") && no)
	show(no || (p("b") || no))
	show(!(no && p("b")) && !yes)
	show(no && p("b") || yes)
	show(no || p("b") || yes)
	show(no && (p("b") && p("c")))
	show(!(no && p("b")) || !p("c"))
	show(no || p("b") && p("c"))
	show(no && p("b") && q("c"))
	show(no && (p("b") || q("c")))
	show(!(no || p("b")) && !q("c"))
	show(no || p("b") || q("c"))
	show(no && q("b") || no)
	show(no || (q("b") && no))
	show(!(no || q("b")) || !no)
	show(no && q("b") && yes)
	show(no || q("b") && yes)
	show(no || (q("b") || yes))
	show(!(no && q("b")) && !p("c"))
	show(no && q("b") || p("c"))
	show(no || q("b") || p("c"))
	show(no && (q("b") && q("c")))
	show(!(no && q("b")) || !q("c"))
	show(no || q("b") && q("c"))
	show(yes && no && no)
	show(yes && (no || no))
	show(!(yes || no) && !no)
	show(yes || no || no)
	show(yes && no || yes)
	show(yes || (no && yes))
	show(!(yes || no) || !yes)
	show(yes && no && p("c"))
	show(yes || no && p("c"))
	show(yes || (no || p("c")))
	show(!(yes && no) && !q("c"))
	show(yes && no || q("c"))
	show(yes || no || q("c"))
	show(yes && (yes && no))
	show(!(yes && yes) || !no)
	show(yes || yes && no)
	show(yes && yes && yes)
	show(yes && (yes || yes))
	show(!(yes || yes) && !yes)
	show(yes || yes || yes)
	show(yes && yes || p("c"))
	show(yes || (yes && p("c")))
	show(!(yes || yes) || !p("c"))
	show(yes && yes && q("c"))
	show(yes || yes && q("c"))
	show(yes || (yes || q("c")))
	show(!(yes && p("b")) && !no)
	show(yes && p("b") || no)
	show(yes || p("b") || no)
	show(yes && (p("b") && yes))
	show(!(yes && p("b")) || !yes)
	show(yes || p("b") && yes)
	show(yes && p("b") && p("c"))
	show(yes && (p("b") || p("c")))
	show(!(yes || p("b")) && !p("c"))
	show(yes || p("b") || p("c"))
	show(yes && p("b") || q("c"))
	show(yes || (p("b") && q("c")))
	show(!(yes || p("b")) || !q("c"))
	show(yes && q("b") && no)
	show(yes || q("b") && no)
	show(yes || (q("b") || no))
	show(!(yes && q("b")) && !yes)
	show(yes && q("b") || yes)
	show(yes || q("b") || yes)
	show(yes && (q("b") && p("c")))
	show(!(yes && q("b")) || !p("c"))
	show(yes || q("b") && p("c"))
	show(yes && q("b") && q("c"))
	show(yes && (q("b") || q("c")))
	show(!(yes || q("b")) && !q("c"))
	show(yes || q("b") || q("c"))
	show(p("a") && no || no)
	show(p("a") || (no && no))
	show(!(p("a") || no) || !no)
	show(p("a") && no && yes)
	show(p("a") || no && yes)
	show(p("a") || (no || yes))
	show(!(p("a") && no) && !p("c"))
	show(p("a") && no || p("c"))
	show(p("a") || no || p("c"))
	show(p("a") && (no && q("c")))
	show(!(p("a") && no) || !q("c"))
	show(p("a") || no && q("c"))
	show(p("a") && yes && no)
	show(p("a") && (yes || no))
	show(!(p("a") || yes) && !no)
	show(p("a") || yes || no)
	show(p("a") && yes || yes)
	show(p("a") || (yes && yes))
	show(!(p("a") || yes) || !yes)
	show(p("a") && yes && p("c"))
	show(p("a") || yes && p("c"))
	show(p("a") || (yes || p("c")))
	show(!(p("a") && yes) && !q("c"))
	show(p("a") && yes || q("c"))
	show(p("a") || yes || q("c"))
	show(p("a") && (p("b") && no))
	show(!(p("a") && p("b")) || !no)
	show(p("a") || p("b") && no)
	show(p("a") && p("b") && yes)
	show(p("a") && (p("b") || yes))
	show(!(p("a") || p("b")) && !yes)
	show(p("a") || p("b") || yes)
	show(p("a") && p("b") || p("c"))
	show(p("a") || (p("b") && p("c")))
	show(!(p("a") || p("b")) || !p("c"))
	show(p("a") && p("b") && q("c"))
	show(p("a") || p("b") && q("c"))
	show(p("a") || (p("b") || q("c")))
	show(!(p("a") && q("b")) && !no)
	show(p("a") && q("b") || no)
	show(p("a") || q("b") || no)
	show(p("a") && (q("b") && yes))
	show(!(p("a") && q("b")) || !yes)
	show(p("a") || q("b") && yes)
	show(p("a") && q("b") && p("c"))
	show(p("a") && (q("b") || p("c")))
	show(!(p("a") || q("b")) && !p("c"))
	show(p("a") || q("b") || p("c"))
	show(p("a") && q("b") || q("c"))
	show(p("a") || (q("b") && q("c")))
	show(!(p("a") || q("b")) || !q("c"))
	show(q("a") && no && no)
	show(q("a") || no && no)
	show(q("a") || (no || no))
	show(!(q("a") && no) && !yes)
	show(q("a") && no || yes)
	show(q("a") || no || yes)
	show(q("a") && (no && p("c")))
	show(!(q("a") && no) || !p("c"))
	show(q("a") || no && p("c"))
	show(q("a") && no && q("c"))
	show(q("a") && (no || q("c")))
	show(!(q("a") || no) && !q("c"))
	show(q("a") || no || q("c"))
	show(q("a") && yes || no)
	show(q("a") || (yes && no))
	show(!(q("a") || yes) || !no)
	show(q("a") && yes && yes)
	show(q("a") || yes && yes)
	show(q("a") || (yes || yes))
	show(!(q("a") && yes) && !p("c"))
	show(q("a") && yes || p("c"))
	show(q("a") || yes || p("c"))
	show(q("a") && (yes && q("c")))
	show(!(q("a") && yes) || !q("c"))
	show(q("a") || yes && q("c"))
	show(q("a") && p("b") && no)
	show(q("a") && (p("b") || no))
	show(!(q("a") || p("b")) && !no)
	show(q("a") || p("b") || no)
	show(q("a") && p("b") || yes)
	show(q("a") || (p("b") && yes))
	show(!(q("a") || p("b")) || !yes)
	show(q("a") && p("b") && p("c"))
	show(q("a") || p("b") && p("c"))
	show(q("a") || (p("b") || p("c")))
	show(!(q("a") && p("b")) && !q("c"))
	show(q("a") && p("b") || q("c"))
	show(q("a") || p("b") || q("c"))
	show(q("a") && (q("b") && no))
	show(!(q("a") && q("b")) || !no)
	show(q("a") || q("b") && no)
	show(q("a") && q("b") && yes)
	show(q("a") && (q("b") || yes))
	show(!(q("a") || q("b")) && !yes)
	show(q("a") || q("b") || yes)
	show(q("a") && q("b") || p("c"))
	show(q("a") || (q("b") && p("c")))
	show(!(q("a") || q("b")) || !p("c"))
	show(q("a") && q("b") && q("c"))
	show(q("a") || q("b") && q("c"))
	show(q("a") || (q("b") || q("c")))
	x := no && p("1") && p("2")
	x = x == true && p("3") && p("4")
	show(x)
	if no && p("5") && p("6") || q("7") {
		show("in")
	}
	for i := 0; no && p("8") && p("9") || i < 2; i++ {
		show(i)
	}
	switch {
	case no && p("10") && p("11"), yes && q("12"):
		show("case")
	}
	var y flag = no && f("13") && f("14")
	show(y)
	fmt.Println(both())
	func() {
		defer func() { recover() }()
		var m map[string]int
		if no && m["x"] == 1/len(m) && p("15") {
			return
		}
		show("end")
	}()
}

// Output:
//	= false
//	= true
//	= false
//	= false
//	= false
//	= false
//	= true
//	c = true
//	= false
//	= true
//	= false
//	= false
//	c = false
//	= true
//	= false
//	= true
//	= false
//	= true
//	= true
//	= false
//	= false
//	= false
//	= true
//	c = false
//	c = false
//	c = true
//	= false
//	b = false
//	b = true
//	= false
//	= true
//	b = true
//	= false
//	= true
//	b c = true
//	= false
//	= false
//	b = false
//	b = true
//	= false
//	b = false
//	b = true
//	= false
//	b = false
//	b = true
//	c = false
//	c = true
//	b c = true
//	= false
//	= true
//	b = false
//	= false
//	= false
//	= false
//	= true
//	= true
//	= true
//	= false
//	= false
//	= true
//	= true
//	c = true
//	c = false
//	= true
//	= false
//	= true
//	= true
//	= true
//	= true
//	= false
//	= true
//	= true
//	= true
//	c = false
//	c = false
//	= true
//	= true
//	b = false
//	b = true
//	= true
//	b = true
//	b = false
//	= true
//	b c = true
//	b = true
//	= false
//	= true
//	b = true
//	= true
//	c = true
//	b = false
//	= true
//	= true
//	b = false
//	b = true
//	= true
//	b = false
//	b = true
//	= true
//	b = false
//	b c = false
//	= false
//	= true
//	a = false
//	a = true
//	a = true
//	a = false
//	a = true
//	a = true
//	a c = false
//	a c = true
//	a = true
//	a = false
//	a = true
//	a = true
//	a = false
//	a = true
//	a = false
//	a = true
//	a = true
//	a = true
//	a = false
//	a c = true
//	a = true
//	a = true
//	a = false
//	a = true
//	a = true
//	a b = false
//	a b = true
//	a = true
//	a b = true
//	a b = true
//	a = false
//	a = true
//	a b = true
//	a = true
//	a c = false
//	a b c = false
//	a = true
//	a = true
//	a b = true
//	a b = false
//	a = true
//	a b = false
//	a b = true
//	a = true
//	a b = false
//	a b c = true
//	a = false
//	a = true
//	a b c = false
//	a = true
//	a c = true
//	a = false
//	a = false
//	a = false
//	a = false
//	a = true
//	a = true
//	a = false
//	a = true
//	a = false
//	a = false
//	a = false
//	a c = true
//	a c = false
//	a = false
//	a = false
//	a = true
//	a = false
//	a = true
//	a = true
//	a c = false
//	a c = true
//	a = true
//	a = false
//	a = true
//	a c = false
//	a = false
//	a = false
//	a b = false
//	a b = true
//	a = true
//	a b = true
//	a b = false
//	a = false
//	a b c = true
//	a b = true
//	a c = true
//	a c = false
//	a b = true
//	a = false
//	a = true
//	a b = false
//	a = false
//	a = false
//	a b = false
//	a b = true
//	a c = true
//	a b = false
//	a b = true
//	a = false
//	a b = false
//	a b c = false
//	= false
//	7 = 0
//	= 1
//	12 = false
//	c false true
//	= end
