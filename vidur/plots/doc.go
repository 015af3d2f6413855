// Package plots draws figures of simulations in one house style, for screens
// and for papers.
//
//	fig, err := plots.CDF("TTFT (s)",
//		plots.Values("vLLM", a), plots.Values("Sarathi", b))
//	if err != nil {
//		log.Fatal(err)
//	}
//	err = fig.Save("ttft.pdf", "ttft.png")
//
// # Figures
//
//	CDF CCDF               distributions; MarkPercentiles draws percentiles in
//	Curves Bands Lines     something over load, with error bars or bands
//	Pareto                 points, the front as a step line, its members' labels
//	Timeline               batches on replicas and stages; Batches records them
//	OverTime               step lines in panels over one time axis; History records
//	StackedBars StackedArea  parts of a whole, as operator times
//	Breakdown BreakdownBars  where the time of requests went, by percentile or case
//	Bars                   groups of bars with error bars
//	HeatMap                a matrix with a colour bar and a number per cell
//	Histogram              counts
//	Scatter Fidelity       points, with a fitted line or against y = x
//	Phases                 where the GPU time of an engine's steps goes
//	ProfileRoofline ProfileFidelity  profiled operators, and how they are predicted
//	Roofline               what a device reaches under what it could
//	Grid                   figures side by side, aligned, with (a), (b), …
//
// A Figure can be changed before it is saved: its fields, LogX, LogY, HLine and
// VLine, and all of gonum's plot in Plot.
//
// # House style
//
// Sizes are in inches: a column of a paper is [Column] wide, both are [Page].
// Text is 8 pt Liberation Sans, lines are 1.2 pt. Colours are those of Okabe
// and Ito, which readers with colour blindness tell apart; dashes, markers and
// hatches differ too, so that a figure can be read in grey. Ticks are at 1, 2
// and 5 times a power of ten. A legend is drawn into a corner in which there is
// nothing else, or above the axes if there is none.
//
// Titles, labels of axes and entries of legends that are too long go on in a second
// line, and are cut with an ellipsis if that is too long too. A figure that is too small
// for its axes beside them is an error when it is rendered. Letters that the font
// lacks (Chinese, emoji) are boxes in PNG, PDF and EPS; SVG leaves text to the
// viewer, with Arial and Helvetica, which are as wide, in the font's stead, and
// other fonts made as wide.
//
// # What is left out
//
// A NaN is a value that is not there (a request of one token has no TPOT): it is
// left out, and the figure's Notes say how many were. So are values that are not
// positive on a logarithmic axis. An infinite value, lists of different lengths
// and a series without any value are errors that name the series.
//
// Distributions are thinned to about 500 points, and what is drawn of longer
// lines and clouds is what can be told apart on paper; percentiles and fits are
// of all values.
//
// # The same bytes
//
// A figure gives the same bytes in every format each time and on any number of
// cores, also when it is rendered by several goroutines at once. The date in PDF
// and EPS files is that of SOURCE_DATE_EPOCH, or else 2000-01-01.
package plots
