// Package nb is what scripts and notebook cells import beside the simulator:
// parameters, displays, figures on disk, progress. The same file runs compiled
// (go run), interpreted (vidur run), as cells of the kernel of this module and
// as cells of GoNB.
//
//	p := struct {
//		QPS      float64 `unit:"requests/s" usage:"offered load"`
//		Requests int
//	}{QPS: 4, Requests: 1000}
//	nb.Params(&p)                          // --qps 8 --requests 200, or injected parameters
//	res, err := search.Sweep(nb.Context(), ...)
//	nb.Check(err)                          // ends the script or the cell if there is an error
//	fig := nb.Must(plots.CDF(...))         // the same in one line
//	nb.Display(df)                         // a table, in a terminal and in a notebook
//	nb.ShowFigure("fig3", fig)             // a picture, and fig3.svg .png .pdf .csv and fig3.json
//
// # Streams
//
// What is displayed goes to standard output and is the same bytes compiled and
// interpreted, in a terminal, a pipe or a file. Errors and progress bars go to
// standard error.
//
// # What is displayed
//
// A value can say how it is shown by methods: see [HTMLer] and its siblings, and
// [MimeBundler]. Data frames, runs, sweeps, comparisons, figures of package plots,
// plots of gonum, images, slices of structs, maps or slices, maps, errors and data
// have forms of their own. See [MIME].
//
// # Hosts
//
// A program that runs scripts and cells takes the place of the process's own
// arguments, streams and exit by [SetHost]. Without one, and in a cell of GoNB,
// displays go through the pipe that GoNB names in the environment.
package nb
