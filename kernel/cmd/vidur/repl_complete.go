package main

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// maxListed is how many candidates are listed at once.
const maxListed = 120

// key is asked about every key that edits nothing: Tab completes, and a closing
// bracket that begins a line goes back by one level.
func (t *terminal) key(line string, pos int, key rune) (string, int, bool) {
	switch key {
	case '\t':
		return t.tab(line, pos)
	case '}', ')', ']':
		if strings.TrimSpace(line) == "" && pos == len(line) && strings.HasSuffix(line, indentText) {
			line = strings.TrimSuffix(line, indentText) + string(key)
			return line, len(line), true
		}
	}
	return "", 0, false
}

// tab completes what stands before the cursor.
func (t *terminal) tab(line string, pos int) (string, int, bool) {
	if strings.TrimSpace(line[:pos]) == "" {
		return line[:pos] + indentText + line[pos:], pos + len(indentText), true
	}
	start, found := t.candidates(line, pos)
	if len(found) == 0 {
		return line, pos, true
	}
	common := commonPrefix(found)
	if len(common) >= pos-start && common != line[start:pos] {
		return line[:start] + common + line[pos:], start + len(common), true
	}
	if len(found) > 1 {
		width, _, err := term.GetSize(t.fd)
		if err != nil || width <= 0 {
			width = 80
		}
		fmt.Fprint(t.edit, columns(found, width))
	}
	return line, pos, true
}

// candidates are what the word that begins at start and ends at pos can be.
func (t *terminal) candidates(line string, pos int) (start int, found []string) {
	code, skip := line[:pos], 0
	if t.before == "" && isCommand(code) {
		name := strings.HasPrefix(code, ":") && !strings.Contains(code, " ")
		if name {
			for _, c := range commands() {
				if strings.HasPrefix(c.name, code) {
					found = append(found, c.name)
				}
			}
			return 0, found
		}
		skip = max(strings.IndexByte(code, ' '), 0) + 1
	}
	whole := t.before + line[skip:]
	off := len(t.before) + pos - skip
	done := t.shell.Load().Complete(whole, off)
	for _, c := range done.Candidates {
		found = append(found, c.Text)
	}
	return done.Start - len(t.before) + skip, found
}

// commonPrefix is what all of the texts begin with.
func commonPrefix(texts []string) string {
	prefix := texts[0]
	for _, s := range texts[1:] {
		for !strings.HasPrefix(s, prefix) {
			_, size := utf8.DecodeLastRuneInString(prefix)
			prefix = prefix[:len(prefix)-size]
		}
	}
	return prefix
}

// columns lays words out in lines of a width, down the columns.
func columns(words []string, width int) string {
	more := len(words) - maxListed
	words = words[:min(len(words), maxListed)]
	widest := 0
	for _, w := range words {
		widest = max(widest, utf8.RuneCountInString(w)+2)
	}
	across := max(width/widest, 1)
	down := (len(words) + across - 1) / across
	var b strings.Builder
	for row := range down {
		var line strings.Builder
		for i := row; i < len(words); i += down {
			fmt.Fprintf(&line, "%-*s", widest, words[i])
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	if more > 0 {
		fmt.Fprintf(&b, "(%d more)\n", more)
	}
	return b.String()
}
