package measure

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/govidur/govidur/vidur"
	"github.com/govidur/govidur/vidur/exectime/profile/plan"
)

// Hello is what the agent says of itself and of the device before it measures.
type Hello struct {
	Protocol    int                 `json:"protocol"` // 1
	Kind        string              `json:"kind"`     // "cuda" or "cpu"
	Name        string              `json:"name"`     // of the GPU or CPU
	Count       int                 `json:"count"`    // devices of the machine
	MemoryBytes int64               `json:"memory_bytes"`
	Units       int                 `json:"units"`    // streaming multiprocessors, or threads of a CPU
	L2Bytes     int64               `json:"l2_bytes"` // last-level cache; 0 if PyTorch does not say
	Driver      string              `json:"driver"`
	CUDA        string              `json:"cuda"` // that PyTorch is built for, or the version of HIP
	Torch       string              `json:"torch"`
	Python      string              `json:"python"`
	DType       string              `json:"dtype"`
	Cache       string              `json:"cache"`       // "warm" or "cold"
	FlushBytes  int64               `json:"flush_bytes"` // that are written before each run; 0 if warm
	Repeat      int                 `json:"repeat"`
	WarmUp      int                 `json:"warm_up"`
	Date        string              `json:"date"`    // UTC
	Kernels     map[string][]string `json:"kernels"` // by operator: libraries that can compute it, the first of which does
	Refused     map[string]string   `json:"refused"` // library and operator: why it does not
}

// Stats are the times of an operator's runs, ms.
type Stats struct {
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
	Mean   float64 `json:"mean"`
	Median float64 `json:"median"`
	Std    float64 `json:"std"` // of the runs, not of their mean
	N      int     `json:"n"`   // runs
}

func (s *Stats) check() error {
	for _, v := range []float64{s.Min, s.Max, s.Mean, s.Median, s.Std} {
		if !(v >= 0) || math.IsInf(v, 0) {
			return fmt.Errorf("%v is no time in ms", v)
		}
	}
	if s.N < 1 || s.Min > s.Median || s.Median > s.Max || s.Median == 0 {
		return fmt.Errorf("median %v of %d runs from %v to %v ms cannot be", s.Median, s.N, s.Min, s.Max)
	}
	return nil
}

// Status says what became of a point.
type Status string

// The states of a point.
const (
	OK      Status = "ok"
	OOM     Status = "oom"     // the device has not enough memory; not tried again
	Skipped Status = "skipped" // it needs more devices than there are; the next run looks again
	Failed  Status = "error"   // the next run tries again
)

// Clocks are those of the GPU around a point.
type Clocks struct {
	Before      float64 `json:"sm_mhz_before"`
	After       float64 `json:"sm_mhz_after"`
	Temperature float64 `json:"temperature_c"`
	Throttled   bool    `json:"throttled"`
	Reasons     uint64  `json:"reasons"` // bits of NVML's nvmlClocksThrottleReasons
}

// Result is what became of a point.
type Result struct {
	Point   string            `json:"point"` // its ID
	Status  Status            `json:"status"`
	Note    string            `json:"note,omitempty"`
	Cache   string            `json:"cache,omitempty"`
	Ops     map[string]Stats  `json:"ops,omitempty"`     // by operator
	Kernels map[string]string `json:"kernels,omitempty"` // by operator: what ran
	Clocks  *Clocks           `json:"clocks,omitempty"`  // nil on a CPU
	Seconds float64           `json:"seconds,omitempty"` // that the point took, warm-up and all
}

// fail makes the result one of a point that could not be measured.
func (r *Result) fail(format string, args ...any) {
	*r = Result{Point: r.Point, Status: Failed, Note: fmt.Sprintf(format, args...), Clocks: r.Clocks, Seconds: r.Seconds}
}

// judge turns a result that cannot be into a failure.
func (r *Result) judge(p *plan.Point, parallel bool) {
	if !slices.Contains([]Status{OK, OOM, Skipped, Failed}, r.Status) {
		r.fail("the agent gave the status %q", r.Status)
	}
	if r.Status != OK {
		r.Ops, r.Kernels = nil, nil
		return
	}
	for op, s := range r.Ops {
		if err := s.check(); err != nil {
			r.fail("%s: %v", op, err)
			return
		}
	}
	for _, op := range required(p, parallel) {
		if _, ok := r.Ops[op]; !ok {
			r.fail("the agent gave no time of %s", op)
			return
		}
	}
}

// The operators of points. Those that may be without a time: add, where a kernel
// does it together with the norm, and CPU overheads.
var (
	tokenOps = []string{
		vidur.OpEmbed.String(), vidur.OpInputNorm.String(), vidur.OpAttnPreProj.String(), vidur.OpAttnRope.String(),
		vidur.OpAttnPostProj.String(), vidur.OpPostNorm.String(), vidur.OpMLPUp.String(), vidur.OpMLPAct.String(),
		vidur.OpMLPDown.String(), vidur.OpAdd.String(), vidur.OpLMHead.String(),
	}
	attentionOps = []string{vidur.OpAttnPrefill.String(), vidur.OpAttnDecode.String(), vidur.OpKVSave.String()}
	cpuOps       = []string{vidur.OpSampler.String(), vidur.OpPrepareInputs.String()}
)

// required are the operators whose times a measured point must have.
func required(p *plan.Point, parallel bool) []string {
	switch p.Kind {
	case plan.Token:
		return slices.DeleteFunc(slices.Clone(tokenOps), func(op string) bool {
			return op == vidur.OpAdd.String() || parallel && op == vidur.OpPostNorm.String()
		})
	case plan.Prefill:
		return []string{vidur.OpAttnPrefill.String(), vidur.OpKVSave.String()}
	case plan.Decode:
		return []string{vidur.OpAttnDecode.String(), vidur.OpKVSave.String()}
	case plan.CPU:
		return cpuOps
	}
	return []string{string(p.Kind)}
}

// collective reports whether a point needs a process for each device.
func collective(k plan.Kind) bool {
	return k == plan.AllReduce || k == plan.AllGather || k == plan.SendRecv
}

// line is a line of the protocol: one of its fields is there.
type line struct {
	Hello *Hello `json:"hello"`
	Bye   bool   `json:"bye"`
	Result
}

// parseLine reads a line. What is none, as the prints of a library, is an error.
func parseLine(text []byte) (*line, error) {
	var l line
	if err := json.Unmarshal(text, &l); err != nil {
		return nil, err
	}
	if l.Hello == nil && !l.Bye && l.Point == "" {
		return nil, fmt.Errorf("neither hello, nor a point, nor bye")
	}
	return &l, nil
}
