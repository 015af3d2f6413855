package search

import (
	"fmt"
	"math"
	"strings"
	"text/tabwriter"
)

// Shown reports whether the interval of the difference leaves 0 out.
func (d *Difference) Shown() bool { return d.Low > 0 || d.High < 0 }

// Verdict says in one line what was found, like "b lowers TTFT P99 by 12.3 %
// (95 % CI 9.8 to 14.6 %, 10 of 10 replications)". Where the rank test does not
// agree at the same level, or there are too few replications for it to, it says
// so.
func (d *Difference) Verdict() string {
	n, a, b := len(d.A), d.names[0], d.names[1]
	switch {
	case d.Less+d.More == 0:
		return fmt.Sprintf("%s: %s and %s are the same in all of %d replications", d.Label, a, b, n)
	case n < 2:
		return fmt.Sprintf("%s: %s differs from %s by %s in one replication, which says nothing about chance",
			d.Label, b, a, d.span(d.Mean, d.Relative))
	case !d.Shown():
		return fmt.Sprintf("no difference of %s shown between %s and %s (%s, %s is lower in %d of %d replications)",
			d.Label, a, b, d.ci(1), b, d.Less, n)
	}
	verb, sign, same := "raises", 1.0, d.More
	if d.Mean < 0 {
		verb, sign, same = "lowers", -1, d.Less
	}
	return fmt.Sprintf("%s %s %s by %s (%s, %d of %d replications%s)", b, verb, d.Label,
		d.span(sign*d.Mean, sign*d.Relative), d.ci(sign), same, n, d.doubt())
}

// doubt is what the rank test has against a difference that is shown.
func (d *Difference) doubt() string {
	alpha := 1 - d.level
	switch {
	case d.RankP <= alpha:
		return ""
	case math.Pow(2, float64(1-d.Less-d.More)) > alpha: // the least that it can be
		return "; too few for the rank test"
	}
	return fmt.Sprintf("; the rank test does not agree, p = %.2g", d.RankP)
}

// ci is the interval times sign, relative to a where that has one.
func (d *Difference) ci(sign float64) string { return percent(d.says) + " CI " + d.limits(sign) }

func (d *Difference) limits(sign float64) string {
	order := func(low, high float64) (float64, float64) {
		return min(sign*low, sign*high), max(sign*low, sign*high)
	}
	if d.bounded() {
		low, high := order(100*d.RelativeLow, 100*d.RelativeHigh)
		return fmt.Sprintf("%.1f to %.1f %%", low, high)
	}
	low, high := order(d.Low, d.High)
	return fmt.Sprintf("%.4g to %.4g", low, high)
}

// bounded reports whether the relative difference has an interval.
func (d *Difference) bounded() bool { return d.RelativeHigh-d.RelativeLow < math.Inf(1) }

// span is a difference: relative to a where that has an interval.
func (d *Difference) span(mean, relative float64) string {
	if d.bounded() || len(d.A) < 2 && relative == relative {
		return fmt.Sprintf("%.1f %%", 100*relative)
	}
	return fmt.Sprintf("%.4g", mean)
}

func percent(fraction float64) string { return fmt.Sprintf("%.4g %%", 100*fraction) }

// Difference finds a figure by name; nil if it was not compared.
func (c *Comparison) Difference(figure string) *Difference {
	for i := range c.Differences {
		if c.Differences[i].Figure == figure {
			return &c.Differences[i]
		}
	}
	return nil
}

// Verdict is that of the first figure.
func (c *Comparison) Verdict() string {
	if len(c.Differences) == 0 {
		return ""
	}
	return c.Differences[0].Verdict()
}

// String is a table of all figures and the verdict.
func (c *Comparison) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "a = %s, b = %s, %d replications", c.A, c.B, c.Replications)
	if !c.SameRequests {
		text.WriteString(", not of the same requests")
	}
	text.WriteString("\n\n")
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "\ta\tb\tb - a\t%s CI\tp (t)\tp (rank)\tb lower\tb higher\t\n", percent(c.Confidence))
	for i := range c.Differences {
		d := &c.Differences[i]
		fmt.Fprintf(w, "%s\t%.4g\t%.4g\t%s\t%s\t%.2g\t%.2g\t%d\t%d\t\n", d.Figure, d.MeanA, d.MeanB,
			d.span(d.Mean, d.Relative), d.limits(1), d.P, d.RankP, d.Less, d.More)
	}
	w.Flush()
	fmt.Fprintf(&text, "\n%s\n", c.Verdict())
	return text.String()
}
