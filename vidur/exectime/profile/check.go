package profile

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime/profile/internal/table"
	"github.com/govidur/govidur/vidur/internal/walk"
)

// Catalog knows models and devices by the names of their folders. A
// *catalog.Catalog is one.
type Catalog interface {
	Device(name string) (vidur.Device, error)
	Model(name string) (vidur.Model, error)
}

// Check reads every profile below dir and says what is wrong with it. A nil
// Catalog leaves out what needs a datasheet or the shape of a model. The error
// is about the directory; broken files are findings.
func Check(dir string, c Catalog) (*Report, error) {
	if info, err := os.Stat(dir); err != nil {
		return nil, err
	} else if !info.IsDir() {
		return nil, fmt.Errorf("%s is a file: what is checked is the folder that holds profiling, or is it", dir)
	}
	base := Root(dir)
	report := &Report{Dir: dir}
	from, err := provenance(dir)
	if err != nil {
		return nil, err
	}
	seen := map[[sha256.Size]byte]string{} // files by their content
	err = walk.Files(base, func(file string) error {
		rel, err := filepath.Rel(base, file)
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(filepath.ToSlash(rel), ".gz")
		if path.Ext(name) != ".csv" {
			return nil
		}
		k := &checker{report: report, catalog: c, file: filepath.ToSlash(rel), imported: from == ProvenanceImported, planned: from == ProvenanceMeasured}
		k.check(file, name)
		if k.t != nil {
			k.twin(file, seen)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if report.Files == 0 {
		return nil, fmt.Errorf("%s: no CSV file of a profile below it", dir)
	}
	report.sort()
	return report, nil
}

// checker checks one file.
type checker struct {
	report  *Report
	catalog Catalog
	file    string // as it is reported

	imported bool // another profiler measured: blanks are what it did not
	planned  bool // a plan chose the sizes, and the manifest says which have no times

	t      *table.Table
	device vidur.Device // without a name if it is not known
	model  vidur.Model  // likewise
	groups map[string]*group
}

// kindOf is how a file is checked, by its place below the root; nil if nothing
// reads it.
func (k *checker) kindOf(parts []string) func() error {
	n := len(parts)
	switch folder, base := parts[0], parts[n-1]; {
	case folder == "compute" && base == "mlp.csv" && n >= 4:
		return k.compute
	case folder == "compute" && base == "attention.csv" && n >= 4:
		return k.attention
	case folder == "compute" && base == "iteration.csv" && n >= 4:
		return k.iteration
	case folder == "network" && base == "all_reduce.csv" && n == 3:
		return func() error { return k.collective(vidur.OpAllReduce, parts[1]) }
	case folder == "network" && base == "all_gather.csv" && n == 3:
		return k.gather
	case folder == "network" && base == "send_recv.csv" && n == 3:
		return func() error { return k.collective(vidur.OpSendRecv, parts[1]) }
	case folder == "cpu_overhead" && base == "cpu_overheads.csv" && n >= 4:
		return k.cpu
	}
	return nil
}

// check finds out what a file is and checks it.
func (k *checker) check(file, name string) {
	parts := strings.Split(name, "/")
	run := k.kindOf(parts)
	if run == nil {
		k.find(Info, "place", 0, "", "the file is not where the layout has one: nothing reads it")
		return
	}
	k.report.Files++
	if parts[0] == "compute" {
		k.lookUp(parts[1], strings.Join(parts[2:len(parts)-1], "/"))
	}
	t, err := table.Open(file)
	if err != nil {
		k.broken(err)
		return
	}
	k.t = t
	k.report.Rows += t.Rows()
	if t.Rows() == 0 {
		k.find(Error, "empty", 1, "", "no rows")
		return
	}
	k.columns()
	if err := run(); err != nil {
		k.broken(err)
	}
}

// twin finds a file with the content of an earlier one: measurements of one
// machine that stand for another.
func (k *checker) twin(file string, seen map[[sha256.Size]byte]string) {
	raw, err := os.ReadFile(file)
	if err != nil {
		k.broken(err)
		return
	}
	sum := sha256.Sum256(raw)
	if first := seen[sum]; first != "" {
		k.find(Warning, "twin", 0, "", "the file is equal to %s: one of the two was not measured there", first)
		return
	}
	seen[sum] = k.file
}

// broken makes a finding of an error about the file.
func (k *checker) broken(err error) {
	var at *table.Error
	if !errors.As(err, &at) {
		k.find(Error, "unreadable", 0, "", "%v", err)
		return
	}
	text := at.Err.Error()
	if at.Column != "" {
		text = fmt.Sprintf("column %q: %s", at.Column, text)
	}
	k.find(Error, "unreadable", at.Line, "", "%s", text)
}

func (k *checker) lookUp(device, model string) {
	if k.catalog == nil {
		return
	}
	var err error
	if k.device, err = k.catalog.Device(device); err != nil {
		k.device = vidur.Device{}
		k.find(Info, "unknown", 0, "", "device %q is not in the catalogue: its times are not compared with a datasheet", device)
	}
	if model == "" {
		return
	}
	if k.model, err = k.catalog.Model(model); err != nil {
		k.model = vidur.Model{}
		k.find(Info, "unknown", 0, "", "model %q is not in the catalogue: the shape of the rows is not checked", model)
	}
}

// lookUpNode looks up the device that the name of a node's folder begins with.
func (k *checker) lookUpNode(node string) {
	if k.catalog == nil {
		return
	}
	for name := node; name != ""; name = name[:max(strings.LastIndexByte(name, '_'), 0)] {
		if d, err := k.catalog.Device(name); err == nil {
			k.device = d
			return
		}
	}
	k.find(Info, "unknown", 0, "", "the node's name %q begins with no device of the catalogue: its times are not compared with a datasheet", node)
}

func (k *checker) find(s Severity, kind string, line int, op, format string, args ...any) {
	k.report.Findings = append(k.report.Findings, Finding{
		Severity: s, Kind: kind, File: k.file, Line: line, Op: op, Text: fmt.Sprintf(format, args...),
	})
}

// columns checks the columns of medians: blank cells, negative and endless
// times, and nothing but zeros.
func (k *checker) columns() {
	for _, name := range k.t.Names {
		op, isTime := strings.CutPrefix(name, "time_stats.")
		op, isMedian := strings.CutSuffix(op, ".median")
		if !isTime || !isMedian || op == vidur.OpAttnPrefill.String() || op == vidur.OpAttnDecode.String() {
			continue // attention is blank in the rows of the other kind
		}
		values, err := k.t.Floats(name)
		if err != nil {
			k.broken(err)
			continue
		}
		k.values(op, values, nil)
	}
}

// values checks the times of an operator in some rows, or in all.
func (k *checker) values(op string, values []float64, at []int) {
	if at == nil {
		for i := range values {
			at = append(at, i)
		}
	}
	blank, wrong, zero := tally{}, tally{}, tally{}
	for _, i := range at {
		switch v := values[i]; {
		case v != v:
			blank.add(k.t.Lines[i])
		case v < 0 || v > maxMs:
			wrong.add(k.t.Lines[i])
		case v == 0:
			zero.add(k.t.Lines[i])
		}
	}
	if blank.n > 0 {
		severity, text := Error, "Read refuses them"
		switch {
		case k.imported:
			severity, text = Info, "not measured there"
		case slices.Contains(lacking, op):
			severity, text = Info, "Read takes 0"
		}
		k.find(severity, "blank", blank.line, op, "blank times: %d of %d; %s", blank.n, len(at), text)
	}
	if wrong.n > 0 {
		k.find(Error, "value", wrong.line, op, "times below 0 or above an hour: %d of %d", wrong.n, len(at))
	}
	k.zeros(op, zero, len(at))
}

// zeros finds times of 0: a column that was not measured, or rows where nothing
// ran. Of a column that nothing reads it takes all of them to be worth a line.
func (k *checker) zeros(op string, zero tally, rows int) {
	severity := Warning
	if k.imported {
		severity = Info // a kernel of another operator does its work
	}
	switch {
	case zero.n == 0:
	case zero.n == rows:
		k.find(severity, "zero", zero.line, op, "all %d times are 0", rows)
	case slices.ContainsFunc(timed, func(o vidur.Op) bool { return o.String() == op }):
		k.find(severity, "zero", zero.line, op, "times of 0: %d of %d", zero.n, rows)
	}
}

// timed are the operators whose times are read.
var timed = slices.Concat(computeOps[:], cpuOps[:],
	[]vidur.Op{vidur.OpAttnPrefill, vidur.OpAttnDecode, vidur.OpKVSave, vidur.OpAllReduce, vidur.OpSendRecv, vidur.OpLMHead})

const maxMs = 3.6e6

// lacking are the names of the operators whose times may be blank.
var lacking = []string{
	vidur.OpInputNorm.String(), vidur.OpPostNorm.String(), vidur.OpAdd.String(), vidur.OpKVSave.String(),
}

// tally counts places and keeps the first.
type tally struct{ n, line int }

func (c *tally) add(line int) {
	if c.n == 0 {
		c.line = line
	}
	c.n++
}
