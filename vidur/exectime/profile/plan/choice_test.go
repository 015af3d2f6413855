package plan

import (
	"context"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime"
	"github.com/govidur/govidur/vidur/exectime/learn"
	"github.com/govidur/govidur/vidur/exectime/profile"
	"github.com/govidur/govidur/vidur/internal/sharedtest"
)

// curve is what was measured of one operator, by tokens.
type curve map[int]float64

// line is the error, in percent, over all of the curve of the straight lines
// between the chosen points in log-log; beyond them times grow with the tokens.
func (c curve) line(chosen []int) float64 {
	chosen = slices.Sorted(slices.Values(chosen))
	sum := 0.0
	for n, ms := range c {
		i, found := slices.BinarySearch(chosen, n)
		if found {
			continue
		}
		var guess float64
		switch {
		case i == 0:
			guess = c[chosen[0]] // small sizes take the same time
		case i == len(chosen):
			guess = c[chosen[i-1]] * float64(n) / float64(chosen[i-1])
		default:
			a, b := chosen[i-1], chosen[i]
			t := math.Log(float64(n)/float64(a)) / math.Log(float64(b)/float64(a))
			guess = math.Exp((1-t)*math.Log(c[a]) + t*math.Log(c[b]))
		}
		sum += math.Abs(guess/ms - 1)
	}
	return 100 * sum / float64(len(c))
}

// forest is the error of the forest that the simulator learns by default.
func (c curve) forest(t *testing.T, chosen []int) float64 {
	var all, d learn.Data
	all.X, d.X = [][]float64{nil}, [][]float64{nil}
	for _, n := range slices.Sorted(maps.Keys(c)) {
		all.X[0], all.Y = append(all.X[0], float64(n)), append(all.Y, c[n])
		if slices.Contains(chosen, n) {
			d.X[0], d.Y = append(d.X[0], float64(n)), append(d.Y, c[n])
		}
	}
	d.Features = []string{"n"}
	return forestError(t, d, all)
}

// forestError is the error on all rows of a forest that learnt some, in percent.
func forestError(t *testing.T, some, all learn.Data) float64 {
	t.Helper()
	model, err := learn.Forest{Trees: 50, Seed: 1}.Fit(some)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	row := make([]float64, len(all.X))
	for i, ms := range all.Y {
		for f := range row {
			row[f] = all.X[f][i]
		}
		sum += math.Abs(model.Predict(row)/ms - 1)
	}
	return 100 * sum / float64(len(all.Y))
}

// prefix is the sizes of the first points whose time the budget allows.
func prefix(points []Point, budget float64) []int {
	var chosen []int
	for _, p := range points {
		if budget -= p.Seconds; budget < 0 {
			break
		}
		chosen = append(chosen, p.Tokens)
	}
	return chosen
}

func tokensPlan(t *testing.T, spec vidur.ReplicaSpec, budget float64) *Plan {
	t.Helper()
	p, err := New(context.Background(), spec, Options{TP: []int{1}, Kinds: []Kind{Token}, Budget: budget})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// rivals are the errors of our choice, of the mean random one and of the first
// points of the grid, at the same cost.
func rivals(t *testing.T, spec vidur.ReplicaSpec, share float64, measure func([]int) float64) [3]float64 {
	t.Helper()
	grid := tokensPlan(t, spec, 0)
	budget := share * grid.Seconds()
	ours := tokensPlan(t, spec, budget)
	out := [3]float64{measure(prefix(ours.Points, math.Inf(1))), 0, measure(prefix(grid.Points, budget))}
	const draws = 8
	for seed := range uint64(draws) {
		points := slices.Clone(grid.Points)
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(points), func(i, j int) { points[i], points[j] = points[j], points[i] })
		out[1] += measure(prefix(points, budget)) / draws
	}
	return out
}

// measuredTokens are the curves of the token operators in a profile, at the sizes
// of the grid; nil if sizes are missing.
func measuredTokens(t *testing.T, spec vidur.ReplicaSpec) []curve {
	t.Helper()
	set, err := profile.Read(sharedtest.Path(t, "vidur-data"), spec, profile.Options{Lenient: true})
	if err != nil {
		t.Fatal(err)
	}
	var list []curve
	for i := range vidur.NumOps {
		s := set.Ops[i]
		if s == nil || kindOf(vidur.Op(i)) != Token {
			continue
		}
		c := curve{}
		for row, ms := range s.Y {
			if n := int(s.X[0][row]); n <= 4096 && ms > 0 {
				c[n] = ms
			}
		}
		list = append(list, c)
	}
	return list
}

// report is an error unless the choice is the best.
func report(t *testing.T, what string, got [3]float64) {
	t.Helper()
	text := fmt.Sprintf("%s: chosen %.2f %%, random %.2f %%, first %.2f %%", what, got[0], got[1], got[2])
	t.Log(text)
	if got[0] >= got[1] || got[0] >= got[2] {
		t.Error("the choice is not the best: " + text)
	}
}

