package cells

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// reset asks for a new process.
func (s *Shell) reset(c call) error {
	c.out.Reset = true
	return nil
}

// env shows or sets variables of the environment.
func (s *Shell) env(c call) error {
	arg := c.argument()
	name, value, set := strings.Cut(arg, "=")
	name = strings.TrimSpace(name)
	switch {
	case set:
		value = strings.TrimSpace(value)
		if err := os.Setenv(name, value); err != nil {
			return failure(c.src, c.arg.from, "%env: "+plainError(err))
		}
		s.set[name] = value
		s.changes++
	case arg == "":
		all := os.Environ()
		slices.Sort(all)
		s.print("%s\n", strings.Join(all, "\n"))
	default:
		value, ok := os.LookupEnv(name)
		if !ok {
			return failure(c.src, c.arg.from, "no variable "+name+" in the environment")
		}
		s.print("%s\n", value)
	}
	return nil
}

// variables are the names of those of the environment.
func (s *Shell) variables() (out []string) {
	for _, e := range os.Environ() {
		if name, _, _ := strings.Cut(e, "="); name != "" {
			out = append(out, name)
		}
	}
	return out
}

// cd shows or changes the working directory.
func (s *Shell) cd(c call) error {
	arg := c.argument()
	if home, err := os.UserHomeDir(); err == nil && (arg == "~" || strings.HasPrefix(arg, "~/")) {
		arg = home + arg[1:]
	}
	if arg != "" {
		if err := os.Chdir(arg); err != nil {
			return failure(c.src, c.arg.from, "%cd "+c.argument()+": "+plainError(err))
		}
	}
	dir, err := os.Getwd()
	if err != nil {
		return failure(c.src, c.name.from, "%cd: "+plainError(err))
	}
	if arg != "" {
		s.dir = filepath.Clean(dir)
		s.changes++
	}
	s.print("%s\n", dir)
	return nil
}

// plainError is an error of the system without the name of the call.
func plainError(err error) string {
	for e := err; e != nil; e = errors.Unwrap(e) {
		err = e
	}
	return err.Error()
}
