package lower

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// randomVariable is the number of programs that TestRandom makes; 1 by default.
const randomVariable = "LOWER_RANDOM"

// TestRandom holds that programs made by chance, of expressions and statements
// with closures, loops, switches, copies and pointers, print what they print
// when they are compiled, or are refused. In no expression is the order open in
// which it is evaluated.
func TestRandom(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv(randomVariable))
	if err != nil {
		n = 1
	}
	dir := t.TempDir()
	for seed := range n {
		name := filepath.Join(dir, fmt.Sprintf("random%d.go", seed))
		w := &writer{r: rand.New(rand.NewPCG(uint64(seed), 1))}
		if err := os.WriteFile(name, []byte(w.program(40)), 0o666); err != nil {
			t.Fatal(err)
		}
		exe := filepath.Join(dir, "program")
		if o := execute(t, 2*time.Minute, nil, "go", "build", "-o", exe, name); o.code != 0 {
			t.Fatalf("seed %d: %s", seed, o.stderr)
		}
		want, got := execute(t, time.Minute, nil, exe), interpret(t, name)
		if got.code == exitRefused {
			t.Logf("seed %d: %s", seed, got.stderr)
			continue
		}
		if want.stdout != got.stdout || want.code != got.code {
			t.Errorf("seed %d: %s\n%s", seed, firstDifference(want.stdout, got.stdout), got.stderr)
		}
	}
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return fmt.Sprintf("line %d: compiled %q, interpreted %q", i+1, w[i], g[i])
		}
	}
	return fmt.Sprintf("compiled %d lines, interpreted %d", len(w), len(g))
}

// writer writes programs that end and do not panic.
type writer struct {
	r      *rand.Rand
	b      strings.Builder
	count  int
	labels []string
}

func (w *writer) pick(list ...string) string { return list[w.r.IntN(len(list))] }

func (w *writer) name(base string) string {
	w.count++
	return fmt.Sprint(base, w.count)
}

const randomHead = `package main

import "fmt"

const yes, no, five = true, false, 5

type In struct{ x, y int }
type T struct {
	n  int
	f  float64
	in In
	a  [3]int
}

func (t T) get(d int) int   { return t.n + t.in.x*d }
func (t *T) add(d int) *T   { t.n += d; t.a[ix(d)]++; return t }
func (t T) with(d int) T    { t.n, t.a[1] = d, t.n; return t }

type adder interface{ add(int) *T }

var g, calls int // calls is in no expression: when it is read would be open
var gt T

func ix(i int) int          { return ((i % 3) + 3) % 3 }
func nz(i int) int          { if i == 0 || i == -1 { return 3 }; return i }
func id(i int) int          { calls++; return i }
func yesno(b bool) bool     { calls += 3; return b }
func two(i int) (int, int)  { return i + 1, i * 2 }
func sum(xs ...int) (s int) { for _, x := range xs { s += x }; return }
func gen[E any](a, b E, first bool) E { if first { return a }; return b }
func small(i int) int       { return i % 1000 }

`

func (w *writer) program(n int) string {
	w.b.WriteString(randomHead)
	for k := range n {
		fmt.Fprintf(&w.b, "func f%d(a, b int, x float64, p, q bool) (r int, s string) {\n", k)
		w.b.WriteString("t, u := T{n: a, in: In{b, 1}}, T{n: b, f: x}\nps, arr, sl, m := &u, [3]int{a, b, 1}, []int{b, a, 2, 3}, map[string]int{\"k\": a}\nvar fs []func(int) int\n")
		w.b.WriteString("var ad adder = ps\n")
		w.block(4, 4)
		w.b.WriteString("for i, f := range fs { v := f(i); r += v }\ns += fmt.Sprint(a, b, x, p, q, t, u, arr, sl, m[\"k\"], len(fs), ad != nil)\nreturn\n}\n\n")
	}
	w.b.WriteString("func main() {\n")
	for k := range n {
		fmt.Fprintf(&w.b, "\tfmt.Println(f%d(%d, %d, %v, %v, %v))\n\tfmt.Println(g, calls, gt)\n", k, w.r.IntN(19)-9, w.r.IntN(19)-9, float64(w.r.IntN(19)-9)/2, w.r.IntN(2) == 0, w.r.IntN(2) == 0)
	}
	w.b.WriteString("}\n")
	return w.b.String()
}

