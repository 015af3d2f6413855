package report

import (
	"fmt"

	"github.com/govidur/govidur/vidur/search"
)

// limit is one that a configuration must keep.
type limit struct {
	metric  string  // ttft, tbt, tpot, e2e or delay
	percent int     // 50, 90 or 99
	most    float64 // s
}

// defaultLimits are those of the original's dashboards.
var defaultLimits = []limit{{"ttft", 90, 2}, {"tbt", 99, 0.2}}

func (l *limit) column() string { return fmt.Sprintf("%s_p%d_s", l.metric, l.percent) }

func (l *limit) bound() search.Bound { return search.AtMost(l.column(), l.most*slack) }

// limitOf is a criterion as a limit of a column of results.
func limitOf(c search.Criterion) (limit, error) {
	percent := int(100*c.Share + 0.5)
	for _, l := range []limit{
		{"ttft", percent, c.TTFT}, {"tbt", percent, c.TBT}, {"tpot", percent, c.TPOT}, {"e2e", percent, c.E2E}, {"delay", percent, c.Delay},
	} {
		exact := percent == 50 || percent == 90 || percent == 99
		if l.most > 0 && c.Quantile && exact && c == search.Percentile(l.metric, float64(percent), l.most) {
			return l, nil
		}
	}
	return limit{}, fmt.Errorf("%q is no limit of a P50, P90 or P99, such as \"ttft p90 <= 2\"", c)
}

// limitsOf are the criteria of a search that are percentiles of TTFT and TBT.
func limitsOf(criteria []string) []limit {
	limits := append([]limit{}, defaultLimits...)
	for _, text := range criteria {
		c, err := search.ParseCriterion(text)
		if err != nil {
			continue
		}
		l, err := limitOf(c)
		for i := range limits {
			if err == nil && limits[i].metric == l.metric {
				limits[i] = l
			}
		}
	}
	return limits
}
