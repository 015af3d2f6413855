//usr/bin/env go run "$0" "$@"; exit "$?"
//go:build ignore

// An A/B comparison: two chunk sizes on the same requests, replicated, with the
// difference and how sure it is.
package main

import (
	"github.com/govidur/govidur/kernel/nb"
	"github.com/govidur/govidur/vidur/search"
	"github.com/govidur/govidur/vidur/spec"
)

var p = struct {
	QPS          float64 `usage:"requests per second"`
	Requests     int     `usage:"requests of a run"`
	A            int     `usage:"chunk size of a" unit:"tokens"`
	B            int     `usage:"chunk size of b" unit:"tokens"`
	Replications int     `usage:"pairs of runs"`
}{QPS: 10, Requests: 500, A: 512, B: 1024, Replications: 10}

func main() {
	nb.Params(&p)
	e := spec.Default()
	e.QPS, e.Requests = p.QPS, p.Requests
	cmp, err := search.Compare(nb.Context(), e,
		search.Over("chunk", p.A, p.B),
		search.Replications(p.Replications))
	nb.Check(err)
	nb.Display(cmp)
}
