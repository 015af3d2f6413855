// Package imports reads what other profilers wrote, and turns it into profiles
// in the layout that package profile reads.
//
//	file ─▶ Format.Read ─▶ Trace ─▶ Rules ─▶ Convert ─▶ Result ─▶ Write: DIR/profiling/…, DIR/manifest.json
//
// A trace is a list of steps, each an iteration of an engine with the kernels
// that ran in it; or a table of points, each an operator at a size.
package imports

import (
	"fmt"
	"slices"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime/profile/layerwise"
)

// Kernel is device time spent in a kernel, or in an operator that a table names,
// in one step.
type Kernel struct {
	Name   string
	Module string  // path of modules around it, outermost first, "/"-separated; "" if unknown
	Op     string  // operator by its name in profiles, or "other"; "" when it is not classified yet
	Calls  int     // launches in the step
	Time   float64 // µs, all calls together
	Line   int     // where it stands in the file, from 1; 0 if unknown
	Weight Weight  // of the matrix product, if the file says

	norm bool // a norm that was told by its place
}

// Step is one iteration of an engine that was traced.
type Step struct {
	Name     string // prefill, decode_1, …
	Prefill  bool   // all requests prefill; otherwise all decode one token
	Requests int    // of the batch; 0 if the file does not say
	Tokens   int    // new tokens of the batch; 0 if the file does not say
	Cached   int    // tokens of each request before the step, as the simulator counts them: prompt + n in the n-th decode step
	Kernels  []Kernel
	Products []Kernel // matrix products of the host, with their weights, whose time is that of some of Kernels
}

// Row is one operator measured at one size: what tables of points hold, and what
// steps become.
type Row struct {
	Op      string  // by its name in profiles
	X       int     // new tokens; requests, of decode attention, lm_head and CPU operators; the chunk, of prefill attention
	Cached  int     // cached tokens of each request, of attention; of all together, of prefill
	Bytes   int64   // of a message, for collectives in place of X
	Batch   int     // requests of the batch, of "other"
	Prefill bool    // of a step that prefills
	Time    float64 // µs, of one layer and one call where the operator runs in layers
	Line    int     // where it stands in the file, from 1; 0 if unknown
}

// Trace is what a file holds. Fields that the file does not tell are zero.
type Trace struct {
	Format, File  string
	Model, Device string
	TP            int // degree of tensor parallelism
	Layers        int // of transformer, in each step
	DType         string
	Engine        string // whose kernels they are, with its version; times of several do not mix
	Ordered       bool   // the kernels of a step are in the order of their launches, one entry for each
	Steps         []Step
	Rows          []Row    // points of a table, beside or in place of steps
	Rules         Rules    // that a file of labels makes, in place of steps and rows
	Missing       []string // operators that the steps leave out, by their names; others without a kernel take no time
	Notes         []string // quirks and assumptions, which are reported
}

// note adds a note to the trace, once.
func (t *Trace) note(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(t.Notes, text) {
		t.Notes = append(t.Notes, text)
	}
}

// Options are what the user says beside the file. Zero fields are unknown.
type Options struct {
	Spec   vidur.ReplicaSpec // model, device, node and TP that were asked for; a zero Model or Device was not named
	Layers int               // in each step; 0 means what the file says, or the model's
	Batch  int               // requests of each step
	Prompt int               // tokens of each prompt
	Cached int               // tokens of each request cached before a decode step; 0 means from Prompt
	Choose string            // which of several sources in a file or folder is meant: a GPU's number, a rank, a backend/version
	Gap    float64           // µs without a kernel that end a step, in traces without marks; 0 means by marks
	Phase  string            // of the steps: "prefill", "decode", or "" for a prefill and then decodes
	Repeat int               // iterations that a table adds up; 0 means what it says, or 1
	Skip   int               // steps at the beginning that are left out
	Rules  Rules             // those of the user's file name layers of bundles, too
}

// Format is a kind of file, or folder, that can be imported.
type Format struct {
	Name   string                                       // for --format
	Text   string                                       // what writes it
	Detect func(path string, head []byte) bool          // head: the first 64 KiB, decompressed; nil for a folder
	Read   func(path string, o Options) (*Trace, error) // every error about the content is an *Error
}

// Error is what is wrong with a file, of any format.
type Error = layerwise.Error

// errorAt is an *Error.
func errorAt(file string, line int, format string, args ...any) error {
	return &Error{File: file, Line: line, Text: fmt.Sprintf(format, args...)}
}
