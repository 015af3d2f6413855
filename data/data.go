// Package data holds the files that the simulator ships: model shapes, devices
// and nodes with their prices, the figures of the operator-time model, the rules
// by which names of kernels are operators, and workloads. Every file names the
// sources of its figures. PROFILING.md beside them says how to add to them.
package data

import "embed"

// FS holds the files of this directory by their names: models.json,
// devices.json, operators.json, kernels.json and those of package workload.
//
//go:embed *.json
var FS embed.FS
