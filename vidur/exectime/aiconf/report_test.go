package aiconf

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/govidur/govidur/vidur/internal/sharedtest"
)

// shared opens tables of AIConfigurator for vLLM 0.14.0.
func shared(t testing.TB) *Library {
	t.Helper()
	return open(t, sharedtest.Path(t, "aiconfigurator"))
}

func vllm(system string) ID { return ID{system, "vllm", "0.14.0"} }

// pairs are the devices of the catalog that there are tables of.
var pairs = [...]struct{ device, system string }{{"a100", "a100_sxm"}, {"h100", "h100_sxm"}, {"h200", "h200_sxm"}}

const half = "bfloat16/bfloat16"

// errs collects relative errors in percent.
type errs struct{ signed []float64 }

func (e *errs) add(got, want float64) { e.signed = append(e.signed, 100*(got/want-1)) }

func (e *errs) mape() float64 {
	sum := 0.0
	for _, v := range e.signed {
		sum += math.Abs(v)
	}
	return sum / float64(len(e.signed))
}

func (e *errs) median() float64 { return slices.Sorted(slices.Values(e.signed))[len(e.signed)/2] }

func (e *errs) String() string {
	abs := make([]float64, len(e.signed))
	for i, v := range e.signed {
		abs[i] = math.Abs(v)
	}
	slices.Sort(abs)
	n := len(abs)
	return fmt.Sprintf("MAPE %6.1f %%  median %6.1f  p90 %6.1f  bias (median) %+7.1f  n %6d", e.mape(), abs[n/2], abs[n*9/10], e.median(), n)
}

// report is errors by what they are of.
type report map[string]*errs

func (r report) add(key string, got, want float64) {
	if r[key] == nil {
		r[key] = &errs{}
	}
	r[key].add(got, want)
}

func (r report) log(t *testing.T) {
	var b strings.Builder
	for _, k := range r.keys() {
		fmt.Fprintf(&b, "\n%-40s %v", k, r[k])
	}
	t.Log(b.String())
}

func (r report) keys() []string {
	var keys []string
	for k := range r {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// bound fails where the mean error of a key that begins so is above a limit.
func (r report) bound(t *testing.T, prefix string, limit float64) {
	t.Helper()
	n := 0
	for _, k := range r.keys() {
		if strings.HasPrefix(k, prefix) {
			n++
			if v := r[k].mape(); !(v <= limit) {
				t.Errorf("%s: %.1f %%, want at most %v", k, v, limit)
			}
		}
	}
	if n == 0 {
		t.Errorf("nothing was measured of %s", prefix)
	}
}

// bucket names the range that a number is in.
func bucket(v int, edges ...int) string {
	low := 0
	for _, e := range edges {
		if v <= e {
			return fmt.Sprintf("%5d-%d", low+1, e)
		}
		low = e
	}
	return fmt.Sprintf("%5d+", low+1)
}

// thinned is a curve without every second inner point.
func thinned(c *curve) (*curve, []int) {
	out, left := &curve{}, []int{}
	for i := range c.x {
		if i%2 == 1 && i < len(c.x)-1 {
			left = append(left, i)
		} else {
			out.add(c.x[i], c.ms[i])
		}
	}
	return out, left
}