// block writes some statements.
func (w *writer) block(most, depth int) {
	for range 1 + w.r.IntN(most) {
		w.stmt(depth)
	}
}

func (w *writer) line(format string, args ...any) { fmt.Fprintf(&w.b, format+"\n", args...) }

// body writes { statements } without the end of the line.
func (w *writer) body(depth int) {
	w.line("{")
	w.block(3, depth-1)
	w.b.WriteString("}")
}

func (w *writer) stmt(depth int) {
	if depth <= 0 {
		w.simple()
		return
	}
	switch w.r.IntN(16) {
	case 0, 1:
		w.b.WriteString("if " + w.boolean(2) + " ")
		w.body(depth)
		if w.r.IntN(2) == 0 {
			w.b.WriteString(" else if " + w.boolean(1) + " ")
			w.body(depth)
		}
		w.line("")
	case 2, 3:
		w.loop(depth)
	case 4:
		w.choose(depth)
	case 5:
		w.closure(depth)
	case 6:
		labels := w.labels
		w.labels = nil
		w.line("func() {\ndefer func(d int) { a += d; s += fmt.Sprint(\"d\", %s) }(%s)\n", w.integer(1), w.integer(1))
		w.block(2, depth-1)
		w.line("}()")
		w.labels = labels
	case 7:
		n := w.name("p")
		w.line("%s := &%s\n*%s %s %s", n, w.place(), n, w.pick("=", "+=", "^=", "-="), "small("+w.integer(2)+")")
	case 8:
		n := w.name("c")
		w.line("%s := %s\n%s.n, %s.a[%s] = %s, %s\ns += fmt.Sprint(%s.n, t.n, u.n)", n, w.pick("t", "u", "*ps", "gt", "t.with(a)"), n, n, w.index(), w.integer(1), w.integer(1), n)
	default:
		w.simple()
	}
}

// simple writes an assignment or a call.
func (w *writer) simple() {
	switch w.r.IntN(9) {
	case 0:
		w.line("%s, %s = %s, %s", w.place(), w.place(), w.integer(2), w.integer(2))
	case 1:
		w.line("%s%s", w.place(), w.pick("++", "--"))
	case 2:
		w.line("%s, %s = two(small(%s))", w.place(), w.place(), w.integer(1))
	case 3:
		w.line("x = %s", w.float(2))
	case 4:
		w.line("%s = %s", w.pick("p", "q"), w.boolean(3))
	case 5:
		w.line("s += fmt.Sprint(%s, %s, len(s) %% 100)", w.integer(2), w.boolean(2))
	case 6:
		w.line("%s", w.pick("ad.add(a)", "ps.add(b).add(1)", "t = u", "u = T{n: a}", "gt = t", "arr = t.a", "t.a, arr = arr, t.a", "t.in, u.in = u.in, t.in", "sl[0], sl[1] = sl[1], sl[0]", "ps = &t", "ps = &u", "ad = ps", "copy(sl, arr[:])", "sl = append(sl[:3], a)"))
	default:
		w.line("%s %s small(%s)", w.place(), w.pick("=", "+=", "-=", "^=", "|="), w.integer(3))
	}
}

func (w *writer) loop(depth int) {
	label, i := w.name("L"), w.name("i")
	w.line("%s:", label)
	w.labels = append(w.labels, label)
	switch w.r.IntN(5) {
	case 0:
		w.line("for %s := 0; %s < 3 && %s; %s++ {", i, i, w.boolean(1), i)
	case 1:
		w.line("for %s := range 3 {", i)
	case 2:
		w.line("for %s, v := range %s {\nb += v", i, w.pick("arr", "sl", "t.a", "arr[1:]"))
	case 3:
		w.line("for %s, v := range \"aé\" {\nb += int(v)", i)
	default:
		w.line("for %s, v := range [2]int{a, b} {\nsl[%s] += v", i, w.index())
	}
	w.line("a = small(a + %s)\nfs = append(fs, func(d int) int { %s += d; return %s + small(a) })", i, i, i)
	w.line("if len(fs) > 20 { break %s }", label)
	w.block(2, depth-1)
	if w.r.IntN(2) == 0 {
		w.line("if %s { %s %s }", w.boolean(1), w.pick("continue", "break"), w.pick("", w.labels[w.r.IntN(len(w.labels))]))
	} else {
		w.line("if %s { continue %s }", w.boolean(1), label)
	}
	w.block(1, depth-1)
	w.line("}")
	w.labels = w.labels[:len(w.labels)-1]
}

