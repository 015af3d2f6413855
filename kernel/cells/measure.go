package cells

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/govidur/govidur/kernel/eval"
)

// time runs Go, or the rest of the cell, and says how long that took.
func (s *Shell) time(c call) error {
	before := allocated()
	begun, cpu := time.Now(), cpuTime()
	err := s.timed(c)
	wall, used := time.Since(begun), cpuTime()-cpu
	if c.out.Reset || !ran(err) {
		return err
	}
	line := "wall " + round(wall)
	if used > 0 {
		line += ", CPU " + round(used)
	}
	s.print("%s, %s allocated\n", line, size(allocated()-before))
	return err
}

func (s *Shell) timed(c call) error {
	if c.arg.from < c.arg.to {
		return s.run(c.ctx, c.body(), c.out)
	}
	return s.cell(c.ctx, c.body(), c.out)
}

// ran reports whether anything has run before an error.
func ran(err error) bool {
	var e *eval.Error
	if errors.As(err, &e) {
		return !slices.Contains([]eval.Kind{eval.Syntax, eval.Compile, eval.Refused}, e.Kind)
	}
	return err == nil
}

// round writes a duration with three or four digits.
func round(d time.Duration) string {
	for unit := time.Nanosecond; unit < time.Second; unit *= 10 {
		if d < 10_000*unit {
			return d.Round(unit).String()
		}
	}
	return d.Round(time.Millisecond).String()
}

// size writes a number of bytes.
func size(n uint64) string {
	units := []string{"B", "kB", "MB", "GB", "TB"}
	x := float64(n)
	for ; x >= 1000 && len(units) > 1; units = units[1:] {
		x /= 1000
	}
	if units[0] == "B" {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.3g %s", x, units[0])
}

// allocated is how many bytes the process has allocated so far.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

const (
	benchTime = time.Second // as of go test -bench
	benchMost = 1_000_000_000
)

// bench repeats Go until that has taken long enough.
func (s *Shell) bench(c call) error {
	loop, err := s.loop(c)
	if err != nil {
		return err
	}
	for n := 1; ; {
		r, err := s.repeat(c, loop, n)
		if err != nil {
			return err
		}
		if r.took >= benchTime || n >= benchMost {
			s.print("%s\n", r)
			return nil
		}
		n = r.next()
	}
}

// loop is a function that does what is to be measured n times.
func (s *Shell) loop(c call) (func(n int), error) {
	body := c.code.of(c.src.Code)
	if strings.TrimSpace(body) == "" {
		return nil, problem(c.src, c.name.to, "%bench: of what?")
	}
	f, err := s.function(c, "")
	if err == nil || !drops(err, body) {
		return f, err
	}
	return s.function(c, "_ = ")
}

// drops reports whether code is an expression whose value Go does not let drop.
func drops(err error, body string) bool {
	var e *eval.Error
	x, bad := parser.ParseExpr(body)
	if bad != nil || !errors.As(err, &e) {
		return false
	}
	_, call := ast.Unparen(x).(*ast.CallExpr)
	return !call || strings.HasSuffix(e.Problems[0].Msg, "is not used")
}

// function makes the loop, with set before its code. A line directive keeps the
// places of the code.
func (s *Shell) function(c call, set string) (func(n int), error) {
	line := 1 + strings.Count(c.src.Code[:c.code.from], "\n")
	column := c.code.from - strings.LastIndexByte(c.src.Code[:c.code.from], '\n')
	code := fmt.Sprintf("func(nʹ int) { for range nʹ { %s/*line %s:%d:%d*/%s\n}}", set, c.src.Name, line, column, c.code.of(c.src.Code))
	res, err := s.session.Eval(c.ctx, eval.Source{Name: c.src.Name, Code: code})
	if err != nil {
		return nil, err
	}
	c.out.Notes = append(c.out.Notes, res.Notes...)
	if len(res.Values) == 1 {
		if f, ok := res.Values[0].Any.(func(int)); ok {
			return f, nil
		}
	}
	return nil, problem(c.src, c.code.from, "%bench repeats statements or an expression")
}

// repeat measures n rounds.
func (s *Shell) repeat(c call, loop func(n int), n int) (r measured, err error) {
	r.n = n
	runtime.GC()
	var before, after runtime.MemStats
	err = s.session.Do(c.ctx, func() {
		runtime.ReadMemStats(&before)
		begun := time.Now()
		loop(n)
		r.took = time.Since(begun)
		runtime.ReadMemStats(&after)
	})
	r.bytes, r.allocs = after.TotalAlloc-before.TotalAlloc, after.Mallocs-before.Mallocs
	return r, err
}

// measured is what n rounds took.
type measured struct {
	n             int
	took          time.Duration
	bytes, allocs uint64
}

// next is how many rounds should take long enough, by the rule of package testing: a
// fifth more than seems needed, but not more than a hundred times what was.
func (r measured) next() int {
	per := max(r.took.Nanoseconds(), 1)
	n := benchTime.Nanoseconds() * int64(r.n) / per
	n += n / 5
	n = min(n, 100*int64(r.n))
	return int(min(max(n, int64(r.n)+1), benchMost))
}

// String is as go test -bench -benchmem prints it.
func (r measured) String() string {
	n := uint64(r.n)
	ns := float64(r.took.Nanoseconds()) / float64(r.n)
	format := "%8d\t%10.0f ns/op\t%8d B/op\t%8d allocs/op"
	switch {
	case ns < 1:
		format = strings.Replace(format, ".0f", ".4f", 1)
	case ns < 100:
		format = strings.Replace(format, ".0f", ".2f", 1)
	}
	return fmt.Sprintf(format, r.n, ns, r.bytes/n, r.allocs/n)
}
