package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestMoved(t *testing.T) {
	for name, c := range map[string]struct{ old, now, want string }{
		"same":      {"a 1\nb\n", "a 1\nb\n", ""},
		"numbers":   {"TTFT  P99   10.59 s\n", "TTFT  P99    9.81 s\n", "  TTFT P99 10.59 -> 9.81 (-7.4 %) s"},
		"one of":    {"TTFT mean 2 s, P50 3.0 s, P99 10 s\n", "TTFT mean 2 s, P50 3.6 s, P99 10 s\n", "  TTFT mean 2 s, P50 3.0 -> 3.6 (+20.0 %) s, P99 10 s"},
		"names":     {"llama-3-8b h100: 4\n", "llama-3-8b h100: 5\n", "  llama-3-8b h100: 4 -> 5 (+25.0 %)"},
		"other":     {"llama-3-8b\n", "llama-3-7b\n", "- llama-3-8b\n+ llama-3-7b"},
		"small":     {"x 100000\n", "x 100001\n", "  x 100000 -> 100001 (+0.001 %)"},
		"from zero": {"x 0\n", "x 3\n", "  x 0 -> 3"},
		"signs":     {"x -2.5\n", "x +5\n", "  x -2.5 -> +5 (+300.0 %)"},
		"exponents": {"x 1e3\n", "x 1.5e+03\n", "  x 1e3 -> 1.5e+03 (+50.0 %)"},
		"spelling":  {"x 1.0\n", "x 1\n", "  x 1.0 -> 1"},
		"inserted":  {"a 1\nc 3\n", "a 1\nb 2\nc 4\n", "+ b 2\n  c 3 -> 4 (+33.3 %)"},
		"removed":   {"a 1\nb 2\nc 3\n", "a 1\nc 3\n", "- b 2"},
		"rows":      {"1 10\n2 20\n3 30\n", "1 10\n3 30\n4 40\n", "- 2 20\n+ 4 40"},
		"words":     {"all is well\n", "all is lost\n", "- all is well\n+ all is lost"},
		"no end":    {"a 1", "a 2", "  a 1 -> 2 (+100.0 %)"},
		"more":      {"", "a\nb\n", "+ a\n+ b"},
		"less":      {"a\nb\n", "", "- a\n- b"},
		"brackets":  {"x (7.5 %), [3]\n", "x (15 %), [4]\n", "  x (7.5 -> 15 (+100.0 %) %), [3 -> 4 (+33.3 %)]"},
	} {
		if got := strings.Join(moved(c.old, c.now), "\n"); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// TestMovedLaws: nothing moves against itself, and what only one side has is as
// much as the sides differ by.
func TestMovedLaws(t *testing.T) {
	text := func(n, step int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "row %d has %d\n", i, i*i*step)
		}
		return b.String()
	}
	for _, n := range []int{0, 1, 10, maxAligned + 7} {
		if got := moved(text(n, 1), text(n, 1)); len(got) > 0 {
			t.Errorf("%d: %q", n, got[0])
		}
		got := moved(text(n, 1), text(n, 2))
		if len(got) != max(n-1, 0) || slices.ContainsFunc(got, func(s string) bool { return !strings.HasPrefix(s, "  row") }) {
			t.Errorf("%d: %d lines moved", n, len(got))
		}
		got = moved(text(n, 1), text(n+3, 1))
		if len(got) != 3 {
			t.Errorf("%d: %d lines for three more", n, len(got))
		}
	}
}

func FuzzMoved(f *testing.F) {
	f.Add("a 1\n", "a 2\n")
	f.Add("", "\xff\r\n-1e999")
	f.Fuzz(func(t *testing.T, a, b string) {
		if got := moved(a, a); len(got) > 0 {
			t.Errorf("moved against itself: %q", got)
		}
		there, back := moved(a, b), moved(b, a)
		if len(there) != len(back) && strings.Count(a+b, "\n") == 0 {
			t.Errorf("%q and %q", there, back)
		}
	})
}
