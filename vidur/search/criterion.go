package search

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/govidur/govidur/vidur/metrics"
	"github.com/govidur/govidur/vidur/spec"
)

// Criterion is a condition on a run: enough requests keep some limits, or enough
// of the times between tokens do. [Percentile], [Goodput], [Completed] and
// [ParseCriterion] make them. A request that is not complete when the run ends
// has kept the limits of the stages that it got to, and no other.
type Criterion struct {
	// Limits of a request, s, at most; 0 is none. Without any, and without TBT,
	// what is asked of a request is to complete.
	Delay float64 // from the arrival until it is first put into a batch
	TTFT  float64 // until the first token
	TPOT  float64 // mean time between its tokens
	E2E   float64 // until the last token

	// TBT is a limit of each time between two tokens of a request, s. It goes
	// with no other limit.
	TBT float64

	// Share is how many of the requests, or of the times between tokens, must
	// keep the limits: a fraction above 0 and up to 1. With Quantile it is that
	// quantile that must: of n, ceil(Share·(n-1)) + 1 keep them, so that it does
	// not matter how one interpolates between two.
	Share    float64
	Quantile bool
}

// latencies are the names of the metrics that criteria know, and where in a
// Criterion their limits are.
var latencies = []string{"delay", "ttft", "tbt", "tpot", "e2e"}

func (c *Criterion) limit(metric string) *float64 {
	switch metric {
	case "delay":
		return &c.Delay
	case "ttft":
		return &c.TTFT
	case "tbt":
		return &c.TBT
	case "tpot":
		return &c.TPOT
	case "e2e":
		return &c.E2E
	}
	return nil
}

// Percentile asks that a percentile, above 0 and up to 100, of delay, ttft, tbt,
// tpot or e2e is at most most s. One that is wrong is an error where it is used.
func Percentile(metric string, percent, most float64) Criterion {
	c := Criterion{Share: percent / 100, Quantile: true}
	if limit := c.limit(metric); limit != nil {
		*limit = most
	} else {
		c.Share = math.NaN()
	}
	return c
}

// Goodput asks that a fraction of all requests keeps all limits of an SLO;
// slo.Attainment is not looked at.
func Goodput(slo metrics.SLO, fraction float64) Criterion {
	return Criterion{TTFT: slo.TTFT, TPOT: slo.TPOT, E2E: slo.E2E, Share: fraction}
}

// Completed asks that a fraction of all requests completes.
func Completed(fraction float64) Criterion { return Criterion{Share: fraction} }

// ParseCriterion reads "ttft p99 <= 2", with seconds on the right, "completed >=
// 0.999", or "goodput ttft 2 tpot 0.1 >= 0.95".
func ParseCriterion(text string) (Criterion, error) {
	var c Criterion
	words := strings.Fields(text)
	bad := func() (Criterion, error) {
		return c, fmt.Errorf("search: %q is no criterion; one is like \"ttft p99 <= 2\", \"completed >= 0.999\" or \"goodput ttft 2 tpot 0.1 >= 0.95\"", text)
	}
	if len(words) < 3 {
		return bad()
	}
	head, sign := words[:len(words)-2], words[len(words)-2]
	number, err := strconv.ParseFloat(words[len(words)-1], 64)
	if err != nil || math.IsNaN(number) {
		return bad()
	}
	switch {
	case sign == "<=" && len(head) == 2 && strings.HasPrefix(head[1], "p"):
		percent, err := strconv.ParseFloat(head[1][1:], 64)
		if c.limit(head[0]) == nil {
			return c, fmt.Errorf("search: %w", spec.Unknown("metric", head[0], latencies))
		}
		if err != nil || math.IsNaN(percent) {
			return bad()
		}
		c = Percentile(head[0], percent, number)
	case sign == ">=" && head[0] == "completed" && len(head) == 1:
		c = Completed(number)
	case sign == ">=" && head[0] == "goodput" && len(head) > 1 && len(head)%2 == 1:
		if c.Share = number; !c.pairs(head[1:]) {
			return bad()
		}
	default:
		return bad()
	}
	if err := c.check(); err != nil {
		return c, fmt.Errorf("search: %w", err)
	}
	return c, nil
}

// pairs reads limits like "ttft 2 e2e 20".
func (c *Criterion) pairs(words []string) bool {
	for i := 0; i < len(words); i += 2 {
		limit := c.limit(words[i])
		v, err := strconv.ParseFloat(words[i+1], 64)
		if limit == nil || limit == &c.TBT || err != nil || *limit != 0 || v == 0 {
			return false
		}
		*limit = v
	}
	return true
}

func (c *Criterion) check() error {
	switch {
	case math.IsNaN(c.Share):
		return fmt.Errorf("a criterion is of an unknown metric; known: %s", strings.Join(latencies, ", "))
	case !(c.Share > 0 && c.Share <= 1) && c.Quantile:
		return fmt.Errorf("the percentile %g is not above 0 and up to 100", 100*c.Share)
	case !(c.Share > 0 && c.Share <= 1):
		return fmt.Errorf("the share %g is not above 0 and up to 1", c.Share)
	}
	n := 0
	for _, name := range latencies {
		v := *c.limit(name)
		if !(v >= 0) || math.IsInf(v, 0) {
			return fmt.Errorf("a limit of %s of %g s", name, v)
		}
		if v > 0 {
			n++
		}
	}
	switch {
	case c.TBT > 0 && n > 1:
		return fmt.Errorf("the limit of tbt is of tokens and goes with none of requests; give two criteria")
	case c.Quantile && n != 1:
		return fmt.Errorf("a percentile has one limit above 0 s, not %d", n)
	}
	return nil
}

// need is how many of n must keep the limits.
func (c *Criterion) need(n int) int {
	const rounding = 1e-9
	switch {
	case n == 0:
		return 0
	case c.Quantile:
		return int(math.Ceil(float64(c.Share*float64(n-1))-rounding)) + 1
	}
	return int(math.Ceil(float64(c.Share*float64(n)) - rounding))
}

// String is the criterion as [ParseCriterion] reads it.
func (c Criterion) String() string {
	var limits []string
	for _, name := range latencies {
		switch v := *c.limit(name); {
		case v == 0:
		case c.Quantile:
			return fmt.Sprintf("%s p%s <= %g", name, strconv.FormatFloat(100*c.Share, 'g', 12, 64), v)
		default:
			limits = append(limits, fmt.Sprintf(" %s %g", name, v))
		}
	}
	if limits == nil {
		return fmt.Sprintf("completed >= %g", c.Share)
	}
	return fmt.Sprintf("goodput%s >= %g", strings.Join(limits, ""), c.Share)
}
