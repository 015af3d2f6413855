// Package data holds the files that the simulator ships: model shapes, devices
// and nodes with their prices, the figures of the operator-time model, and
// workloads. Every file names the sources of its figures.
package data

import "embed"

// FS holds the files of this directory by their names: models.json,
// devices.json, operators.json and those of package workload.
//
//go:embed *.json
var FS embed.FS
