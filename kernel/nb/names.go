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
