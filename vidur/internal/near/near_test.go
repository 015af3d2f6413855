package near

import (
	"slices"
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	names := []string{"vllm", "sarathi", "orca", "faster_transformer", "lightllm"}
	for _, c := range []struct {
		name string
		want []string
	}{
		{"vlm", []string{"vllm"}},
		{"lvlm", []string{"vllm"}}, // two neighbours swapped
		{"SARATHI", []string{"sarathi"}},
		{"llm", []string{"vllm", "lightllm"}},
		{"faster", []string{"faster_transformer"}},
		{"x", nil},
		{"", nil},
		{"tensorrt", nil},
	} {
		if got := Names(c.name, names, 5); !slices.Equal(got, c.want) {
			t.Errorf("near %q: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestNamesOrder(t *testing.T) {
	got := Names("abcd", []string{"abcdxx", "abce", "abcd", "abcf", "abce"}, 3)
	if want := []string{"abcd", "abce", "abcf"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q: nearest first, then by name, none twice, at most 3", got, want)
	}
}

func TestNamesOfNonsense(t *testing.T) {
	if got := Names(strings.Repeat("y", 1<<20), []string{"vllm", "", "x"}, 5); got != nil {
		t.Errorf("a megabyte is near %q", got)
	}
	if got := Names("ab", []string{""}, 5); got != nil {
		t.Errorf("the empty name is near %q", got)
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"abc", "abd", 1}, {"abc", "ab", 1}, {"kitten", "sitting", 3}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("%q to %q: %d, want %d", c.a, c.b, got, c.want)
		}
		if got := distance(c.b, c.a); got != c.want {
			t.Errorf("%q to %q: %d, want %d", c.b, c.a, got, c.want)
		}
	}
}
