package plan

import (
	"fmt"
	"math"
	"slices"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime"
)

// Options say what to plan. Zero fields mean the defaults.
type Options struct {
	TP         []int  // degrees of tensor parallelism; default 1, 2, 4, 8
	MaxTokens  int    // of an iteration; default 4096, as in the original
	MaxContext int    // prompt and answer, tokens; default MaxTokens, or what the model allows if that is less
	MaxBatch   int    // requests of an iteration; default 128, as in the original
	Kinds      []Kind // default all
	DType      string // of weights and cache, 2 bytes a value: bfloat16 (default) or float16
	Seed       uint64 // of the tensors' contents

	Budget float64 // s that measuring may take; 0 means no limit: whole grids
	Data   string  // folder of profiles that were measured before; empty means none

	Analytic exectime.AnalyticOptions // of the times that are estimated
}

// The limits of Options. The largest token counts and batches are far beyond what
// engines run, and keep grids at some ten thousand points.
const (
	maxTokens = 1 << 18
	maxBatch  = 1 << 13
	maxTP     = 1 << 10
)

func (o Options) withDefaults(m *vidur.Model) (Options, error) {
	orElse(&o.MaxTokens, 4096)
	if o.MaxContext == 0 {
		o.MaxContext = o.MaxTokens
		if m.MaxPositions > 0 {
			o.MaxContext = min(o.MaxContext, m.MaxPositions)
		}
	}
	orElse(&o.MaxBatch, 128)
	orElse(&o.DType, "bfloat16")
	if o.TP == nil {
		o.TP = []int{1, 2, 4, 8}
	}
	if o.Kinds == nil {
		o.Kinds = Kinds()
	}
	o.TP = slices.Compact(slices.Sorted(slices.Values(o.TP)))
	return o, o.check(m)
}

func (o *Options) check(m *vidur.Model) error {
	for _, v := range []struct {
		name           string
		value, at, top int
	}{
		{"the tokens of an iteration", o.MaxTokens, 1, maxTokens},
		{"the longest context", o.MaxContext, 2, maxTokens},
		{"the largest batch", o.MaxBatch, 1, maxBatch},
	} {
		if v.value < v.at || v.value > v.top {
			return fmt.Errorf("%s is %d; it must be %d to %d", v.name, v.value, v.at, v.top)
		}
	}
	switch {
	case m.MaxPositions > 0 && o.MaxContext > m.MaxPositions:
		return fmt.Errorf("%s has contexts of at most %d tokens, not %d", m.Name, m.MaxPositions, o.MaxContext)
	case o.DType != "bfloat16" && o.DType != "float16":
		return fmt.Errorf("the values are of type %q; only bfloat16 and float16 are planned", o.DType)
	case math.IsNaN(o.Budget) || o.Budget < 0 || math.IsInf(o.Budget, 0):
		return fmt.Errorf("a budget of %v s must be finite and not negative", o.Budget)
	case len(o.TP) == 0 || o.TP[0] < 1 || o.TP[len(o.TP)-1] > maxTP:
		return fmt.Errorf("degrees of tensor parallelism %v must be 1 to %d", o.TP, maxTP)
	}
	return o.checkKinds()
}

func (o *Options) checkKinds() error {
	if len(o.Kinds) == 0 {
		return fmt.Errorf("no kinds of operators to measure")
	}
	for _, k := range o.Kinds {
		if !slices.Contains(Kinds(), k) {
			return fmt.Errorf("unknown kind %q; there are %v", k, Kinds())
		}
	}
	return nil
}

// KindOf is the kind that measures an operator, by the kind's name or the
// operator's name in profiles. The operators of a kind are measured together.
func KindOf(name string) (Kind, error) {
	if k := Kind(name); slices.Contains(Kinds(), k) {
		return k, nil
	}
	for i := range vidur.NumOps {
		op := vidur.Op(i)
		if k := kindOf(op); k != "" && op.String() == name {
			return k, nil
		}
	}
	return "", fmt.Errorf("no kind and no operator of a plan is called %q; kinds are %v", name, Kinds())
}

// kindOf is the kind that measures an operator; "" for what none does. Writing the
// KV cache is measured with either attention, and named as the one of prompts,
// whose sizes cover both.
func kindOf(op vidur.Op) Kind {
	switch {
	case op == vidur.OpAttnPrefill || op == vidur.OpKVSave:
		return Prefill
	case op == vidur.OpAttnDecode:
		return Decode
	case op == vidur.OpAllReduce:
		return AllReduce
	case op == vidur.OpSendRecv:
		return SendRecv
	case op == vidur.OpOther:
		return ""
	case op >= vidur.OpSchedule:
		return CPU
	}
	return Token
}

func orElse[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}
