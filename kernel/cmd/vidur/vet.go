package main

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"github.com/govidur/govidur/kernel/eval"
)

const vetUsage = `vidur vet [--unrestricted] FILE ...
vidur vet --laws [FLAGS] FILE ...

Says what is wrong with scripts, without running them: what the compiler would
say, and what would not be interpreted as it is compiled, for which there is
vidur run --compile. With --laws it loads each file, without running its main,
and tries its schedulers and routers on random small workloads: requests and
memory are conserved, nothing starves, runs repeat. It shows the smallest
workload that breaks a law. The status is 1 if anything is wrong.

`

// vetVerb says what is wrong with scripts.
func vetVerb(ctx context.Context, args []string, std streams) error {
	var opt eval.Options
	var l lawFlags
	set := flag.NewFlagSet("vet", flag.ContinueOnError)
	set.BoolVar(&opt.Unrestricted, "unrestricted", false, unrestrictedText)
	l.register(set)
	if done, err := parseFlags(set, args, vetUsage, std.out); done || err != nil {
		return err
	}
	if set.NArg() == 0 {
		return errors.New("which scripts? vidur vet FILE [FILE ...]")
	}
	try := vetFile
	if l.on {
		try = l.vet
	}
	wrong := false
	for _, file := range set.Args() {
		err := vetOne(file, std, opt, func(s *eval.Session, src eval.Source) error { return try(ctx, s, src, std) })
		var found *eval.Error
		if err != nil && !errors.As(err, &found) {
			return err
		}
		wrong = wrong || found != nil
	}
	if wrong {
		return &eval.Error{Kind: eval.Exited, Code: exitFailed}
	}
	return nil
}

// vetOne tries a script in a session of its own and prints what is found. What is
// found has the form of an *eval.Error, any other error ends the command.
func vetOne(file string, std streams, opt eval.Options, try func(*eval.Session, eval.Source) error) error {
	src, err := readScript(file)
	if err != nil {
		return err
	}
	s, err := eval.New(opt)
	if err != nil {
		return err
	}
	defer hosted(func() *eval.Session { return s }, std)()
	err = try(s, src)
	var found *eval.Error
	if errors.As(err, &found) && found.Kind != eval.Exited {
		fmt.Fprintln(std.err, found)
		if found.Kind == eval.Refused {
			fmt.Fprintf(std.err, "%s: right, but not interpreted as it is compiled: vidur run --compile %s\n", file, file)
		}
	}
	return err
}

// vetFile says what is wrong with a script.
func vetFile(_ context.Context, s *eval.Session, src eval.Source, std streams) error {
	err := s.Check(src)
	if err == nil {
		fmt.Fprintf(std.out, "%s: nothing is wrong\n", src.Name)
	}
	return err
}
