package main

import (
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"go/format"
	"go/scanner"
	"go/token"
	"go/types"
	"os"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/govidur/govidur/vidur/spec"
)

const newUsage = `vidur new scheduler|router|workload|notebook NAME

Writes NAME.go, or NAME.ipynb, into the present directory: a file that runs, with
a policy to change and a comparison with a built-in one. It overwrites nothing.

`

// templates are Go files and a notebook. In them policyName stands for the name
// in Go and file-name for that of the file.
//
//go:embed templates
var templates embed.FS

// kinds are what there are templates of, with the endings of the files.
var kinds = map[string]string{"scheduler": ".go", "router": ".go", "workload": ".go", "notebook": ".ipynb"}

// newVerb writes a file to start from.
func newVerb(_ context.Context, args []string, std streams) error {
	set := flag.NewFlagSet("new", flag.ContinueOnError)
	if done, err := parseFlags(set, args, newUsage, std.out); done || err != nil {
		return err
	}
	if set.NArg() != 2 {
		return errors.New("what, and of which name? vidur new scheduler|router|workload|notebook NAME")
	}
	kind, name := set.Arg(0), set.Arg(1)
	ending, ok := kinds[kind]
	if !ok {
		return spec.Unknown("kind of file", kind, []string{"scheduler", "router", "workload", "notebook"})
	}
	name = strings.TrimSuffix(name, ending)
	text, err := filled(kind+ending, name)
	if err != nil {
		return err
	}
	if err := writeNew(name+ending, text); err != nil {
		return err
	}
	next := "vidur run " + name + ending
	if kind == "notebook" {
		next = "jupyter lab " + name + ending
	}
	fmt.Fprintf(std.out, "%s; now: %s\n", name+ending, next)
	return nil
}

// writeNew writes a file that must not be there yet.
func writeNew(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s is there already; nothing is overwritten", path)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

// filled is a template with the names filled in.
func filled(template, name string) ([]byte, error) {
	text, err := templates.ReadFile("templates/" + template + ".txt")
	if err != nil {
		return nil, err
	}
	ident, err := identifier(name, string(text))
	if err != nil {
		return nil, err
	}
	upper, size := utf8.DecodeRuneInString(ident)
	out := strings.NewReplacer(
		"policyName", ident,
		"PolicyName", string(unicode.ToUpper(upper))+ident[size:],
		"file-name", name,
	).Replace(string(text))
	if strings.HasSuffix(template, ".go") {
		return format.Source([]byte(out))
	}
	return []byte(out), nil
}

// nameForm is what names of files look like.
var nameForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*([-_][A-Za-z0-9]+)*$`)

// identifier is the name of a file in Go: shortestFirst for shortest-first.
func identifier(name, text string) (string, error) {
	if !nameForm.MatchString(name) || len(name) > 64 {
		return "", fmt.Errorf("the name %q: use letters, digits, - and _, a letter first, at most 64 of them", name)
	}
	if strings.HasSuffix(name, "_test") {
		return "", fmt.Errorf("the name %q: Go takes files that end in _test for tests", name)
	}
	var b strings.Builder
	for i, word := range strings.FieldsFunc(name, func(r rune) bool { return r == '-' || r == '_' }) {
		if i == 0 {
			b.WriteString(strings.ToLower(word[:1]) + word[1:])
		} else {
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	id := b.String()
	if token.IsKeyword(id) || types.Universe.Lookup(id) != nil || id == "init" || uses(text, id, name) {
		return "", fmt.Errorf("the name %q: %s is something else in Go or in the file", name, id)
	}
	return id, nil
}

// uses reports whether a template gives a meaning of its own to an identifier, or
// to the name of a file.
func uses(text, id, name string) bool {
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile("", -1, len(text)), []byte(text), nil, 0)
	for {
		_, tok, lit := s.Scan()
		switch {
		case tok == token.EOF:
			return false
		case tok == token.IDENT && lit == id, tok == token.STRING && lit == strconv.Quote(name):
			return true
		}
	}
}
