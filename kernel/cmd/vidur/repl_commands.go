package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/govidur/govidur/kernel/eval"
	"github.com/govidur/govidur/vidur/spec"
)

// command is what a line with a colon does. It reports whether the session ends.
type command struct {
	name, args, doc string
	run             func(r *repl, ctx context.Context, arg string) (leave bool)
}

func commands() []command {
	return []command{
		{":help", "", "this list", (*repl).help},
		{":vars", "", "what is declared", (*repl).vars},
		{":doc", "NAME", "what a name is", (*repl).doc},
		{":load", "FILE", "the declarations of a file, without running its main", func(r *repl, ctx context.Context, arg string) bool {
			r.load(ctx, arg)
			return false
		}},
		{":time", "CELL", "how long a cell takes", (*repl).time},
		{":reset", "", "forget what is declared", func(r *repl, _ context.Context, _ string) bool {
			r.show(nil, r.reset())
			return false
		}},
		{":quit", "", "leave; so does Ctrl-D", func(*repl, context.Context, string) bool { return true }},
	}
}

// isCommand reports whether a line is no Go but a command.
func isCommand(line string) bool {
	return strings.HasPrefix(strings.TrimSpace(line), ":")
}

// do runs a command or evaluates a cell, and reports whether the session ends.
func (r *repl) do(ctx context.Context, text string) (leave bool) {
	if !isCommand(text) {
		r.eval(ctx, text)
		return false
	}
	text = strings.TrimSpace(text)
	name, arg, _ := strings.Cut(text, " ")
	var names []string
	for _, c := range commands() {
		if c.name == name {
			return c.run(r, ctx, strings.TrimSpace(arg))
		}
		names = append(names, c.name)
	}
	r.show(nil, spec.Unknown("command", name, names))
	return false
}

func (r *repl) help(context.Context, string) bool {
	t := tabwriter.NewWriter(r.std.out, 0, 0, 2, ' ', 0)
	for _, c := range commands() {
		fmt.Fprintf(t, "%s\t%s\n", strings.TrimSpace(c.name+" "+c.args), c.doc)
	}
	t.Flush()
	return false
}

func (r *repl) vars(context.Context, string) bool {
	t := tabwriter.NewWriter(r.std.out, 0, 0, 2, ' ', 0)
	for _, d := range r.session().Declared() {
		fmt.Fprintf(t, "%s\t%s\t%s\n", d.Name, d.Kind, oneLineText(d.Type))
	}
	t.Flush()
	return false
}

// oneLineText joins the lines of a type.
func oneLineText(s string) string { return strings.Join(strings.Fields(s), " ") }

func (r *repl) doc(_ context.Context, arg string) bool {
	d, ok := r.session().Inspect(arg, len(arg))
	if !ok {
		r.show(nil, fmt.Errorf("nothing is known of %q", arg))
		return false
	}
	fmt.Fprintln(r.std.out, d.Signature)
	if d.Doc != "" {
		fmt.Fprintf(r.std.out, "\n    %s\n", strings.ReplaceAll(strings.TrimSpace(d.Doc), "\n", "\n    "))
	}
	if d.Place != "" {
		fmt.Fprintln(r.std.out, r.dim(d.Place))
	}
	return false
}

// load evaluates the declarations of a file.
func (r *repl) load(ctx context.Context, file string) {
	code, err := os.ReadFile(file)
	if err != nil {
		r.show(nil, err)
		return
	}
	r.show(r.session().Load(ctx, eval.Source{Name: file, Code: string(code)}))
}

func (r *repl) time(ctx context.Context, arg string) bool {
	begun := time.Now()
	r.eval(ctx, arg)
	fmt.Fprintf(r.std.err, "%s\n", r.dim(fmt.Sprintf("%.3f s", time.Since(begun).Seconds())))
	return false
}