func (w *writer) choose(depth int) {
	tag := w.r.IntN(2) == 0
	if tag {
		w.line("switch v := %s; ix(v) {", w.integer(2))
	} else {
		w.line("switch {")
	}
	at := w.r.IntN(4)
	for k := range 3 {
		if k == at {
			w.line("default:")
			w.block(1, depth-1)
		}
		if tag {
			w.line("case %d, id(%s)+10:", k, w.integer(1))
		} else {
			w.line("case %s, %s:", w.boolean(1), w.boolean(2))
		}
		w.block(2, depth-1)
		if k < 2 && w.r.IntN(4) == 0 {
			w.line("fallthrough")
		}
	}
	w.line("}")
}

func (w *writer) closure(depth int) {
	labels := w.labels
	w.labels = nil
	n := w.name("h")
	w.line("%s := func(d int) int {", n)
	w.simple()
	if depth > 2 {
		w.stmt(1)
	}
	w.line("a = small(a + d)\nreturn %s\n}\nif len(fs) < 20 { fs = append(fs, %s) }\n%sv := %s(%s)\nb = small(b + %sv)", "small("+w.integer(2)+")", n, n, n, w.integer(1), n)
	w.labels = labels
}

func (w *writer) index() string { return "ix(" + w.pick("a", "b", "g", "t.n", "1", "len(s)") + ")" }

// place is a variable or a part of one of type int.
func (w *writer) place() string {
	return w.pick("a", "b", "r", "t.n", "u.in.x", "t.in.y", "ps.n", "ps.in.y", "gt.n", "arr["+w.index()+"]", "sl["+w.index()+"]", "t.a["+w.index()+"]", "ps.a["+w.index()+"]")
}

func (w *writer) integer(d int) string {
	if d <= 0 {
		return w.pick(w.place(), w.place(), "m[\"k\"]", "1", "2", "-3", "five", "len(sl)", "g%7")
	}
	x, y := w.integer(d-1), w.integer(d-1)
	switch w.r.IntN(12) {
	case 0:
		return "(" + x + " / nz(" + y + "))"
	case 1:
		return "(" + x + " % nz(" + y + "))"
	case 2:
		return "(small(" + x + ") << (uint(small(" + y + ")) & 3))"
	case 3:
		return "(" + x + " >> (uint(small(" + y + ")) & 7))"
	case 4:
		return w.pick("id", "small", "t.get", "ps.get", "gt.get", "sum", "t.with(3).get") + "(" + x + ")"
	case 5:
		return "gen(" + x + ", " + y + ", " + w.boolean(d-1) + ")"
	case 6:
		return w.pick("(-", "(^", "(+") + "(" + x + "))"
	}
	return "(" + x + w.pick(" + ", " - ", " * ", " & ", " | ", " ^ ", " &^ ") + y + ")"
}

func (w *writer) float(d int) string {
	if d <= 0 {
		return w.pick("x", "1.5", "2", "-0.25", "t.f", "u.f", "float64(a)", "float64(small(b))")
	}
	return "(" + w.float(d-1) + w.pick(" + ", " - ", " * ") + w.float(d-1) + ")/4"
}

func (w *writer) boolean(d int) string {
	if d <= 0 {
		return w.pick("p", "q", "yes", "no", "true", "("+w.integer(0)+" < "+w.integer(0)+")", "("+w.float(0)+" >= "+w.float(0)+")", "(t == u)", "(t.in != u.in)", "(arr == t.a)")
	}
	switch w.r.IntN(8) {
	case 0:
		return "!" + w.boolean(d-1)
	case 1:
		return "yesno(" + w.boolean(d-1) + ")"
	case 2:
		return "(" + w.integer(d-1) + w.pick(" < ", " == ", " != ", " >= ") + w.integer(d-1) + ")"
	}
	return "(" + w.boolean(d-1) + w.pick(" && ", " || ") + w.boolean(d-1) + ")"
}
