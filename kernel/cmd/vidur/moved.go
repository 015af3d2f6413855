package main

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxAligned is how many lines of each of two outputs are aligned; what is
// beyond is compared line by line.
const maxAligned = 1500

// moved says in which lines a new output differs from an old one: "- " and "+ "
// for lines that only one has, two spaces for lines of which numbers moved.
func moved(old, now string) []string {
	var out []string
	a, b := split(old), split(now)
	for len(a) > 0 && len(b) > 0 && a[0].text == b[0].text {
		a, b = a[1:], b[1:]
	}
	for _, p := range align(a, b) {
		switch {
		case p.b < 0:
			out = append(out, "- "+a[p.a].text)
		case p.a < 0:
			out = append(out, "+ "+b[p.b].text)
		case a[p.a].text != b[p.b].text:
			out = append(out, "  "+compareLine(a[p.a], b[p.b]))
		}
	}
	return out
}

// outLine is a line of output, its numbers, and the words around them.
type outLine struct {
	text    string
	numbers []string
	words   []string // one more than numbers
}

// number is what may be a number.
var number = regexp.MustCompile(`[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?`)

// spaces are what columns are laid out with.
var spaces = regexp.MustCompile(`\s+`)

func split(text string) []outLine {
	var out []outLine
	for line := range strings.Lines(text) {
		out = append(out, readLine(strings.TrimRight(line, "\r\n")))
	}
	return out
}

// readLine finds the numbers of a line. The 99 of P99 and the 3 and the 8 of
// llama-3-8b belong to their names.
func readLine(text string) outLine {
	l := outLine{text: text}
	from := 0
	for _, m := range number.FindAllStringIndex(text, -1) {
		before, _ := utf8.DecodeLastRuneInString(text[:m[0]])
		if m[0] > 0 && (unicode.IsLetter(before) || unicode.IsDigit(before) || before == '_' || before == '.') {
			continue
		}
		l.words = append(l.words, spaces.ReplaceAllString(text[from:m[0]], " "))
		l.numbers = append(l.numbers, text[m[0]:m[1]])
		from = m[1]
	}
	l.words = append(l.words, spaces.ReplaceAllString(text[from:], " "))
	return l
}

// alike reports whether two lines differ in their numbers, and in white space,
// only.
func (l outLine) alike(m outLine) bool {
	if len(l.words) != len(m.words) {
		return false
	}
	for i := range l.words {
		if strings.TrimSpace(l.words[i]) != strings.TrimSpace(m.words[i]) {
			return false
		}
	}
	return true
}

// compareLine writes a line with what its numbers were and are.
func compareLine(a, b outLine) string {
	var s strings.Builder
	for i, was := range a.numbers {
		s.WriteString(b.words[i] + compareNumber(was, b.numbers[i]))
	}
	s.WriteString(b.words[len(b.words)-1])
	return strings.TrimSpace(s.String())
}

// compareNumber is "was -> is (change)", or the number if it is the same.
func compareNumber(was, is string) string {
	if was == is {
		return is
	}
	x, errX := strconv.ParseFloat(was, 64)
	y, errY := strconv.ParseFloat(is, 64)
	if errX != nil || errY != nil || x == 0 || x == y {
		return was + " -> " + is
	}
	percent := 100 * (y - x) / math.Abs(x)
	digits := 1
	if math.Abs(percent) < 0.1 {
		digits = 3
	}
	return fmt.Sprintf("%s -> %s (%+.*f %%)", was, is, digits, percent)
}

// pair is a line of a beside a line of b; -1 is none.
type pair struct{ a, b int }

// Worth of two lines side by side: as they are, or but for their numbers.
const (
	worthSame  = 5
	worthAlike = 2
)

// align puts lines side by side so that their worth is greatest.
func align(a, b []outLine) []pair {
	n, m := min(len(a), maxAligned), min(len(b), maxAligned)
	best := make([][]int32, n+1) // of what is left
	for i := range best {
		best[i] = make([]int32, m+1)
	}
	worth := func(i, j int) int32 {
		switch {
		case a[i].text == b[j].text:
			return worthSame
		case a[i].alike(b[j]):
			return worthAlike
		}
		return 0
	}
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			best[i][j] = max(best[i+1][j], best[i][j+1])
			if w := worth(i, j); w > 0 {
				best[i][j] = max(best[i][j], best[i+1][j+1]+w)
			}
		}
	}
	var out []pair
	i, j := 0, 0
	for i < n && j < m {
		switch w := worth(i, j); {
		case w > 0 && best[i][j] == best[i+1][j+1]+w:
			out = append(out, pair{i, j})
			i, j = i+1, j+1
		case best[i][j] == best[i+1][j]:
			out = append(out, pair{i, -1})
			i++
		default:
			out = append(out, pair{-1, j})
			j++
		}
	}
	return append(out, rest(a, b, i, j)...)
}

// rest is what follows the aligned lines: side by side where the lines are
// alike.
func rest(a, b []outLine, i, j int) []pair {
	var out []pair
	for ; i < len(a) || j < len(b); i, j = i+1, j+1 {
		if i < len(a) && j < len(b) && a[i].alike(b[j]) {
			out = append(out, pair{i, j})
			continue
		}
		if i < len(a) {
			out = append(out, pair{i, -1})
		}
		if j < len(b) {
			out = append(out, pair{-1, j})
		}
	}
	return out
}
