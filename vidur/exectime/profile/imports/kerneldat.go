package imports

import (
	"encoding/json"
	"io"
	"regexp"
	"slices"
	"strings"
)

const kernelDatName = "kernel-dat"

// kernelDatFormat is kernel_dat.csv of controlled-batching runs: the kernels of the
// first layer with the operator that each belongs to, and no times.
func kernelDatFormat() Format {
	return Format{
		Name:   kernelDatName,
		Text:   "kernel_dat.csv of controlled-batching runs: rules for --rules, no times",
		Detect: func(_ string, head []byte) bool { return headerHas(head, "bsize", "kernel") },
		Read:   readKernelDat,
	}
}

func readKernelDat(path string, _ Options) (*Trace, error) {
	raw, err := readWhole(path)
	if err != nil {
		return nil, err
	}
	t := &Trace{Format: kernelDatName, File: path}
	return t, parseKernelDat(t, raw)
}

// parseKernelDat makes a rule of each kernel that has one operator. The labels are
// of one layer: GEMM kernels run for several operators in it, and are left to the
// order of launches then.
func parseKernelDat(t *Trace, raw []byte) error {
	s, err := parseCSV(t.File, raw, "bsize", "kernel", "op_type")
	if err != nil {
		return err
	}
	kernels, labels := s.words("kernel"), s.words("op_type")
	s.counts("bsize", 1)
	if s.err != nil {
		return s.err
	}
	ops := map[string][]string{}
	unknown := 0
	for i, k := range kernels {
		op, known := opTimesColumns[labels[i]]
		switch {
		case labels[i] == "unknown":
			unknown++
			continue
		case k == "":
			return errorAt(t.File, s.Lines[i], "a kernel without a name")
		case !known || len(op) != 1:
			return errorAt(t.File, s.Lines[i], "column %q: %q is no operator", "op_type", labels[i])
		}
		if name := op[0].String(); !slices.Contains(ops[k], name) {
			ops[k] = append(ops[k], name)
		}
	}
	if t.ruled(ops); len(t.Rules) == 0 {
		return errorAt(t.File, 0, "no kernel in it belongs to one operator")
	}
	if unknown > 0 {
		t.note("%d rows are of kernels that the file labels unknown", unknown)
	}
	t.note("kernel_dat.csv has no times: it makes rules for --rules. It labels the kernels of the first layer, each once")
	return nil
}

// ruled appends the rules, by the names of kernels.
func (t *Trace) ruled(ops map[string][]string) {
	var several []string
	for k, list := range ops {
		if len(list) > 1 {
			several = append(several, k)
			continue
		}
		op := list[0]
		if op == "attn_decode" {
			op = groupAttention
		}
		t.Rules = append(t.Rules, Rule{Pattern: "^" + regexp.QuoteMeta(k) + "$", Op: op, Note: "labelled in kernel_dat.csv"})
	}
	slices.SortFunc(t.Rules, func(a, b Rule) int { return strings.Compare(a.Pattern, b.Pattern) })
	if several != nil {
		slices.Sort(several)
		t.note("kernels that run for several operators get no rule: %s", strings.Join(several, "; "))
	}
}

// WriteTo writes the rules as a file for NewRules.
func (rules Rules) WriteTo(w io.Writer) (int64, error) {
	text, err := json.MarshalIndent(map[string]Rules{"rules": rules}, "", "  ")
	if err != nil {
		return 0, err
	}
	n, err := w.Write(append(text, '\n'))
	return int64(n), err
}
