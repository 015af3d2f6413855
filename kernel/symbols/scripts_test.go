package symbols_test

const sortScript = `package main

import (
	"fmt"
	"sort"
)

type down []int

func (d down) Len() int           { return len(d) }
func (d down) Less(i, j int) bool { return d[i] < d[j] }
func (d down) Swap(i, j int)      { d[i], d[j] = d[j], d[i] }

func main() {
	d := down{3, 1, 2}
	sort.Sort(d)
	fmt.Println([]int(d), sort.IsSorted(d))
}
`

const writerScript = `package main

import (
	"bytes"
	"fmt"
)

type upper struct{ to *bytes.Buffer }

func (u *upper) Write(p []byte) (int, error) { return u.to.Write(bytes.ToUpper(p)) }

func main() {
	u := &upper{&bytes.Buffer{}}
	n, _ := fmt.Fprint(u, "hello")
	fmt.Println(n, u.to.String())
}
`

const stringerScript = `package main

import "fmt"

type blocks int

func (b blocks) String() string { return fmt.Sprintf("%d blocks", int(b)) }

type lost struct{ n int }

func (l lost) Error() string { return fmt.Sprint("lost: ", l.n) }

func main() { fmt.Printf("%v, %v\n", blocks(3), lost{4}) }
`

const constantScript = `package main

import (
	"fmt"
	"math"
	"time"
	"unicode"
)

func main() { fmt.Println(math.Pi, math.MaxInt64, time.Minute, unicode.MaxRune, math.E) }
`

const schedulerScript = `package main

import (
	"context"
	"fmt"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/sched"
	"github.com/govidur/govidur/vidur/spec"
)

var calls int

type counted struct{ inner vidur.Scheduler }

func (c counted) Next(rep *vidur.Replica, b *vidur.Batch) {
	calls++
	c.inner.Next(rep, b)
}

func (c counted) Done(rep *vidur.Replica, b *vidur.Batch) { c.inner.Done(rep, b) }

func newCounted(rep *vidur.Replica) (vidur.Scheduler, error) {
	s, err := sched.VLLM{}.New(rep)
	return counted{s}, err
}

func main() {
	e := spec.Default()
	e.Requests = 20
	run, err := e.Build()
	if err != nil {
		fmt.Println(err)
		return
	}
	run.Config.NewScheduler = newCounted
	store, err := run.Simulate(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d of %d, 20 calls or more: %v\n", store.Completed(), store.Arrived(), calls >= 20)
}
`

const gotaScript = `package main

import (
	"fmt"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
)

func main() {
	df := dataframe.New(series.New([]float64{1, 2, 3}, series.Float, "x"))
	big := df.Filter(dataframe.F{Colname: "x", Comparator: series.Greater, Comparando: 1.5})
	fmt.Println(big.Nrow(), big.Col("x").Mean())
}
`

const gonumScript = `package main

import (
	"fmt"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

func main() {
	x := []float64{1, 2, 3}
	m := mat.NewDense(2, 2, []float64{1, 0, 0, floats.Max(x)})
	fmt.Printf("%v %.4f %.4f\n", stat.Mean(x, nil), distuv.UnitNormal.CDF(0)*2, mat.Det(m))
}
`

const plotScript = `package main

import (
	"bytes"
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

type points []float64

func (p points) Len() int                    { return len(p) }
func (p points) XY(i int) (float64, float64) { return float64(i), p[i] }

func main() {
	p := plot.New()
	line, err := plotter.NewLine(points{1, 3, 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	p.Add(line)
	w, err := p.WriterTo(4*vg.Inch, 3*vg.Inch, "png")
	if err != nil {
		fmt.Println(err)
		return
	}
	var b bytes.Buffer
	n, _ := w.WriteTo(&b)
	fmt.Println(n > 1000 && bytes.HasPrefix(b.Bytes(), []byte("\x89PNG")))
}
`

const golearnScript = `package main

import (
	"fmt"

	"github.com/sjwhitworth/golearn/base"
)

func main() {
	grid := base.NewDenseInstances()
	grid.AddAttribute(base.NewFloatAttribute("x"))
	grid.Extend(1)
	columns, rows := grid.Size()
	fmt.Println(columns+1, rows)
}
`
