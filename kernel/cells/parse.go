package cells

import (
	"regexp"
	"strings"

	"github.com/govidur/govidur/kernel/eval"
	"github.com/govidur/govidur/vidur/spec"
)

// commentMark begins a command that is a comment of Go.
const commentMark = "//vidur:"

// span is a piece of a cell, in bytes.
type span struct{ from, to int }

func (p span) of(code string) string { return code[p.from:p.to] }

func (p span) has(off int) bool { return p.from <= off && off <= p.to }

// step is a command of a cell, or Go.
type step struct {
	cmd  *command // nil: Go
	name span     // of the command, with its mark
	arg  span     // what stands after the name on the line, without blanks around it
	code span     // the Go that the step takes, or is
}

// parse cuts a cell into steps; the last one is Go or takes the rest. The error is
// an *eval.Error. What it has found before is returned with it.
func parse(src eval.Source) ([]step, error) {
	code := src.Code
	var steps []step
	pos := 0
	for pos < len(code) {
		end := lineEnd(code, pos)
		line := trimmed(code, span{pos, end})
		next := min(end+1, len(code))
		text := line.of(code)
		if text == "" || strings.HasPrefix(text, "//") && !strings.HasPrefix(text, commentMark) {
			pos = next
			continue
		}
		st, found, err := readCommand(src, line)
		if err != nil {
			if st.cmd != nil {
				steps = append(steps, st)
			}
			return steps, err
		}
		if !found {
			break
		}
		if rest := st.takesCode(code, next); rest {
			return append(steps, st), nil
		}
		steps = append(steps, st)
		pos = max(next, st.code.to)
	}
	if len(steps) == 0 {
		return []step{{code: span{0, len(code)}}}, nil
	}
	return append(steps, step{code: span{min(pos, len(code)), len(code)}}), nil
}

// readCommand reads the command of a line.
func readCommand(src eval.Source, line span) (st step, found bool, err error) {
	text := line.of(src.Code)
	if st, ok := readHelp(text, line); ok {
		return st, true, nil
	}
	mark := markOf(text)
	if mark == "" {
		return st, false, nil
	}
	word := len(mark) + wordLen(text[len(mark):])
	st.name = span{line.from, line.from + word}
	st.arg = trimmed(src.Code, span{st.name.to, line.to})
	name := text[len(mark):word]
	if st.cmd = find(name); st.cmd == nil {
		return st, true, problem(src, line.from, spec.Unknown("command", name, names()).Error())
	}
	return st, true, st.check(src, mark)
}

// check says what is wrong with how a command is written.
func (st *step) check(src eval.Source, mark string) error {
	c := st.cmd
	has := st.arg.from < st.arg.to
	switch {
	case mark == "%%" && c.takes != code && c.takes != rest:
		return problem(src, st.name.from, "%"+c.name+" takes its line only, and so has one percent sign")
	case mark == "%" && c.takes == rest:
		return problem(src, st.name.from, "%%"+c.name+" takes the rest of the cell, and so has two percent signs")
	case mark == "%%" && c.takes == code && has:
		return problem(src, st.arg.from, "%%"+c.name+" takes the rest of the cell; for one statement it is %"+c.name)
	case c.takes == nothing && has:
		return problem(src, st.arg.from, "%"+c.name+" takes nothing")
	case c.takes == name && !has:
		return problem(src, st.name.to, c.usage()+": which?")
	}
	return nil
}

// takesCode finds the Go of a command that takes some: what stands on its line, and
// on further ones until that is whole, or else the rest of the cell.
func (st *step) takesCode(text string, next int) (all bool) {
	switch st.cmd.takes {
	case rest:
		st.code = span{next, len(text)}
		return true
	case code:
		if st.arg.from == st.arg.to {
			st.code = span{next, len(text)}
			return true
		}
		st.code = st.arg
		for st.code.to < len(text) {
			if status, _ := eval.StatusOf(st.code.of(text)); status != eval.Incomplete {
				break
			}
			st.code.to = lineEnd(text, st.code.to+1)
		}
	}
	return false
}

// helped is a name that is asked about.
var helped = regexp.MustCompile(`^[\pL_][\pL\pN_]*(\.[\pL_][\pL\pN_]*)*(\?\??)$`)

// readHelp reads ?NAME, ??NAME, NAME? and NAME??.
func readHelp(text string, line span) (st step, ok bool) {
	st.name, st.arg = span{line.from, line.from}, line
	switch {
	case strings.HasPrefix(text, "?"):
		n := 1
		if strings.HasPrefix(text, "??") {
			n = 2
		}
		st.name.to += n
		st.arg.from += n + len(text[n:]) - len(strings.TrimLeft(text[n:], " \t"))
		st.cmd = helpOf(n)
	case helped.MatchString(text):
		n := strings.Count(text, "?")
		st.arg.to -= n
		st.cmd = helpOf(n)
	default:
		return step{}, false
	}
	if st.arg.from >= st.arg.to {
		st.cmd = find("help")
	}
	return st, true
}

// helpOf is the command of one or two question marks.
func helpOf(marks int) *command {
	if marks == 2 {
		return find("source")
	}
	return find("doc")
}

// markOf is what makes a line a command; empty if nothing does.
func markOf(text string) string {
	for _, m := range []string{commentMark, "%%", "%"} {
		if strings.HasPrefix(text, m) {
			return m
		}
	}
	return ""
}

// wordLen is the length of the word that a text begins with.
func wordLen(text string) int {
	if n := strings.IndexAny(text, " \t"); n >= 0 {
		return n
	}
	return len(text)
}

// lineEnd is where the line of a byte ends.
func lineEnd(code string, from int) int {
	if n := strings.IndexByte(code[min(from, len(code)):], '\n'); n >= 0 {
		return from + n
	}
	return len(code)
}

// trimmed takes the white space off both ends.
func trimmed(code string, p span) span {
	text := p.of(code)
	p.from += len(text) - len(strings.TrimLeft(text, " \t\r"))
	p.to = p.from + len(strings.Trim(text, " \t\r"))
	return p
}

// masked is a cell in which only some pieces are left, where they are: the rest is
// blank.
func masked(code string, keep ...span) string {
	out := []byte(code)
	for i, c := range out {
		if c != '\n' && c != '\r' && !covers(keep, i) {
			out[i] = ' '
		}
	}
	return string(out)
}

func covers(keep []span, i int) bool {
	for _, p := range keep {
		if p.from <= i && i < p.to {
			return true
		}
	}
	return false
}

// failure is an error at a byte of a cell that is as it should be.
func failure(src eval.Source, at int, msg string) *eval.Error {
	e := problem(src, at, msg)
	e.Kind = eval.Failed
	return e
}

// problem is an error at a byte of a cell, in how it is written.
func problem(src eval.Source, at int, msg string) *eval.Error {
	p := eval.Problem{Msg: msg}
	before := src.Code[:at]
	p.Filename, p.Line = src.Name, 1+strings.Count(before, "\n")
	p.Column = at - strings.LastIndexByte(before, '\n')
	p.Source = lineOf(src.Code, p.Line)
	return &eval.Error{Kind: eval.Syntax, Problems: []eval.Problem{p}}
}

// lineOf is a line of a text, from 1; empty if there is none.
func lineOf(text string, line int) string {
	lines := strings.Split(text, "\n")
	if line < 1 || line > len(lines) {
		return ""
	}
	return strings.TrimRight(lines[line-1], "\r")
}
