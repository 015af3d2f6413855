package main

import (
	"fmt"
	"testing"
	"time"
)

// A cell of one number, from its request until its idle, through the processes of
// the kernel; the slowest of a hundred is reported, too.
func BenchmarkKernelCell(b *testing.B) {
	c := connectKernel(b, startKernel(b, "tcp"))
	var times []time.Duration
	for b.Loop() {
		begun := time.Now()
		c.execute("1")
		times = append(times, time.Since(begun))
		c.forget()
	}
	b.ReportMetric(percentile(times, 0.5), "p50-ms")
	b.ReportMetric(percentile(times, 0.99), "p99-ms")
}

// From the start of the process until the first idle.
func BenchmarkKernelStart(b *testing.B) {
	for b.Loop() {
		k := startKernel(b, "tcp")
		connectKernel(b, k)
		k.kill()
	}
}

// A hundred thousand lines in one cell, of which the client is shown what the
// kernel lets pass.
func BenchmarkKernelLines(b *testing.B) {
	const n = 100_000
	c := connectKernel(b, startKernel(b, "tcp"))
	c.good(`import "fmt"`)
	for b.Loop() {
		c.execute(fmt.Sprintf("for i := range %d { fmt.Println(i) }", n))
		c.forget()
	}
	b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds(), "lines/s")
}
