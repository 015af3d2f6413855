package lower

import (
	"sync"
	"testing"
	"time"
)

// stopped runs a cell in a goroutine, stops it and waits for its end.
func (c *cells) stopped(src string) {
	c.t.Helper()
	rt := c.low.Runtime()
	done := make(chan error, 1)
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		done <- c.run(src)
	}()
	select {
	case err := <-done:
		c.t.Errorf("ended by itself (%v): %s", err, src)
	case <-time.After(100 * time.Millisecond):
	}
	rt.Stop()
	ended := make(chan bool)
	go func() { wg.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		c.t.Fatalf("not stopped: %s", src)
	}
	rt.Resume()
}

// TestStop holds that every form of a loop stops, and recursion.
func TestStop(t *testing.T) {
	if raceDetector {
		t.Skip("goroutines of interpreted code note their place without a lock")
	}
	t.Parallel()
	for _, src := range []string{
		"func init() { for {} }",
		"var n int\nfunc init() { for n == 0 {} }",
		"func init() { for i := 0; ; i++ { func() { i += 0 }() } }",
		"func init() { for range 1 << 40 {} }",
		"func init() { for i := range 1 << 40 { _ = i } }",
		"func init() { var a [1 << 40]struct{}; for range a {} }",
		"func init() { c := make(chan int); go func() { for range c {} }(); for { c <- 1 } }",
		"func init() { c := make(chan int); go func() { for { c <- 1 } }(); for range c {} }",
		"func init() { <-make(chan int) }",
		"func init() { make(chan int) <- 1 }",
		"func init() { var c chan int; v, ok := <-c; _, _ = v, ok }",
		"func init() { select {} }",
		"func init() { select { case <-make(chan int): case (chan int)(nil) <- 1: } }",
		"func init() {\nagain:\n\tgoto again\n}",
		"func init() { for range func(yield func(int) bool) { for yield(1) {} } {} }",
		"import \"iter\"\nfunc ones() iter.Seq[int] { return func(yield func(int) bool) { for yield(1) {} } }\nfunc init() { for x := range ones() { if x == 1 { continue } } }",
		"func fib(n int) int { if n < 2 { return n }; return fib(n-1) + fib(n-2) }\nfunc init() { fib(60) }",
		"func init() { defer func() { recover() }(); for {} }",
		"func init() { defer func() { for {} }(); for {} }",
		"func init() { for { func() { defer func() { for {} }(); panic(1) }() } }",
		"import \"sort\"\nfunc init() { sort.Slice([]int{2, 1}, func(i, j int) bool { for {}; return true }) }",
		"import \"sync\"\nfunc init() { var wg sync.WaitGroup; for range 3 { wg.Add(1); go func() { defer wg.Done(); for {} }() }; wg.Wait() }",
		"import \"slices\"\nfunc init() { slices.SortFunc([]int{2, 1}, func(a, b int) int { for {}; return 0 }) }",
		"import \"time\"\nfunc init() { for { select { case <-time.After(time.Millisecond): } } }",
		"func init() { m := map[int]int{1: 1}; for { for k := range m { m[k]++ } } }",
		"func init() { for { for i, c := range \"abc\" { _, _ = i, c } } }",
	} {
		newCells(t).stopped(src)
	}
}

// TestStopKeeps holds that what was declared before a Stop works after Resume as
// it did: functions, methods, closures with what they captured, deferred calls,
// goroutines, compiled code that calls back.
func TestStopKeeps(t *testing.T) {
	if raceDetector {
		t.Skip("goroutines of interpreted code note their place without a lock")
	}
	t.Parallel()
	c := newCells(t)
	c.must(`import "sort"
		type Acc struct{ sum int; log []string }
		func (a *Acc) Add(n int) { for i := 0; i < n; i++ { a.sum++ } }
		type Adder interface{ Add(int) }
		var acc = &Acc{}
		var adder Adder = acc
		func counter() func() int { n := 0; return func() int { n++; return n } }
		var next = counter()
		func fact(n int) int { if n == 0 { return 1 }; return n * fact(n-1) }
		func safe(f func()) (err any) { defer func() { err = recover() }(); f(); return nil }
		func order(s []int) []int { sort.Slice(s, func(i, j int) bool { return s[i] < s[j] }); return s }
		func check(k int) {
			acc.sum = 0
			adder.Add(5)
			acc.Add(2)
			if acc.sum != 7 { panic("method") }
			if next() != k { panic("closure") }
			if fact(10) != 3628800 { panic("recursion") }
			if safe(func() { panic(3) }) != 3 { panic("recover") }
			if order([]int{3, 1, 2})[0] != 1 { panic("call back") }
			c := make(chan int)
			go func() { for i := range 10 { c <- i }; close(c) }()
			s := 0
			for x := range c { s += x }
			if s != 45 { panic("goroutines") }
		}
		func init() { check(1) }`)
	c.stopped(`var closed bool
		func spin() { defer func() { closed = true }(); for { next(); next(); fact(3); adder.Add(1) } }
		func init() { old := next; next = func() int { return old() }; k := 0; next = counter(); _ = k; next(); defer func() { next = old }(); spin() }`)
	c.must(`func init() { if !closed { panic("deferred call") }; check(2) }`)
	c.stopped(`func init() { var f func(n int) int; f = func(n int) int { if n < 2 { return n }; return f(n-1) + f(n-2) }; order([]int{3, f(50), 1}) }`)
	c.must(`func init() { check(3) }`)
	c.stopped(`func init() { for { safe(func() { safe(func() { panic(1) }); panic(2) }) } }`)
	c.must(`func init() { check(4) }`)
}

// TestStopRunsDeferred holds that all deferred calls run, also after one that
// was stopped itself.
func TestStopRunsDeferred(t *testing.T) {
	t.Parallel()
	c := newCells(t)
	c.stopped(`var log string
		func init() {
			defer func() { log += "c" }()
			defer func() { log += "b"; for {} }()
			defer func() { log += "a" }()
			func() { defer func() { log += "0" }(); for {} }()
		}`)
	c.must(`func init() { if log != "0abc" { panic(log) } }`)
}

// TestStopPosition holds that the position is that of the loop, where its body
// has no statement that says where it is.
func TestStopPosition(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"func f() int { return 1 }\nfunc init() {\n\tf()\n\tfor {\n\t}\n}":        "cell[1]:5:2",
		"func init() {\n\ts := 0\n\tfor i := range 1 << 40 {\n\t\ts += i\n\t}\n}": "cell[1]:4:2",
		"func f() {}\nfunc init() {\n\tfor {\n\t\tf()\n\t}\n}":                    "cell[1]:5:3",
		"func init() {\nagain:\n\tgoto again\n}":                                  "cell[1]:4:2",
	} {
		c := newCells(t)
		c.stopped(src)
		if got := c.low.Runtime().Position().String(); got != want {
			t.Errorf("%s, want %s: %s", got, want, src)
		}
	}
}

// BenchmarkLoop is a loop with next to nothing in it, 10,000 times round.
func BenchmarkLoop(b *testing.B) {
	for name, loop := range map[string]string{
		"sum":   "for i := 0; i < 10000; i++ { s += i }",
		"range": "for i := range 10000 { s += i }",
		"index": "for i := range a { s += a[i] }",
		"call":  "for i := range 10000 { s = f(s, i) }",
	} {
		b.Run(name, func(b *testing.B) {
			c := newCells(b)
			c.must("var a [10000]int\nfunc f(x, y int) int { return x + y }\nfunc run() (s int) { " + loop + "; return }")
			for b.Loop() {
				c.must("func init() { run() }")
			}
		})
	}
}
