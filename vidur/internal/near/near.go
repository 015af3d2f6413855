// Package near finds the names that somebody may have meant.
package near

import (
	"slices"
	"strings"
)

// Names returns at most limit of the names that are like name: those that
// contain it or are contained in it, and those at most a third of its letters
// away; nearest first.
func Names(name string, names []string, limit int) []string {
	type candidate struct {
		name string
		away int
	}
	var found []candidate
	low := strings.ToLower(name)
	for _, n := range names {
		l := strings.ToLower(n)
		away := distance(low, l)
		inside := len(low) >= 2 && (strings.Contains(l, low) || strings.Contains(low, l))
		if inside || away <= max(1, len(low)/3) {
			found = append(found, candidate{n, away})
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int {
		if a.away != b.away {
			return a.away - b.away
		}
		return strings.Compare(a.name, b.name)
	})
	var out []string
	for _, c := range found {
		if len(out) < limit && !slices.Contains(out, c.name) {
			out = append(out, c.name)
		}
	}
	return out
}

// distance is the number of letters to insert, delete or replace.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
