package plots

import (
	"cmp"
	"fmt"
	"math"
	"sort"
	"strconv"

	"github.com/govidur/govidur/vidur"
)

// Span is one iteration of a batch on a pipeline stage.
type Span struct {
	Replica, Stage  int
	Start, End      float64 // s
	Prefill, Decode int     // tokens of prompts, and requests that decode
	Row             string  // name of its row; empty: the replica and the stage
}

// Batches is a Recorder that keeps the iterations that lie at least in part
// between From and Until.
type Batches struct {
	From, Until float64 // s of the simulated clock; Until 0 is no end
	Limit       int     // most iterations that are kept; 0 is a million
	spans       []Span
	cut         int
}

// Record keeps an iteration that ended.
func (b *Batches) Record(e *vidur.Event) {
	if e.Kind != vidur.StageEnded || e.At <= b.From || b.Until > 0 && e.Batch.StageStart >= b.Until {
		return
	}
	limit := b.Limit
	if limit <= 0 {
		limit = 1_000_000
	}
	if len(b.spans) >= limit {
		b.cut++
		return
	}
	b.spans = append(b.spans, Span{
		Replica: e.Replica.ID, Stage: e.Stage, Start: e.Batch.StageStart, End: e.At,
		Prefill: e.Batch.PrefillTokens, Decode: e.Batch.NumDecodes,
	})
}

// SumsOnly says that it needs no requests that only decode.
func (b *Batches) SumsOnly() {}

// Spans are the iterations that were kept, in the order in which they ended.
func (b *Batches) Spans() []Span { return append([]Span(nil), b.spans...) }

// Figure is the timeline of what was kept.
func (b *Batches) Figure() (*Figure, error) {
	f, err := Timeline(b.spans)
	if err != nil {
		return nil, err
	}
	if b.cut > 0 {
		f.note("%d iterations beyond the limit are left out", b.cut)
	}
	if b.Until > b.From {
		f.Plot.X.Min, f.Plot.X.Max = b.From, b.Until
	}
	return f, nil
}

// lane is a row of a timeline.
type lane struct{ replica, stage int }

// Timeline draws iterations as boxes, a row per replica and stage, named by the Row
// of its first span that has one, and coloured by whether a batch has prompts,
// decodes or both. A span without duration is a hairline. It is an error if a time
// is not a number or a span ends before it starts.
func Timeline(spans []Span) (*Figure, error) {
	if len(spans) == 0 {
		return nil, fmt.Errorf("plots: a timeline without spans")
	}
	rows, names, err := lanes(spans)
	if err != nil {
		return nil, err
	}
	f := newFigure("time (s)", "")
	f.x.tight = true
	f.Width, f.Height = Page, min(most, 0.75+0.2*float64(len(names)))
	f.y.groups = names
	f.Plot.Y.Tick.Marker = groupTicks(names)
	f.Plot.Y.Tick.Length, f.Plot.Y.Tick.Width = 0, 0
	kinds := [...]*rects{
		{look: look{color: palette[1]}, span: true},
		{look: look{color: tint(palette[4], 0.5)}, span: true},
		{look: look{color: palette[0]}, span: true},
	}
	sorted := append([]Span(nil), spans...)
	sort.SliceStable(sorted, func(i, j int) bool {
		a, b := sorted[i], sorted[j]
		if ra, rb := rows[lane{a.Replica, a.Stage}], rows[lane{b.Replica, b.Stage}]; ra != rb {
			return ra < rb
		}
		return a.Start < b.Start
	})
	for _, s := range sorted {
		y := float64(rows[lane{s.Replica, s.Stage}])
		kinds[s.kind()].add(s.Start, s.End, y-0.38, y+0.38)
	}
	for i, name := range []string{"prefill", "decode", "mixed"} {
		if len(kinds[i].x0) > 0 {
			f.add(kinds[i])
			f.entry(name, kinds[i].look, asPatch)
		}
	}
	f.Legend = Above
	return f, f.fit()
}

// kind is 0 for prompts only, 1 for decodes only, 2 for both.
func (s Span) kind() int {
	switch {
	case s.Decode == 0:
		return 0
	case s.Prefill == 0:
		return 1
	}
	return 2
}

// lanes numbers replicas and stages from the bottom, the first on top.
func lanes(spans []Span) (map[lane]int, []string, error) {
	rows := map[lane]int{}
	named := map[lane]string{}
	staged := false
	for i, s := range spans {
		if !(math.Abs(s.Start) <= huge && math.Abs(s.End) <= huge && s.Start <= s.End) {
			return nil, nil, fmt.Errorf("plots: span %d is from %g to %g s", i, s.Start, s.End)
		}
		l := lane{s.Replica, s.Stage}
		rows[l], named[l] = 0, cmp.Or(named[l], s.Row)
		staged = staged || s.Stage != 0
	}
	order := make([]lane, 0, len(rows))
	for l := range rows {
		order = append(order, l)
	}
	sort.Slice(order, func(i, j int) bool {
		a, b := order[i], order[j]
		return a.replica > b.replica || a.replica == b.replica && a.stage > b.stage
	})
	names := make([]string, len(order))
	for i, l := range order {
		rows[l] = i
		names[i] = "replica " + strconv.Itoa(l.replica)
		if staged {
			names[i] += " stage " + strconv.Itoa(l.stage)
		}
		names[i] = cmp.Or(named[l], names[i])
	}
	return rows, names, nil
}
