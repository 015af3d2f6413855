package imports

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/govidur/govidur/data"
	"github.com/govidur/govidur/vidur"
)

// Rule says which operator a kernel belongs to. It matches where both
// expressions do; one of them may be empty.
type Rule struct {
	Pattern string `json:"pattern,omitempty"` // RE2, somewhere in the kernel's name
	Module  string `json:"module,omitempty"`  // RE2, somewhere in the path of the modules around it
	Op      string `json:"op"`                // an operator of vidur, other, or gemm, norm, attention, same
	Note    string `json:"note,omitempty"`

	pattern, module *regexp.Regexp
	own             bool // of the user's file
}

// Groups of operators, which a rule may name where names of kernels do not tell
// more.
const (
	groupGEMM      = "gemm"      // one of the four of a layer, or the LM head
	groupNorm      = "norm"      // one of the two of a layer, or the last
	groupAttention = "attention" // of prefills or decodes, as the step is
	groupSame      = "same"      // the kernel before it
	other          = "other"
)

// Rules are looked at in their order: the first that matches decides.
type Rules []Rule

// NewRules are the rules in a user's file, if there is one, and after them the
// shipped ones. An error about the file is an *[Error].
func NewRules(path string) (Rules, error) {
	shipped, err := fs.ReadFile(data.FS, "kernels.json")
	if err != nil {
		return nil, err
	}
	rules, err := parseRules("kernels.json", shipped)
	if err != nil || path == "" {
		return rules, err
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	own, err := parseRules(path, raw)
	for i := range own {
		own[i].own = true
	}
	return append(own, rules...), err
}

func parseRules(file string, raw []byte) (Rules, error) {
	var content struct {
		Source string
		Rules  Rules
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&content); err != nil {
		return nil, errorAt(file, lineAt(raw, faultAt(raw, err)), "%v", err)
	}
	for i := range content.Rules {
		if err := content.Rules[i].compile(); err != nil {
			return nil, errorAt(file, 0, "rule %d: %v", i+1, err)
		}
	}
	return content.Rules, nil
}

// faultAt is the offset of what an error of the decoder is about; 0 if it does not
// say.
func faultAt(raw []byte, err error) int64 {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return syntax.Offset
	case errors.As(err, &kind):
		return kind.Offset
	case errors.Is(err, io.ErrUnexpectedEOF):
		return int64(len(bytes.TrimRight(raw, "\n")))
	}
	_, field, _ := strings.Cut(err.Error(), "unknown field ")
	return max(0, int64(bytes.Index(raw, []byte(field))))
}

func lineAt(raw []byte, offset int64) int {
	return 1 + bytes.Count(raw[:min(offset, int64(len(raw)))], []byte("\n"))
}

func (r *Rule) compile() (err error) {
	if r.Pattern == "" && r.Module == "" {
		return fmt.Errorf("neither pattern nor module")
	}
	groups := []string{groupGEMM, groupNorm, groupAttention, groupSame}
	if _, known := opByName(r.Op); !known && !slices.Contains(groups, r.Op) {
		return fmt.Errorf("op %q is none of %v, and no operator", r.Op, groups)
	}
	if r.pattern, err = regexp.Compile(r.Pattern); err != nil {
		return err
	}
	r.module, err = regexp.Compile(r.Module)
	return err
}

// opByName is the operator of a name in profiles.
func opByName(name string) (vidur.Op, bool) {
	for op := range vidur.Op(vidur.NumOps) {
		if op.String() == name {
			return op, true
		}
	}
	return 0, false
}

// match is the operator of a kernel, or "".
func (rules Rules) match(name, module string) string {
	for i := range rules {
		r := &rules[i]
		if (r.Module == "" || r.module.MatchString(module)) && (r.Pattern == "" || r.pattern.MatchString(name)) {
			return r.Op
		}
	}
	return ""
}

// layer is what the user's rules say of a layer of a table, which is a module as
// much as a kernel; "" if nothing.
func (rules Rules) layer(name string) string {
	for i := range rules {
		if rules[i].own && rules[i:i+1].match(name, name) != "" {
			return rules[i].Op
		}
	}
	return ""
}

// classify sets Op of the kernels that have none. A name that no rule knows may be
// an operator's own: predicted profiles have them for kernels.
func (rules Rules) classify(t *Trace) {
	type key struct{ name, module string }
	known := map[key]string{}
	for i := range t.Steps {
		for j := range t.Steps[i].Kernels {
			k := &t.Steps[i].Kernels[j]
			if k.Op != "" {
				continue
			}
			at := key{k.Name, k.Module}
			op, ok := known[at]
			if !ok {
				op = rules.match(k.Name, k.Module)
				if _, own := opByName(k.Name); own && op == "" {
					op = k.Name
				}
				known[at] = op
			}
			k.Op = op
		}
	}
}