// TestChoiceOnSynthetic: on the times of the analytic model, which have bends and the
// steps of tiles and waves, points chosen under a budget predict the grid better than
// random ones, and than the first of the grid.
func TestChoiceOnSynthetic(t *testing.T) {
	spec := replica(t, "llama-3-8b", "h100")
	cost, err := newCoster(exectime.AnalyticOptions{}, spec)
	if err != nil {
		t.Fatal(err)
	}
	for _, share := range []float64{0.05, 0.1, 0.2, 0.4} {
		var line, forest [3]float64
		for _, op := range tokenOps {
			c := curve{}
			for _, n := range tokenSizes(4096) {
				c[n] = cost.ops.ByTokens(n).Layer.Ops[op]
			}
			for i, e := range rivals(t, spec, share, c.line) {
				line[i] += e / float64(len(tokenOps))
			}
			for i, e := range rivals(t, spec, share, func(chosen []int) float64 { return c.forest(t, chosen) }) {
				forest[i] += e / float64(len(tokenOps))
			}
		}
		report(t, fmt.Sprintf("%2.0f %% of the time, line", 100*share), line)
		report(t, fmt.Sprintf("%2.0f %% of the time, forest", 100*share), forest)
	}
}

// TestChoiceOnProfiles: the same on the original's profiles of tokens, all their rows.
func TestChoiceOnProfiles(t *testing.T) {
	machines := []struct{ model, device string }{
		{"llama-2-70b", "a100"}, {"llama-2-7b", "a100"}, {"codellama-34b", "h100"}, {"qwen-72b", "a40"}, {"internlm-20b", "h100"},
	}
	for _, share := range []float64{0.05, 0.1, 0.2, 0.4} {
		var line, forest [3]float64
		for _, m := range machines {
			spec := replica(t, m.model, m.device)
			curves := measuredTokens(t, spec)
			add := func(to *[3]float64, one func(curve, []int) float64) {
				for i, e := range rivals(t, spec, share, func(chosen []int) float64 {
					sum := 0.0
					for _, c := range curves {
						sum += one(c, chosen)
					}
					return sum / float64(len(curves))
				}) {
					to[i] += e / float64(len(machines))
				}
			}
			add(&line, curve.line)
			add(&forest, func(c curve, chosen []int) float64 { return c.forest(t, chosen) })
		}
		report(t, fmt.Sprintf("%2.0f %% of the time, line", 100*share), line)
		report(t, fmt.Sprintf("%2.0f %% of the time, forest", 100*share), forest)
	}
}

// TestChoiceOnAttention: the same on the original's profile of attention, whose rows
// are the grid here.
func TestChoiceOnAttention(t *testing.T) {
	spec := replica(t, "llama-2-70b", "a100")
	spec.TP, spec.BlockSize = 2, 16
	set, err := profile.Read(sharedtest.Path(t, "vidur-data"), spec, profile.Options{Lenient: true})
	if err != nil {
		t.Fatal(err)
	}
	cost, err := newCoster(exectime.AnalyticOptions{}, spec)
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range []vidur.Op{vidur.OpAttnPrefill, vidur.OpAttnDecode} {
		all, g := attentionGrid(set, op, cost)
		for _, share := range []float64{0.05, 0.2} {
			budget := share * (&Plan{Points: g.points}).Seconds()
			m := &maker{grids: []*grid{g}, o: Options{Budget: budget}, plan: &Plan{}}
			m.best()
			shuffled := slices.Clone(g.points)
			rand.New(rand.NewPCG(1, 1)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			var got [3]float64
			for i, points := range [][]Point{m.plan.Points, shuffled, g.points} {
				got[i] = forestError(t, rowsOf(g, all, points, budget), all)
			}
			report(t, fmt.Sprintf("%v, %2.0f %% of the time, %d points, forest", op, 100*share, len(m.plan.Points)), got)
		}
	}
}

// rowsOf are the rows of the first points whose time the budget allows.
func rowsOf(g *grid, all learn.Data, points []Point, budget float64) learn.Data {
	row := map[string]int{}
	for i := range g.points {
		row[g.points[i].ID] = i
	}
	some := learn.Data{Features: all.Features, X: make([][]float64, len(all.X))}
	for i := range points {
		if budget -= points[i].Seconds; budget < -1e-9 {
			break
		}
		r := row[points[i].ID]
		some.Y = append(some.Y, all.Y[r])
		for f := range all.X {
			some.X[f] = append(some.X[f], all.X[f][r])
		}
	}
	return some
}

// attentionGrid is the samples of an operator, each size once, and the same as a grid.
func attentionGrid(set *profile.Set, op vidur.Op, cost *coster) (learn.Data, *grid) {
	s := set.Ops[op]
	all := learn.Data{Features: s.Features, X: make([][]float64, len(s.X))}
	g := &grid{kind: kindOf(op), weight: 1}
	seen := map[string]bool{}
	for i, ms := range s.Y {
		p := Point{Kind: Decode, TP: 2, Batch: int(s.X[0][i]), Cached: int(s.X[1][i])}
		if op == vidur.OpAttnPrefill {
			p = Point{Kind: Prefill, TP: 2, Batch: 1, Chunk: int(math.Sqrt(s.X[1][i])), Cached: int(s.X[0][i])}
		}
		p.ID = p.id()
		p.Seconds = cost.seconds(&p)
		if seen[p.ID] {
			continue
		}
		seen[p.ID] = true
		g.points = append(g.points, p)
		all.Y = append(all.Y, ms)
		for f := range s.X {
			all.X[f] = append(all.X[f], s.X[f][i])
		}
	}
	return all, g
}
