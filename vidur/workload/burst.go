package workload

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/govidur/govidur/vidur"
)

// Columns are the requests as lists for figures: arrival times (s) and lengths
// (tokens).
func (r Replay) Columns() (at, prefill, decode []float64) {
	for _, a := range r {
		at = append(at, a.At)
		prefill, decode = append(prefill, float64(a.Prefill)), append(decode, float64(a.Decode))
	}
	return at, prefill, decode
}

// QPS is the mean rate, requests per s: the number of intervals over their sum; 0
// if that is 0.
func (r Replay) QPS() float64 {
	if len(r) < 2 || r[len(r)-1].At <= r[0].At {
		return 0
	}
	return float64(len(r)-1) / (r[len(r)-1].At - r[0].At)
}

// CV is the coefficient of variation of the intervals: the standard deviation
// over the mean. It is 1 for Poisson arrivals, more if requests come in bursts,
// and 0 where there is no rate.
func (r Replay) CV() float64 {
	qps := r.QPS()
	if qps == 0 {
		return 0
	}
	sum := 0.0
	for i := 1; i < len(r); i++ {
		d := (r[i].At-r[i-1].At)*qps - 1
		sum += d * d
	}
	return math.Sqrt(sum / float64(len(r)-1))
}

// Dispersion is the variance over the mean of the number of requests in windows
// of s seconds that follow each other from the first request on; what is left
// at the end does not count. It is 1 for Poisson arrivals in any window, and
// grows with the window where the rate itself changes, which the CV of intervals
// does not see (Cox and Lewis, The Statistical Analysis of Series of Events,
// 1966). Without two windows, or with more than 2^24, it is NaN.
func (r Replay) Dispersion(s float64) float64 {
	if len(r) == 0 || !(s > 0) {
		return math.NaN()
	}
	windows := math.Floor((r[len(r)-1].At - r[0].At) / s)
	if !(windows >= 2 && windows <= 1<<24) {
		return math.NaN()
	}
	counts := make([]float64, int(windows))
	total := 0.0
	for _, a := range r {
		if i := int((a.At - r[0].At) / s); i < len(counts) {
			counts[i]++
			total++
		}
	}
	mean, sum := total/windows, 0.0
	for _, n := range counts {
		sum += (n - mean) * (n - mean)
	}
	return sum / windows / mean
}

// AtRate is the same requests with all times divided by one number, so that the
// mean rate is qps requests per s. Bursts keep their shape and have the same CV;
// they are closer together and shorter by the same factor.
func (r Replay) AtRate(qps float64) (Replay, error) {
	if err := positive("qps", qps); err != nil {
		return nil, err
	}
	now := r.QPS()
	if now == 0 {
		return nil, fmt.Errorf("workload: %d requests at one time have no rate that could be changed", len(r))
	}
	return r.Scaled(Scaling{Time: now / qps})
}

// Scaled is the requests changed as s says. Of a request longer than MaxTokens
// the prompt is cut, as in the original. If the answer alone is too long, which
// the original does not handle, one prompt token is left and the answer is cut
// too.
func (r Replay) Scaled(s Scaling) (Replay, error) {
	s, err := s.withDefaults()
	if err != nil {
		return nil, err
	}
	list := slices.Clone(r)
	for i := range list {
		a := &list[i]
		if a.At *= s.Time; math.IsInf(a.At, 0) {
			return nil, fmt.Errorf("workload: request %d: %g s times %g is not finite", i, r[i].At, s.Time)
		}
		a.Decode = min(scale(a.Decode, s.Decode), s.MaxTokens-1)
		a.Prefill = min(scale(a.Prefill, s.Prefill), s.MaxTokens-a.Decode)
	}
	return list, nil
}

// Spread moves each request by a random part of the step of quantised times, s,
// and puts them in order again: within a step arrivals become Poisson, and
// what is slower than a step stays. The same seed gives the same requests.
func (r Replay) Spread(step float64, seed uint64) (Replay, error) {
	if err := positive("step", step); err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(seed, 0))
	list := slices.Clone(r)
	for i := range list {
		list[i].At += step * rng.Float64()
	}
	slices.SortStableFunc(list, func(a, b vidur.Arrival) int { return cmp.Compare(a.At, b.At) })
	return list, nil
}
