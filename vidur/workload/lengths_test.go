package workload

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func lengthsOf(t testing.TB, l Lengths, n int) (prefill, decode []int) {
	t.Helper()
	next, err := l.Start(testRand(3))
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		p, d := next()
		if p < 1 || d < 1 || p+d > l.Longest() {
			t.Fatalf("%+v: %d + %d tokens of at most %d", l, p, d, l.Longest())
		}
		prefill, decode = append(prefill, p), append(decode, d)
	}
	return prefill, decode
}

// Lengths keep to their bounds and ratios, whatever the parameters.
func TestTotals(t *testing.T) {
	rng := testRand(4)
	for range 300 {
		low := 2 + rng.IntN(2000)
		high := low + rng.IntN(3000)
		ratio := math.Exp(rng.NormFloat64() * 3)
		for _, l := range []Lengths{Uniform{low, high, ratio}, Zipf{3 * rng.Float64(), low, high, ratio, rng.IntN(2) == 0}} {
			prefill, decode := lengthsOf(t, l, 100)
			for i := range prefill {
				total := prefill[i] + decode[i]
				want := min(max(int(math.Ceil(float64(total)/(1+ratio))), 1), total-1)
				if total < low || total > high || decode[i] != want {
					t.Fatalf("%+v: %d + %d", l, prefill[i], decode[i])
				}
			}
		}
	}
}

func TestUniformMean(t *testing.T) {
	prefill, decode := lengthsOf(t, Uniform{1024, 4096, 20}, 100_000)
	p, d := newSample(prefill), newSample(decode)
	if total := p.mean() + d.mean(); math.Abs(total-2560) > 5*887/math.Sqrt(1e5) {
		t.Errorf("mean total %g, want 2560", total)
	}
	if ratio := p.mean() / d.mean(); math.Abs(ratio-20) > 0.15 {
		t.Errorf("ratio %g, want 20", ratio)
	}
}

// The frequencies are k^-Theta.
func TestZipfLaw(t *testing.T) {
	const n = 400_000
	for _, theta := range []float64{0, 0.6, 1, 1.7} {
		z := Zipf{Theta: theta, Min: 10, Max: 60, Ratio: 1}
		count := make([]float64, 61)
		prefill, decode := lengthsOf(t, z, n)
		for i := range prefill {
			count[prefill[i]+decode[i]]++
		}
		sum := 0.0
		for k := 1; k <= 51; k++ {
			sum += math.Pow(float64(k), -theta)
		}
		chi := 0.0
		for k := 1; k <= 51; k++ {
			want := n * math.Pow(float64(k), -theta) / sum
			chi += (count[9+k] - want) * (count[9+k] - want) / want
		}
		if chi > 95 { // 50 degrees of freedom: P < 0.0002
			t.Errorf("Theta %g: chi² %g", theta, chi)
		}
		z.Scramble = true
		scrambled := make([]float64, 61)
		prefill, decode = lengthsOf(t, z, n)
		for i := range prefill {
			scrambled[prefill[i]+decode[i]]++
		}
		slices.Sort(count)
		slices.Sort(scrambled)
		if math.Abs(count[60]-scrambled[60]) > 5*math.Sqrt(count[60]) {
			t.Errorf("Theta %g: most frequent %g, scrambled %g", theta, count[60], scrambled[60])
		}
	}
}

func TestRange(t *testing.T) {
	prefill, decode := lengthsOf(t, Range{1000, 15, 0.25}, 20_000)
	if slices.Min(prefill) != 750 || slices.Max(prefill) != 1250 || slices.Min(decode) != 11 || slices.Max(decode) != 19 {
		t.Error(slices.Min(prefill), slices.Max(prefill), slices.Min(decode), slices.Max(decode))
	}
	prefill, decode = lengthsOf(t, Range{7, 1, 0}, 10)
	if slices.Min(prefill) != 7 || slices.Max(prefill) != 7 || slices.Max(decode) != 1 {
		t.Error(prefill, decode)
	}
}

// A trace is used up before any of it comes again, in another order.
func TestShuffled(t *testing.T) {
	var trace []Tokens
	for i := range 100 {
		trace = append(trace, Tokens{i + 1, 1})
	}
	prefill, _ := lengthsOf(t, Shuffled{trace}, 300)
	for round := range 3 {
		part := slices.Clone(prefill[100*round : 100*round+100])
		slices.Sort(part)
		for i, p := range part {
			if p != i+1 {
				t.Fatalf("round %d: %v", round, part)
			}
		}
	}
	if slices.Equal(prefill[:100], prefill[100:200]) {
		t.Error("both rounds have one order")
	}
}

func TestNamed(t *testing.T) {
	names := Names()
	if want := []string{"arxiv-summarization", "azure-code-2023", "azure-conv-2023", "bwb", "lmsys-chat-1m"}; !slices.Equal(names, want) {
		t.Fatalf("names %v, want %v", names, want)
	}
	for _, name := range names {
		m, err := Named(name)
		if err != nil {
			t.Fatal(err)
		}
		lengthsOf(t, m, 20_000)
		if m.Source == "" || len(m.Fit) == 0 {
			t.Errorf("%s has no source or figures", name)
		}
		info, err := Describe(name)
		if err != nil || !strings.Contains(info.String(), name) {
			t.Errorf("%v: %v", info, err)
		}
	}
	for name, want := range map[string]string{
		"azure-conv":      "azure-conv-2023",
		"Azure-Conv-2024": "azure-conv-2023",
		"lmsys":           "lmsys-chat-1m",
		"xyz":             "there are arxiv-summarization, ",
		"":                "there are arxiv-summarization, ",
	} {
		_, err := Named(name)
		wantError(t, err, want)
	}
}

