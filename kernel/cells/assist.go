package cells

import (
	"strings"

	"github.com/govidur/govidur/kernel/eval"
)

// StatusOf says whether a cell is whole, and how the next line of an incomplete one
// is indented. A command that takes the rest of the cell is whole after an empty
// line.
func StatusOf(code string) (eval.Status, string) {
	steps, err := parse(eval.Source{Name: "cell", Code: code})
	if err != nil {
		return eval.Complete, "" // running it says what is wrong
	}
	var keep []span
	for _, st := range steps {
		keep = append(keep, st.code)
	}
	status, indent := eval.StatusOf(masked(code, keep...))
	last := steps[len(steps)-1]
	if last.cmd == nil || status == eval.Incomplete {
		return status, indent
	}
	body := strings.TrimRight(last.code.of(code), " \t")
	if strings.TrimSpace(body) == "" || !strings.HasSuffix(body, "\n") {
		return eval.Incomplete, ""
	}
	return status, ""
}

// goOf is a cell in which only Go is left, and names that commands are asked about.
func goOf(code string, steps []step) string {
	var keep []span
	for _, st := range steps {
		if st.cmd != nil && st.cmd.takes == name {
			keep = append(keep, st.arg)
		}
		keep = append(keep, st.code)
	}
	return masked(code, keep...)
}

// at is the step in whose line before its Go a byte lies, if it is a command.
func at(code string, steps []step, off int) (st step, ok bool) {
	for _, st := range steps {
		if st.cmd != nil && st.name.from <= off && off <= max(lineEnd(code, st.name.from), st.arg.to) {
			return st, true
		}
	}
	return step{}, false
}

// Complete lists what can stand at a byte of a cell.
func (s *Shell) Complete(code string, off int) eval.Completion {
	off = min(max(off, 0), len(code))
	steps, err := parse(eval.Source{Name: "cell", Code: code})
	if done, ok := completeCommand(code, off, steps, err); ok {
		return done
	}
	if st, ok := at(code, steps, off); ok && (st.cmd.takes == words || st.cmd.takes == nothing) {
		return s.completeArgument(code, off, st)
	}
	return s.session.Complete(goOf(code, steps), off)
}

// completeCommand completes the name of a command.
func completeCommand(code string, off int, steps []step, err error) (done eval.Completion, ok bool) {
	from := strings.LastIndexByte(code[:off], '\n') + 1
	line := trimmed(code, span{from, lineEnd(code, from)})
	text := line.of(code)
	mark := markOf(text)
	if _, known := at(code, steps, off); mark == "" || !known && err == nil {
		return done, false
	}
	end := line.from + len(mark) + wordLen(text[len(mark):])
	if off < line.from+len(mark) || off > end {
		return done, false
	}
	done.Start, done.End = line.from, end
	for _, c := range table() {
		if c.allows(mark) && strings.HasPrefix(mark+c.name, code[line.from:off]) {
			done.Candidates = append(done.Candidates, eval.Candidate{Text: mark + c.name, Kind: "keyword", Type: c.help})
		}
	}
	return done, true
}

// allows reports whether a command may stand after a mark.
func (c *command) allows(mark string) bool {
	switch mark {
	case "%":
		return c.takes != rest
	case "%%":
		return c.takes == rest || c.takes == code
	}
	return true
}

// completeArgument completes the word after a command.
func (s *Shell) completeArgument(code string, off int, st step) eval.Completion {
	done := eval.Completion{Start: min(st.arg.from, off), End: off}
	if st.cmd.options == nil || st.arg.from > off {
		return eval.Completion{Start: off, End: off}
	}
	for _, o := range st.cmd.options(s) {
		if strings.HasPrefix(o, code[done.Start:off]) {
			done.Candidates = append(done.Candidates, eval.Candidate{Text: o, Kind: "variable"})
		}
	}
	return done
}

// Inspect describes the identifier, or the command, at a byte of a cell; ok is
// false if nothing is known of it.
func (s *Shell) Inspect(code string, off int) (d eval.Description, ok bool) {
	steps, _ := parse(eval.Source{Name: "cell", Code: code})
	if st, ok := at(code, steps, off); ok && st.name.has(off) && st.name.from < st.name.to {
		return st.cmd.description(), true
	}
	return s.session.Inspect(goOf(code, steps), off)
}
