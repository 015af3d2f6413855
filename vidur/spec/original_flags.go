package spec

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

//go:embed original_flags.txt
var originalText string

// section is a group of the original simulator's configuration: one of its
// classes, which it flattens into flags.
type section struct {
	path   string // in config.json, by dots
	choice string // flag that chooses among classes; empty if there is one
	option string // its value for this one
	flags  []originalFlag
}

// originalFlag is one flag of the original simulator.
type originalFlag struct {
	name     string // without the dashes
	field    string // in config.json
	kind     string // see original_flags.txt
	fallback string
}

func (f *originalFlag) optional() bool { return f.kind[0] == '?' }
func (f *originalFlag) list() bool     { return f.kind == "I" || f.kind == "B" }

// originalSections are the sections of original_flags.txt.
var originalSections = sync.OnceValue(func() []section {
	var all []section
	prefix := ""
	for line := range strings.Lines(originalText) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			words := append(strings.Fields(strings.Trim(line, "[]")), "")
			prefix = strings.TrimPrefix(words[1], "-")
			choice, option, _ := strings.Cut(words[2], "=")
			all = append(all, section{path: strings.TrimPrefix(words[0], "."), choice: choice, option: option})
		default:
			words := append(strings.SplitN(line, " ", 3), "")
			s := &all[len(all)-1]
			s.flags = append(s.flags, originalFlag{prefix + words[0], words[0], words[1], words[2]})
		}
	}
	return all
})

// originalFlags are all flags of the original, those that choose a class among
// them; the class that stands first is the default.
var originalFlags = sync.OnceValue(func() []originalFlag {
	var flags []originalFlag
	seen := map[string]bool{}
	for _, s := range originalSections() {
		if s.choice != "" && !seen[s.choice] {
			seen[s.choice] = true
			flags = append(flags, originalFlag{s.choice, "", "s", s.option})
		}
		flags = append(flags, s.flags...)
	}
	return flags
})

// check reports whether value is of the flag's kind.
func (f *originalFlag) check(value string) error {
	values := []string{value}
	if f.list() {
		values = strings.Split(value, ",")
	}
	for _, v := range values {
		var err error
		switch strings.TrimPrefix(f.kind, "?") {
		case "i", "I":
			_, err = strconv.Atoi(v)
		case "f":
			_, err = strconv.ParseFloat(v, 64)
		}
		if err != nil {
			return fmt.Errorf("--%s: %q is not a number", f.name, v)
		}
	}
	return nil
}

// originalConfig is a configuration of the original: the values of its flags
// and which of them were given.
type originalConfig struct {
	values map[string]string
	given  map[string]bool
}

func newOriginalConfig() *originalConfig {
	c := &originalConfig{map[string]string{}, map[string]bool{}}
	for _, f := range originalFlags() {
		c.values[f.name] = f.fallback
	}
	return c
}

func (c *originalConfig) set(name, value string) {
	c.values[name] = value
	c.given[name] = true
}

// chosen reports whether the section's class is the one in use.
func (c *originalConfig) chosen(s *section) bool {
	return s.choice == "" || c.values[s.choice] == s.option
}

// options are the classes a choice flag offers.
func options(choice string) []string {
	var names []string
	for _, s := range originalSections() {
		if s.choice == choice {
			names = append(names, s.option)
		}
	}
	return names
}
