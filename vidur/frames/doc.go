// Package frames gives the results of a run as gota dataframes.
//
//	df := frames.Requests(st)                          // a row per request
//	frames.GroupBy(df, []string{"tenant"},             // a row per tenant
//		frames.Mean("prefill_e2e_time"), frames.Quantile("prefill_e2e_time", 0.99))
//	frames.WriteCSV(w, df)                             // every digit; ReadCSV gives the same frame
//	frames.WriteParquet(w, df, frames.Units(df))       // for pandas and DuckDB, too
//	fmt.Print(frames.Text(df))                         // or HTML, Markdown
//	frames.Grid(df, "class", "arrived_at")             // for golearn
//
// What a run has gives frames: [Requests], [Batches], [Summary] and, in brief,
// [Latencies], [Operators] and [Replicas]; over time [Queue] and [Tokens], and what
// memory is held, by Batches, and where the time of each request went, [Breakdown].
// A row per run are [Totals], and of a sweep [Sweep]; [FromColumns] makes a frame of
// anything. Times are in seconds of the simulated clock unless the column's name says
// otherwise, and have the names that [metrics] gives them. What is missing, as the
// times of a request that is not complete, is NaN in gota's sense.
//
// Of profiles there are [Layerwise], vLLM's tables of kernels, and of measured
// operators [Predictions] and [RooflinePoints].
//
// [Curves] and [Distributions] are what package plots draws of a sweep.
//
// [Join], [Concat], [Pivot], [GroupBy], [Describe], [Sort] and [Complete] make
// other frames of these. The order of rows and columns is stated, and keys are
// compared exactly.
//
// Functions that a wrong name can be given to return an error. Those that
// return only a frame leave it in the frame's Err, as gota's methods do, which
// pass it on; so do the functions here.
//
// # What of gota is gone around
//
//	WriteCSV          writes six decimals: 1.2e-7 s becomes 0.000000. Use WriteCSV.
//	ReadCSV           cannot tell a missing value from an empty string, nor "7" from 7. Use ReadCSV.
//	GroupBy           joins keys with "_", so ("a_b","c") and ("a","b_c") are one group. Use GroupBy.
//	GroupBy           orders groups as a map does, another way in every run. Use GroupBy.
//	Aggregation       has no quantile, and one NaN makes a mean NaN. Use Quantile and the others.
//	Arrange           sorts wrongly by three columns or more. Use Sort.
//	Col               panics in Float() for a name it does not have. Use Floats or Column.
//	series.New        takes a []int64 for missing values only; frames never hands it one.
//	dataframe.New     renames columns of one name; frames takes that for an error.
//	LoadStructs       takes five times as long as typed slices, and no empty list; it is not used.
//	String            shows six decimals. Use Text.
//	InnerJoin         compares every row with every other, and 1e4 rows take a second. Use Join.
//	Concat            takes the first frame's types: 0.5 under whole numbers becomes 0. Use Concat.
//	Select            renames a column whose name is empty.
//
// The string "NaN" is a missing value, here as in gota.
//
// # What of golearn is gone around
//
// [Grid] refuses what golearn takes without a word: a value that is missing or
// infinite, on which its trees give nonsense or never end, and two attributes
// of one name, which it takes for the same. Of golearn, base, trees, evaluation,
// filters and naive build without cgo. The tree of
// trees.NewDecisionTreeClassifier is the same in every run; ID3 breaks ties as maps are walked, and a random forest and
// base.InstancesTrainTestSplit draw from an unseeded source.
package frames
