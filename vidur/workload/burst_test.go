package workload

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strings"
	"testing"
)

// A ServeGen client has the rates, intervals and lengths that its files say, and
// is the same each time.
func TestServeGen(t *testing.T) {
	for _, c := range []struct {
		pattern string
		cv      float64
	}{{"Gamma", 2}, {"Gamma", 0.5}, {"Weibull", 2}, {"Weibull", 0.5}, {"", 1}} {
		rows := fmt.Sprintf("0,5,%g,%s,0,0\n4000,0,0,,,\n8000,20,%g,%s,0,0\n", c.cv, c.pattern, c.cv, c.pattern)
		r := newReader("chunk-3-trace.csv")
		r.beside = func(path string) ([]byte, error) {
			if path != "chunk-3-dataset.json" {
				return nil, fs.ErrNotExist
			}
			return []byte(`{"0": {"input_tokens": "{10: 1, 30: 3}", "output_tokens": "{7: 0.5}"}, "8000": {"input_tokens": "{}", "output_tokens": "{}"}}`), nil
		}
		trace, err := r.read(strings.NewReader(rows))
		if err != nil {
			t.Fatal(err)
		}
		early, gap, late := Replay{}, 0, Replay{}
		start := trace.Requests[0].At
		prompts := 0.0
		for _, a := range trace.Requests {
			switch at := a.At - start; {
			case at < 3990:
				early = append(early, a)
			case at > 4010 && at < 7990:
				gap++
			case at > 8010:
				late = append(late, a)
			}
			prompts += float64(a.Prefill)
			if a.Decode != 7 {
				t.Fatal(a)
			}
		}
		if gap > 0 || math.Abs(early.QPS()/5-1) > 0.06 || math.Abs(late.QPS()/20-1) > 0.05 || math.Abs(late.CV()/c.cv-1) > 0.06 {
			t.Errorf("%v: %d requests in the pause, %.3g and %.3g/s, CV %.3g", c, gap, early.QPS(), late.QPS(), late.CV())
		}
		if mean := prompts / float64(len(trace.Requests)); math.Abs(mean-25) > 0.5 {
			t.Errorf("prompts of %g tokens in the mean, not 25", mean)
		}
	}
	r := newReader("chunk-3-trace.csv")
	r.beside = func(string) ([]byte, error) { return nil, errors.New("no such file") }
	_, err := r.read(strings.NewReader("0,1,1,Gamma,1,1\n"))
	wantError(t, err, "chunk-3-trace.csv: its lengths: no such file")
}

// Another rate leaves lengths, order and CV alone.
func TestAtRate(t *testing.T) {
	list := drawn(t, Gamma{QPS: 3, CV: 2.5}, 5000)
	for _, qps := range []float64{0.01, 3, 700} {
		got, err := list.AtRate(qps)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(got.QPS()/qps-1) > 1e-9 || math.Abs(got.CV()/list.CV()-1) > 1e-9 {
			t.Errorf("at %g/s: %g/s, CV %g of %g", qps, got.QPS(), got.CV(), list.CV())
		}
		for i := range got {
			if got[i].Prefill != list[i].Prefill || got[i].Decode != list[i].Decode {
				t.Fatal("a length has changed")
			}
		}
		if _, err := got.New(nil); err != nil {
			t.Error(err)
		}
	}
	for _, qps := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		_, err := list.AtRate(qps)
		wantError(t, err, "workload: qps is")
	}
	_, err := Replay{{At: 1, Prefill: 1, Decode: 1}}.AtRate(2)
	wantError(t, err, "have no rate")
}

func drawn(t *testing.T, in Intervals, n int) (list Replay) {
	t.Helper()
	w, err := Synthetic{Intervals: in, Lengths: Range{Prefill: 100, Decode: 20, Ratio: 0.5}, Requests: n}.New(testRand(5))
	if err != nil {
		t.Fatal(err)
	}
	for {
		a, err := w.Next(0)
		if err != nil {
			return list
		}
		list = append(list, a)
	}
}

func TestBurstFigures(t *testing.T) {
	for _, c := range []struct {
		in             Intervals
		cv, dispersion float64
	}{{Poisson{QPS: 4}, 1, 1}, {Gamma{QPS: 4, CV: 3}, 3, 9}, {Constant{QPS: 4}, 0, 0}} {
		list := drawn(t, c.in, 200_000)
		if got := list.CV(); math.Abs(got-c.cv) > 0.02*c.cv+1e-9 {
			t.Errorf("%v: CV %g", c.in, got)
		}
		// In long windows the dispersion of a renewal process is the square of its CV.
		if got := list.Dispersion(100); math.Abs(got-c.dispersion) > 0.15*c.dispersion+0.01 {
			t.Errorf("%v: dispersion %g", c.in, got)
		}
	}
	for _, s := range []float64{0, -1, math.NaN(), math.Inf(1), 1e9, 1e-12} {
		if got := drawn(t, Poisson{QPS: 1}, 100).Dispersion(s); !math.IsNaN(got) {
			t.Errorf("dispersion %g in windows of %g s", got, s)
		}
	}
	if (Replay{}).QPS() != 0 || (Replay{}).CV() != 0 || !math.IsNaN((Replay{}).Dispersion(1)) {
		t.Error("no requests have a figure")
	}
}

// Spread undoes quantising: all requests stay in their step, and what were
// Poisson arrivals have the CV of such again.
func TestSpread(t *testing.T) {
	list := drawn(t, Poisson{QPS: 5}, 20_000)
	coarse := slices.Clone(list)
	for i := range coarse {
		coarse[i].At = 3 * math.Floor(coarse[i].At/3)
	}
	if cv := coarse.CV(); cv < 3 {
		t.Fatalf("CV %g of quantised times", cv)
	}
	got, err := coarse.Spread(3, 1)
	if err != nil {
		t.Fatal(err)
	}
	if cv := got.CV(); math.Abs(cv-1) > 0.03 {
		t.Errorf("CV %g", cv)
	}
	for i := range got {
		if math.Floor(got[i].At/3)*3 != coarse[i].At {
			t.Fatalf("request %d went from %g to %g", i, coarse[i].At, got[i].At)
		}
	}
	again, _ := coarse.Spread(3, 1)
	other, _ := coarse.Spread(3, 2)
	if fmt.Sprint(got) != fmt.Sprint(again) || fmt.Sprint(got) == fmt.Sprint(other) {
		t.Error("a seed does not decide")
	}
	_, err = coarse.Spread(0, 1)
	wantError(t, err, "step is 0")
}
