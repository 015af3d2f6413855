package spec

import (
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
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

// forms are the names that set the flag: its own and, for a bool, the one with
// "no-".
func (f *originalFlag) forms() []string {
	if f.kind == "b" {
		return []string{f.name, "no-" + f.name}
	}
	return []string{f.name}
}

// parse is the value of the flag as it stands in config.json, those of a list
// with commas between them.
func (f *originalFlag) parse(values []string) (string, error) {
	var parsed []string
	for _, v := range values {
		text, err := f.parseOne(v)
		if err != nil {
			return "", fmt.Errorf("--%s: %w", f.name, err)
		}
		parsed = append(parsed, text)
	}
	return strings.Join(parsed, ","), nil
}

func (f *originalFlag) parseOne(value string) (string, error) {
	number := 0.0
	switch strings.TrimPrefix(f.kind, "?") {
	case "i", "I":
		n, err := strconv.Atoi(value)
		if err != nil {
			return "", fmt.Errorf("%q is not a whole number", value)
		}
		number, value = float64(n), strconv.Itoa(n)
	case "f":
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return "", fmt.Errorf("%q is not a number", value)
		}
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return "", fmt.Errorf("%s is not finite", value)
		}
		number, value = v, strconv.FormatFloat(v, 'g', -1, 64)
	case "b", "B":
		v, err := strconv.ParseBool(value)
		if err != nil {
			return "", fmt.Errorf("%q is neither true nor false", value)
		}
		return strconv.FormatBool(v), nil
	default:
		return value, nil
	}
	switch {
	case number < 0 && f.field != "num_training_job_threads":
		return "", fmt.Errorf("%s must not be negative", value)
	case number == 0 && slices.Contains(notZero, f.field):
		return "", errors.New("0 is not possible; it must be above 0")
	}
	return value, nil
}

// notZero are fields that an experiment has too, where 0 means a default.
var notZero = []string{"num_requests", "duration", "max_tokens", "block_size", "max_tokens_in_batch"}

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

func (c *originalConfig) clone() *originalConfig {
	return &originalConfig{maps.Clone(c.values), maps.Clone(c.given)}
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

// changed reports whether the flag was given, with another value than its
// default.
func (c *originalConfig) changed(name string) bool {
	if !c.given[name] {
		return false
	}
	for _, f := range originalFlags() {
		if f.name == name {
			return c.values[name] != f.fallback
		}
	}
	return false
}
