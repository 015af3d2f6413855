package cells

import (
	"context"
	"slices"
	"strings"

	"github.com/govidur/govidur/kernel/eval"
)

// takes is what a command takes.
type takes int

const (
	nothing takes = iota
	words         // what is on its line, which may be nothing
	name          // a name of Go's on its line
	code          // Go: what is on its line, or without that the rest of the cell
	rest          // the rest of the cell, and what is on its line
)

// command is an entry of the table.
type command struct {
	name, args string
	takes      takes
	help       string // a line
	run        func(s *Shell, c call) error
	options    func(s *Shell) []string // what the argument can be; may be nil
}

// call is a command that is run.
type call struct {
	step
	ctx context.Context
	src eval.Source // the whole cell
	out *Result     // of the whole cell
}

// argument is what stands after the name on the line.
func (c *call) argument() string { return c.arg.of(c.src.Code) }

// body is the Go that the command takes, where it stands in the cell.
func (c *call) body() eval.Source {
	return eval.Source{Name: c.src.Name, Code: masked(c.src.Code, c.code)}
}

// table lists the commands. It is no variable, since its functions refer to it.
func table() []command {
	return []command{
		{"doc", "NAME", name, "what a name is; also ?NAME and NAME?", (*Shell).doc, nil},
		{"source", "NAME", name, "the same with its source; also ??NAME and NAME??", (*Shell).source, nil},
		{"time", "[STATEMENT]", code, "how long a statement takes; %%time: the rest of the cell", (*Shell).time, nil},
		{"bench", "[EXPRESSION]", code, "the same, repeated until it is known well; %%bench: the rest of the cell", (*Shell).bench, nil},
		{"whos", "", nothing, "what is declared", (*Shell).whos, nil},
		{"reset", "", nothing, "begin anew: nothing is declared", (*Shell).reset, nil},
		{"env", "[NAME[=VALUE]]", words, "show or set variables of the environment", (*Shell).env, (*Shell).variables},
		{"cd", "[DIR]", words, "show or change the working directory", (*Shell).cd, nil},
		{"policy", "NAME [TYPE|FUNC]", rest, "the rest of the cell is a file of its own, whose scheduler or router NAME makes", (*Shell).policy, nil},
		{"compile", "", rest, "compile the rest of the cell with what it uses of the notebook, and run that", (*Shell).compile, nil},
		{"help", "", nothing, "this table", (*Shell).help, nil},
	}
}

// find is the command of a name, or nil.
func find(name string) *command {
	all := table()
	i := slices.IndexFunc(all, func(c command) bool { return c.name == name })
	if i < 0 {
		return nil
	}
	return &all[i]
}

// names are those of the commands.
func names() (out []string) {
	for _, c := range table() {
		out = append(out, c.name)
	}
	return out
}

// mark is how a command begins.
func (c *command) mark() string {
	if c.takes == rest {
		return "%%"
	}
	return "%"
}

// usage is how a command is written.
func (c *command) usage() string { return strings.TrimSpace(c.mark() + c.name + " " + c.args) }
