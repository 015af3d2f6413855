// Package layers holds the test that imports point down only. The layers:
//
//	5  notebooks, scripts, kernel/cmd
//	4  kernel/…
//	3  vidur/spec, search, frames, plots, vidurtest   scripts and figures of runs
//	2  vidur/sched, route, workload, exectime, …      policies; never each other
//	1  vidur                                          the engine; standard library only
//	0  vidur/internal/…, data                         standard library only
package layers
