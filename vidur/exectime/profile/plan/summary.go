package plan

import (
	"fmt"
	"io"
	"math"
	"slices"
	"text/tabwriter"
	"time"
)

// Total is what the points of one kind cost.
type Total struct {
	Kind    Kind
	Points  int
	Seconds float64 // together
	Memory  int64   // of the largest, bytes
}

// Totals are those of each kind that the plan has points of, in the order of Kinds.
func (p *Plan) Totals() []Total {
	var list []Total
	for _, k := range Kinds() {
		t := Total{Kind: k}
		for i := range p.Points {
			if pt := &p.Points[i]; pt.Kind == k {
				t.Points++
				t.Seconds += pt.Seconds
				t.Memory = max(t.Memory, pt.Memory)
			}
		}
		if t.Points > 0 {
			list = append(list, t)
		}
	}
	return list
}

// long is when a plan of whole grids is worth cutting, s.
const long = 300

// Summary writes a table of the totals, what was left out, and the notes.
func (p *Plan) Summary(w io.Writer) error {
	fmt.Fprintf(w, "%s on %s (%.1f GiB) in %s, %s\n\n", p.ModelName, p.Device, gib(p.MemoryBytes), p.Node, p.DType)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "kind\tpoints\ttime\tpeak memory\t")
	all := Total{Kind: "all"}
	for _, k := range p.Totals() {
		row(t, k)
		all.Points, all.Seconds, all.Memory = all.Points+k.Points, all.Seconds+k.Seconds, max(all.Memory, k.Memory)
	}
	row(t, all)
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "\nestimates, %d + %d runs of each operator, without starting PyTorch\n", p.WarmUp, p.Repeat)
	if slices.ContainsFunc(p.Points, func(pt Point) bool { return pt.Workers > 1 }) {
		fmt.Fprintln(w, "collectives and messages need as many GPUs as they have workers, and are skipped where those are not")
	}
	if p.Budget == 0 && all.Seconds > long {
		fmt.Fprintf(w, "--budget %s, a tenth of it, measures the points that tell most\n", clock(math.Ceil(all.Seconds/600)*60))
	}
	if p.Budget > 0 {
		fmt.Fprintf(w, "budget %s: the corners of all grids, then what tells most for its time\n", clock(p.Budget))
	}
	if p.Known > 0 {
		fmt.Fprintf(w, "%d points are measured already\n", p.Known)
	}
	return p.remarks(w)
}

func (p *Plan) remarks(w io.Writer) (err error) {
	for _, l := range p.LeftOut {
		what := string(l.Kind)
		if l.TP > 0 && l.Kind != SendRecv {
			what += fmt.Sprintf(" TP %d", l.TP)
		}
		if l.Points > 0 {
			what += fmt.Sprintf(", %d points", l.Points)
		}
		_, err = fmt.Fprintf(w, "left out  %s: %s\n", what, l.Why)
	}
	for _, n := range p.Notes {
		_, err = fmt.Fprintf(w, "note  %s\n", n)
	}
	return err
}

func row(w io.Writer, t Total) {
	fmt.Fprintf(w, "%s\t%d\t%s\t%.2f GiB\t\n", t.Kind, t.Points, clock(t.Seconds), gib(t.Memory))
}

func gib(bytes int64) float64 { return float64(bytes) / (1 << 30) }

// clock is a length of time as people write it, to the second, or to the
// millisecond below ten.
func clock(seconds float64) string {
	unit := time.Second
	if seconds < 10 {
		unit = time.Millisecond
	}
	return time.Duration(math.Round(seconds * 1e9)).Round(unit).String()
}
