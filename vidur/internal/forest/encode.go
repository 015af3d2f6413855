package forest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Encodings start with these words; the digit is the version of the format. All
// integers are unsigned varints, all floats 8 bytes with the low one first.
const (
	forestMagic   = "forest1\n"
	originalMagic = "forest2\n" // of an original forest, with Skip after the seed
	stepsMagic    = "fsteps1\n"
)

// MarshalBinary encodes a forest. A cut is an index into the list of its
// feature's cuts; where a right subtree starts follows from the order of nodes.
func (f *Forest) MarshalBinary() ([]byte, error) {
	cuts, o := f.cuts(), f.options
	b, head := []byte(forestMagic), []uint64{uint64(o.Trees), uint64(o.MaxDepth), uint64(o.MinSplit), o.Seed}
	if o.Original {
		b, head = []byte(originalMagic), append(head, uint64(o.Skip))
	}
	for _, v := range head {
		b = binary.AppendUvarint(b, v)
	}
	b = appendFloat(appendFloat(b, f.low), f.high)
	b = appendLists(b, cuts)
	b = binary.AppendUvarint(b, uint64(len(f.trees)))
	for _, t := range f.trees {
		b = t.append(b, cuts)
	}
	return b, nil
}

func (t tree) append(b []byte, cuts [][]float64) []byte {
	for i := range t {
		n := &t[i]
		if n.leaf() {
			b = binary.AppendUvarint(b, 0)
		} else {
			b = binary.AppendUvarint(b, uint64(n.feature())+1)
			b = binary.AppendUvarint(b, uint64(cell(cuts[n.feature()], n.cut)))
		}
		b = binary.AppendUvarint(b, uint64(n.rows()))
		b = appendFloat(b, n.value)
	}
	return b
}

// UnmarshalBinary decodes a forest and checks it.
func (f *Forest) UnmarshalBinary(data []byte) error {
	d := &decoder{rest: data}
	original := bytes.HasPrefix(data, []byte(originalMagic))
	if original {
		d.magic(originalMagic)
	} else {
		d.magic(forestMagic)
	}
	o := Options{Trees: d.int(maxTrees), MaxDepth: d.int(maxRows), MinSplit: d.int(maxRows), Seed: d.uint(), Original: original}
	if original {
		if o.Skip = d.int(maxSkip); d.err == nil && o.check() != nil {
			d.fail("%v", o.check())
		}
	}
	got := Forest{options: o, low: d.float(), high: d.float()}
	cuts := d.lists()
	got.features = len(cuts)
	for n := d.int(maxTrees); n > 0 && d.err == nil; n-- {
		got.trees = append(got.trees, d.tree(&got, cuts))
	}
	if d.err == nil && (len(got.trees) == 0 || o.Trees != 0 && o.Trees != len(got.trees)) {
		d.fail("%d trees, %d said", len(got.trees), o.Trees)
	}
	if err := d.end(); err != nil {
		return err
	}
	*f = got
	return nil
}

// tree decodes a tree. Its end is where no subtree is missing.
func (d *decoder) tree(f *Forest, cuts [][]float64) tree {
	var t tree
	var path []int // cuts whose left subtree is being read
	for missing := 1; missing > 0 && d.err == nil; missing-- {
		n := d.node(f, cuts)
		if t = append(t, n); !n.leaf() {
			path, missing = append(path, len(t)-1), missing+2
			continue
		}
		if len(path) > 0 {
			t[path[len(path)-1]].right = uint32(len(t))
			path = path[:len(path)-1]
		}
	}
	if d.err == nil {
		d.counts(t)
	}
	return t
}

// node decodes a node; a cut has a right subtree at an index to be found.
func (d *decoder) node(f *Forest, cuts [][]float64) node {
	n := node{}
	if kind := d.int(len(cuts)); kind > 0 && d.err == nil {
		if list := cuts[kind-1]; len(list) > 0 {
			n.cut = list[d.int(len(list)-1)]
		} else {
			d.fail("a cut of feature %d, which has none", kind-1)
		}
		n.right, n.meta = math.MaxUint32, uint32(kind-1)
	}
	n.meta = meta(d.int(maxRows), n.feature())
	if n.value = d.float(); !(n.value >= f.low && n.value <= f.high) && (f.options.Trees != 0 || n.leaf()) {
		d.fail("a value %v outside %v to %v", n.value, f.low, f.high)
	}
	return n
}