// A model of a trace in which the lengths depend on each other does too.
func TestFitKeepsDependence(t *testing.T) {
	rng := testRand(5)
	var prefill, decode []int
	for range 5000 {
		z := rng.NormFloat64()
		prefill = append(prefill, 1+int(math.Exp(6+z)))
		decode = append(decode, 1+int(math.Exp(5+0.5*(0.8*z+0.6*rng.NormFloat64()))))
	}
	m, err := Fit(prefill, decode)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%v", m.Info)
	for _, f := range m.Fit {
		if !(math.Abs(f.Error()) < 0.03) {
			t.Errorf("%s is off by %g", f.Name, f.Error())
		}
	}
	lengthsOf(t, m, 10_000)
}

// Fit takes any trace: constant lengths, few values, extremes.
func TestFitOdd(t *testing.T) {
	rng := testRand(6)
	for name, draw := range map[string]func() int{
		"constant":   func() int { return 7 },
		"ones":       func() int { return 1 },
		"two values": func() int { return 1 + 999*rng.IntN(2) },
		"wide":       func() int { return 1 + int(math.Exp(rng.Float64()*20)) },
		"cut":        func() int { return min(500, 1+rng.IntN(1000)) },
	} {
		var prefill, decode []int
		for range 500 {
			prefill, decode = append(prefill, draw()), append(decode, draw())
		}
		m, err := Fit(prefill, decode)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		lengthsOf(t, m, 1000)
		for _, f := range m.Fit {
			if strings.HasSuffix(f.Name, "KS") && f.Model > 0.02 {
				t.Errorf("%s: %v", name, f)
			}
		}
	}
	_, err := Fit(make([]int, 3), make([]int, 2))
	wantError(t, err, "3 prompts and 2 answers")
	_, err = Fit(make([]int, 3), make([]int, 3))
	wantError(t, err, "at least 100")
	_, err = Fit(make([]int, 100), make([]int, 100))
	wantError(t, err, "request 0: workload: prefill is 0")
}

func TestFitPublishedErrors(t *testing.T) {
	good := Published{686, 417, 1678}
	for _, c := range []struct {
		p, d Published
		most int
		want string
	}{
		{good, good, 1, "maxTokens is 1"},
		{Published{}, good, 4096, "Published.Mean is 0"},
		{good, Published{100, 200, 150}, 4096, "no distribution has these figures"},
		{good, Published{100, 20, 15000}, 4096, "no distribution has these figures"},
		{Published{4000, 100, 150}, good, 4096, "the nearest has"},
	} {
		_, err := FitPublished(c.p, c.d, 0, c.most)
		wantError(t, err, c.want)
	}
}

// Inversion gives each length its share, entries of no share none.
func TestInverse(t *testing.T) {
	c := CDF{Tokens: []int{0, 1, 4, 6, 100}, P: []float64{0, 0.5, 0.8, 0.8, 1}}
	if err := c.check("c"); err != nil {
		t.Fatal(err)
	}
	v, rng, n := newInverse(c), testRand(7), 200_000
	var draws []int
	for range n {
		draws = append(draws, v.draw(rng.Float64()))
	}
	s := newSample(draws)
	for i, x := range s.values {
		if got, want := float64(s.upTo[i])/float64(n), c.at(x); math.Abs(got-want) > 0.006 {
			t.Errorf("%g have at most %d, want %g", got, x, want)
		}
		if x == 5 || x == 6 {
			t.Errorf("%d was drawn", x)
		}
	}
	if math.Abs(s.mean()-c.mean()) > 0.5 {
		t.Errorf("mean %g, want %g", s.mean(), c.mean())
	}
	if v.draw(0) != 1 || v.draw(math.Nextafter(1, 0)) != 100 {
		t.Error("ends", v.draw(0), v.draw(math.Nextafter(1, 0)))
	}
}

func FuzzModel(f *testing.F) {
	f.Add(uint64(1), 10, 3, 50)
	f.Add(uint64(2), 1, 1, 2)
	f.Fuzz(func(t *testing.T, seed uint64, step, cells, most int) {
		rng := rand.New(rand.NewPCG(seed, 1))
		m := Model{Info: Info{MaxTokens: most}, Prefill: randomCDF(rng, step), Decode: randomCDF(rng, step)}
		cells = min(max(cells, 1), 8)
		for i := range cells {
			m.Joint.Edges = append(m.Joint.Edges, float64(i)/float64(cells))
			row := make([]int, cells)
			for j := range row {
				row[j] = rng.IntN(3)
				m.Joint.Scale += row[j]
			}
			m.Joint.Cells = append(m.Joint.Cells, row)
		}
		m.Joint.Edges = append(m.Joint.Edges, 1)
		next, err := m.Start(rng)
		if err != nil {
			return
		}
		for range 200 {
			if p, d := next(); p < 1 || d < 1 || p+d > most {
				t.Fatalf("%d + %d of at most %d", p, d, most)
			}
		}
	})
}

func randomCDF(rng *rand.Rand, step int) CDF {
	step = min(max(step, 1), 1000)
	c := CDF{Tokens: []int{rng.IntN(3)}, P: []float64{0}}
	for range 1 + rng.IntN(10) {
		c.Tokens = append(c.Tokens, c.Tokens[len(c.Tokens)-1]+1+rng.IntN(step))
		c.P = append(c.P, c.P[len(c.P)-1]+float64(rng.IntN(3)))
	}
	last := c.P[len(c.P)-1]
	for i := range c.P {
		c.P[i] /= last
	}
	return c
}
