// Package measure runs a plan of measurements (package plan) on the machine at
// hand and writes what comes of it in the layout that package profile reads.
//
// [Run] starts the agent, a Python program that is embedded here and needs
// PyTorch only, gives it the points that are still to be measured, and keeps
// every line that it answers in a journal as it comes:
//
//	DIR/measurements.jsonl   sessions and points, a JSON object a line
//	DIR/agent*.py            the program that measured them
//	DIR/agent.log            what it and its libraries said besides
//	DIR/manifest.json        machine, software, settings, counts, what was left out
//	DIR/profiling/...        CSV files, as package profile describes them
//
// A run that is interrupted, or killed, goes on with the point that was in
// flight. Lines of the protocol:
//
//	{"hello": {...}}                                            [Hello], first
//	{"point": "token/tp2/n128", "status": "ok", "ops": {...}}   [Result], one for each point
//	{"bye": true}                                               last
//
// All times are milliseconds. A GPU's are taken with CUDA events, a CPU's with
// the host's clock; agent.py says how. The file of CPU overheads has columns
// for what can be measured without a serving engine only: sampling and
// preparing the inputs.
package measure
