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
	most := max(1, len(low)/3)
	for _, n := range names {
		l := strings.ToLower(n)
		longer := max(len(l)-len(low), len(low)-len(l))
		if len(low) >= 2 && l != "" && (strings.Contains(l, low) || strings.Contains(low, l)) {
			found = append(found, candidate{n, longer})
		} else if longer <= most {
			if away := distance(low, l); away <= most {
				found = append(found, candidate{n, away})
			}
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

// distance is the number of letters to insert, delete, replace or swap with
// their neighbour.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j-1]+cost, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