// counts checks that a node has the rows of its subtrees.
func (d *decoder) counts(t tree) {
	for i := range t {
		if n := &t[i]; n.rows() < 1 || !n.leaf() && n.rows() != t[i+1].rows()+t[n.right].rows() {
			d.fail("node %d has %d rows", i, n.rows())
			return
		}
	}
}

// MarshalBinary encodes a table.
func (s *Steps) MarshalBinary() ([]byte, error) {
	b := make([]byte, 0, len(stepsMagic)+8*(len(s.values)+1000))
	b = appendLists(append(b, stepsMagic...), s.cuts)
	for _, v := range s.values {
		b = appendFloat(b, v)
	}
	return b, nil
}

// UnmarshalBinary decodes a table and checks it.
func (s *Steps) UnmarshalBinary(data []byte) error {
	d := &decoder{rest: data}
	d.magic(stepsMagic)
	got := Steps{cuts: d.lists()}
	if cells := got.cells(maxCells); d.err == nil && (cells == 0 || len(d.rest) != 8*cells) {
		d.fail("%d bytes for %d cells", len(d.rest), cells)
	} else if d.err == nil {
		got.values = make([]float64, cells)
		for i := range got.values {
			got.values[i] = d.float()
		}
	}
	if err := d.end(); err != nil {
		return err
	}
	*s = got
	return nil
}

func appendFloat(b []byte, v float64) []byte {
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
}

func appendLists(b []byte, lists [][]float64) []byte {
	b = binary.AppendUvarint(b, uint64(len(lists)))
	for _, list := range lists {
		b = binary.AppendUvarint(b, uint64(len(list)))
		for _, v := range list {
			b = appendFloat(b, v)
		}
	}
	return b
}

// A decoder reads an encoding; after the first error it reads zeros.
type decoder struct {
	rest []byte
	err  error
}

var errShort = errors.New("forest: the encoding breaks off")

func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("forest: encoding: "+format, args...)
	}
}

func (d *decoder) magic(want string) {
	if len(d.rest) < len(want) || string(d.rest[:len(want)]) != want {
		d.fail("it does not start with %q", want)
		return
	}
	d.rest = d.rest[len(want):]
}

func (d *decoder) uint() uint64 {
	v, n := binary.Uvarint(d.rest)
	if n <= 0 && d.err == nil {
		d.err = errShort
	}
	if d.err != nil {
		return 0
	}
	d.rest = d.rest[n:]
	return v
}

// int reads an integer from 0 to most.
func (d *decoder) int(most int) int {
	v := d.uint()
	if v > uint64(most) {
		d.fail("%d, at most %d is possible", v, most)
		return 0
	}
	return int(v)
}

// float reads a finite number.
func (d *decoder) float() float64 {
	if len(d.rest) < 8 && d.err == nil {
		d.err = errShort
	}
	if d.err != nil {
		return 0
	}
	v := math.Float64frombits(binary.LittleEndian.Uint64(d.rest))
	d.rest = d.rest[8:]
	if !finite(v) {
		d.fail("a value %v", v)
	}
	return v
}

// lists reads one ascending list per feature.
func (d *decoder) lists() [][]float64 {
	lists := make([][]float64, d.int(maxFeatures))
	if len(lists) == 0 {
		d.fail("no features")
	}
	for k := range lists {
		n := d.int(len(d.rest) / 8)
		for range n {
			v := d.float()
			if last := len(lists[k]) - 1; last >= 0 && !(v > lists[k][last]) {
				d.fail("cuts of feature %d do not ascend", k)
			}
			lists[k] = append(lists[k], v)
		}
	}
	return lists
}

// end returns the first error; bytes left over are one.
func (d *decoder) end() error {
	if len(d.rest) > 0 {
		d.fail("%d bytes too many", len(d.rest))
	}
	return d.err
}
