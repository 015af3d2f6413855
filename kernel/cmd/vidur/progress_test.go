package main

import (
	"strings"
	"testing"
	"time"
)

// TestProgress draws in one line of a terminal and takes the line away.
func TestProgress(t *testing.T) {
	now := time.Now()
	for _, c := range []struct {
		total, arrived, completed int
		at                        float64
	}{{0, 0, 0, 0}, {10, 5, 2, 1}, {10, 10, 10, 9}, {0, 7, 7, 3}, {3, 9, 9, 1}, {1 << 40, 1 << 40, 1 << 39, 1e12}} {
		var out strings.Builder
		p := &progress{w: &out, begun: now, drawn: now.Add(time.Hour), total: c.total, arrived: c.arrived, completed: c.completed}
		p.draw(c.at)
		line, ok := strings.CutPrefix(out.String(), clearLine)
		if !ok || len(line) >= 80 || !strings.Contains(line, " requests, ") || strings.ContainsAny(line, "\n\r") {
			t.Errorf("%+v: %q", c, line)
		}
		p.end()
		if !strings.HasSuffix(out.String(), clearLine) {
			t.Errorf("%q is left", out.String())
		}
	}
	var none *progress
	none.end()
	if newProgress(&strings.Builder{}, 5) != nil {
		t.Error("a bar on what is no terminal")
	}
}
