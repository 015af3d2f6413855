package plots

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur/breakdown"
)

// brokenDown are requests with all parts or without some.
func brokenDown(n int, without ...breakdown.Part) []breakdown.Request {
	rng := rand.New(rand.NewPCG(1, 1))
	out := make([]breakdown.Request, n)
	for i := range out {
		slow := rng.ExpFloat64()
		for p := range out[i].TTFT {
			out[i].TTFT[p] = (0.2 + slow*slow) * rng.Float64()
			out[i].Decode[p] = rng.Float64()
		}
		for _, p := range without {
			out[i].TTFT[p], out[i].Decode[p] = 0, 0
		}
	}
	return out
}

func galleryBreakdown(t testing.TB) *Figure {
	return must(t)(Breakdown("mean E2E (s)", brokenDown(2000), (*breakdown.Request).All))
}

// TestBreakdown: the means of the groups are those of the sorted requests, and
// only parts that there are have a place in the legend.
func TestBreakdown(t *testing.T) {
	requests := brokenDown(1000, breakdown.Bubble, breakdown.CPU)
	means, groups := percentileMeans(requests, (*breakdown.Request).All)
	var total, want float64
	last := 0.0
	for g, share := range []float64{250, 250, 250, 150, 50, 40, 10} {
		total += means[g].Sum() * share
		if means[g].Sum() < last || groups[0] != "25" {
			t.Errorf("group %s: %g s, and the one before %g s", groups[g], means[g].Sum(), last)
		}
		last = means[g].Sum()
	}
	for i := range requests {
		want += requests[i].E2E()
	}
	if d := total - want; d > 1e-6 || d < -1e-6 {
		t.Errorf("the groups have %g s, the requests %g s", total, want)
	}
	f := must(t)(Breakdown("E2E (s)", requests, (*breakdown.Request).All))
	if len(f.entries) != breakdown.NumParts-2 {
		t.Errorf("%d entries", len(f.entries))
	}
	for _, n := range []int{1, 2, 7} {
		if _, err := must(t)(Breakdown("E2E (s)", brokenDown(n), (*breakdown.Request).All)).Screen(); err != nil {
			t.Errorf("%d requests: %v", n, err)
		}
	}
	if _, err := Breakdown("E2E (s)", nil, (*breakdown.Request).All); err == nil {
		t.Error("no error without requests")
	}
	if _, err := Breakdown("E2E (s)", requests, nil); err == nil {
		t.Error("no error without parts")
	}
}

// TestBreakdownBars: a bar for each name with its mean parts, an error bar for
// replications only, and parts that nobody would see are the others.
func TestBreakdownBars(t *testing.T) {
	one := breakdown.Parts{breakdown.Memory: 3, breakdown.Compute: 1, breakdown.Bubble: 0.01, breakdown.LeftOut: 0.02}
	two := breakdown.Parts{breakdown.Memory: 1, breakdown.Compute: 1}
	f := must(t)(BreakdownBars("mean E2E (s)", []string{"a", "b"}, []breakdown.Parts{one}, []breakdown.Parts{two, two.Plus(two)}))
	names := []string{}
	for _, e := range f.entries {
		names = append(names, e.name)
	}
	if want := []string{"others", "memory", "compute"}; !slices.Equal(names, want) {
		t.Errorf("the legend has %q, want %q", names, want)
	}
	csv, err := f.Bytes("csv")
	need(t, err)
	for _, line := range []string{
		"1,others,bar,a,-0.35,0.35,4,4.03,", "1,memory,bar,a,-0.35,0.35,1,4,",
		"1,memory,bar,b,0.65,1.35,1.5,3,", "1,,error,b,1,,0,15.706204736174692,",
	} {
		if !strings.Contains(string(csv), line+"\n") {
			t.Errorf("no %q in\n%s", line, csv)
		}
	}
	for name, runs := range map[string][][]breakdown.Parts{
		"no name": {}, "a name without runs": {{one}, {}}, "a run too many": {{one}, {one}, {one}},
	} {
		if _, err := BreakdownBars("s", []string{"a", "b"}[:min(2, len(runs))], runs...); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := BreakdownBars("s", []string{"a"}, []breakdown.Parts{{}}); err == nil {
		t.Error("no time at all: no error")
	}
}
