package nb

import (
	"slices"
	"strings"
	"unicode"
)

// snake is the name of a flag for a field: QPS qps, PrefillBatch prefill_batch,
// KVBlocks kv_blocks, TTFTms ttft_ms, NumGPUs num_gpus, P99TTFT p99_ttft.
func snake(field string) string {
	r := []rune(field)
	var b strings.Builder
	for i, c := range r {
		if i > 0 && begins(r, i) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}

// begins reports whether a word begins at r[i], i > 0.
func begins(r []rune, i int) bool {
	before, c := r[i-1], r[i]
	switch {
	case c == '_' || before == '_':
		return false
	case unicode.IsLower(c):
		return i > 1 && unicode.IsUpper(before) && unicode.IsUpper(r[i-2]) && unit(tail(r, i))
	case !unicode.IsUpper(c):
		return false
	case unicode.IsUpper(before):
		after := tail(r, i+1)
		return after != "" && after != "s" && !unit(after)
	case unicode.IsDigit(before): // P99TTFT has two words, E2E one
		return i+1 < len(r) && unicode.IsLetter(r[i+1])
	}
	return true
}

// tail is the run of lower case letters from i on.
func tail(r []rune, i int) string {
	end := i
	for end < len(r) && unicode.IsLower(r[end]) {
		end++
	}
	return string(r[i:end])
}

// unit reports whether s, after an acronym, is a unit and not the rest of a word.
func unit(s string) bool {
	return slices.Contains([]string{"ms", "us", "ns", "kb", "mb", "gb"}, s)
}

// canonical is a name with dashes as underscores.
func canonical(name string) string { return strings.ReplaceAll(name, "-", "_") }

// wellNamed reports whether a name can be typed as a flag.
func wellNamed(name string) bool {
	for i, c := range name {
		if !unicode.IsLetter(c) && (i == 0 || c != '_' && !unicode.IsDigit(c)) {
			return false
		}
	}
	return name != ""
}

// nearest is the name that was probably meant: one of those at most a third of
// the letters away, or that begin with what was typed; "" if there is none.
func nearest(name string, names []string) string {
	best, least := "", max(1, len(name)/3)+1
	for _, n := range names {
		away := distance(strings.ToLower(name), strings.ToLower(n))
		if len(name) > 1 && strings.HasPrefix(n, name) {
			away = min(away, 1)
		}
		if away < least {
			best, least = n, away
		}
	}
	return best
}

// distance is the number of letters to insert, delete, replace or exchange with
// their neighbour (optimal string alignment).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range y {
		rows[0][j+1] = j + 1
	}
	for i := range x {
		for j := range y {
			d := min(rows[i][j+1], rows[i+1][j]) + 1
			if x[i] == y[j] {
				d = min(d, rows[i][j])
			} else {
				d = min(d, rows[i][j]+1)
			}
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				d = min(d, rows[i-1][j-1]+1)
			}
			rows[i+1][j+1] = d
		}
	}
	return rows[len(x)][len(y)]
}
