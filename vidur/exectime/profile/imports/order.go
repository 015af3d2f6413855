package imports

import (
	"slices"

	"github.com/govidur/govidur/vidur"
)

// Operators by their names.
var (
	preProj   = vidur.OpAttnPreProj.String()
	postProj  = vidur.OpAttnPostProj.String()
	up        = vidur.OpMLPUp.String()
	down      = vidur.OpMLPDown.String()
	act       = vidur.OpMLPAct.String()
	rope      = vidur.OpAttnRope.String()
	inputNorm = vidur.OpInputNorm.String()
	postNorm  = vidur.OpPostNorm.String()
	allReduce = vidur.OpAllReduce.String()
	embed     = vidur.OpEmbed.String()
	lmHead    = vidur.OpLMHead.String()
)

// inOrder tells the GEMMs and norms of a step apart by their places, given that
// the kernels are in the order of their launches. A layer is
//
//	norm, QKV GEMMs, attention, output GEMM, norm, up GEMMs, activation, down GEMM
//
// and attention kernels, of which those without a GEMM between them are one
// attention, cut a step into segments: what comes before the first layer's
// attention, what lies between two, and what follows the last. It reports whether
// that worked for all; what it does not tell stays a group.
func inOrder(kernels []Kernel) bool {
	segments := split(kernels)
	if len(segments) < 2 {
		return false
	}
	first, whole := len(gemms(segments[0])), true
	for _, k := range gemms(segments[0]) {
		name(k, preProj)
	}
	ups := 1
	for i, s := range segments[1:] {
		p := places{qkv: first, ups: ups, last: i == len(segments)-2}
		n, ok := p.resolve(s)
		whole = whole && ok
		if ok {
			ups = n
		}
	}
	follow(kernels)
	return whole
}

// split cuts a step at its attention kernels, which are in no segment.
func split(kernels []Kernel) [][]*Kernel {
	segments := [][]*Kernel{nil}
	last := 0 // GEMMs in the last segment
	for i := range kernels {
		k := &kernels[i]
		if !isAttention(k.Op) {
			segments[len(segments)-1] = append(segments[len(segments)-1], k)
			if isGEMM(k.Op) {
				last++
			}
		} else if last > 0 || len(segments) == 1 {
			segments, last = append(segments, nil), 0
		}
	}
	return segments
}

func isAttention(op string) bool {
	return op == groupAttention || op == vidur.OpAttnPrefill.String() || op == vidur.OpAttnDecode.String()
}

func isGEMM(op string) bool {
	switch op {
	case groupGEMM, preProj, postProj, up, down, lmHead:
		return true
	}
	return false
}

func gemms(segment []*Kernel) []*Kernel {
	var out []*Kernel
	for _, k := range segment {
		if isGEMM(k.Op) {
			out = append(out, k)
		}
	}
	return out
}

// name sets the operator of a kernel of which only the group is known.
func name(k *Kernel, op string) {
	if k.Op == groupGEMM {
		k.Op = op
	}
}

// places say what GEMMs a segment after an attention has.
type places struct {
	qkv, ups int // GEMMs of a layer's QKV and up projections
	last     bool
}

// resolve names the GEMMs of a segment, and says how many are up projections.
func (p places) resolve(segment []*Kernel) (ups int, ok bool) {
	all := gemms(segment)
	before := 0 // GEMMs before the activation, which follows the up projections
	seen := false
	for _, k := range segment {
		if k.Op == act {
			seen = true
			break
		}
		if isGEMM(k.Op) {
			before++
		}
	}
	ups = p.ups
	switch {
	case seen:
		ups = before - 1
	case !p.last:
		ups = len(all) - 2 - p.qkv
	}
	if ups < 1 || len(all) < ups+2 {
		return ups, false
	}
	name(all[0], postProj)
	for i, k := range all[1:] {
		switch {
		case i < ups:
			name(k, up)
		case i == ups:
			name(k, down)
		case p.last:
			name(k, lmHead)
		default:
			name(k, preProj)
		}
	}
	return ups, true
}

// follow names norms and ends of GEMMs by the GEMM before them, and what runs
// outside of the layers.
func follow(kernels []Kernel) {
	lastAttention := 0
	for i, k := range kernels {
		if isAttention(k.Op) {
			lastAttention = i
		}
	}
	after, before := "", ""
	for i := range kernels {
		k := &kernels[i]
		switch {
		case k.Op == groupSame:
			k.Op = before
		case k.Op == groupNorm:
			k.Op, k.norm = normAfter(after, i > lastAttention), true
		case k.Op == allReduce && after == "":
			k.Op = embed // of the parts of the vocabulary
		case k.Op == embed && after != "":
			k.Op = other // rows for the logits are picked likewise
		case isGEMM(k.Op):
			after = k.Op
		}
		if before = k.Op; before == "" {
			before = other
		}
	}
}

// headless counts the last norm with what is outside of the layers where no GEMM of
// the LM head ran: alone it would pass for all of the LM head.
func headless(kernels []Kernel) {
	head := func(k Kernel) bool { return k.Op == lmHead }
	if slices.ContainsFunc(kernels, func(k Kernel) bool { return head(k) && !k.norm }) {
		return
	}
	for i := range kernels {
		if head(kernels[i]) {
			kernels[i].Op = other
		}
	}
}

// normAfter is what a norm is by the GEMM before it. What lies between the QKV
// projection and attention, norms of queries and keys, counts with the rotary
// embedding; the last norm with the LM head, as in the analytic model.
func normAfter(gemm string, end bool) string {
	switch gemm {
	case "":
		return inputNorm
	case preProj:
		return rope
	case postProj:
		return postNorm
	case down:
		if end {
			return lmHead
		}
		return inputNorm
	case lmHead:
		return other
	}
	return groupNorm
}
