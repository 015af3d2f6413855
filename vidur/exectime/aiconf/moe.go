package aiconf

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// MoEShape is a mixture-of-experts layer on one device.
type MoEShape struct {
	Dtype        string
	Hidden       int    // width of the residual stream
	Inter        int    // width of an expert
	TopK         int    // experts of a token
	Experts      int    // of the layer
	TP, EP       int    // devices that share an expert, and the experts
	Distribution string // of tokens over experts: power_law_1.2, balanced, …
	Kernel       string // kernel_source; may be left empty where there is one only
}

func (s MoEShape) String() string {
	return fmt.Sprintf("%s hidden %d inter %d top %d of %d experts, TP %d EP %d, %s %s", s.Dtype, s.Hidden, s.Inter, s.TopK, s.Experts, s.TP, s.EP, s.Distribution, s.Kernel)
}

// moeData has the curves of layers, by tokens.
type moeData = curveSet[MoEShape]

type moeKey struct {
	MoEShape
	Tokens int
}

func parseMoE(s *sheet) (*moeData, error) {
	numbers := []string{"num_tokens", "hidden_size", "inter_size", "topk", "num_experts", "moe_tp_size", "moe_ep_size"}
	if err := s.need(append(numbers, "moe_dtype", "latency")...); err != nil {
		return nil, err
	}
	d, err := s.dims(numbers...)
	if err != nil {
		return nil, err
	}
	var text [3][]string
	for i, name := range []string{"moe_dtype", "distribution", "kernel_source"} {
		if text[i], err = s.texts(name); err != nil {
			return nil, err
		}
	}
	ms, err := s.floats("latency")
	if err != nil {
		return nil, err
	}
	p := points[moeKey]{sheet: s}
	for i := range s.rows {
		shape := MoEShape{text[0][i], d[1][i], d[2][i], d[3][i], d[4][i], d[5][i], d[6][i], text[1][i], text[2][i]}
		p.add(i, moeKey{shape, d[0][i]}, ms[i])
	}
	if err := p.settle(); err != nil {
		return nil, err
	}
	return newMoEData(&p), nil
}

func newMoEData(p *points[moeKey]) *moeData {
	slices.SortFunc(p.order, func(a, b moeKey) int {
		return cmp.Or(strings.Compare(a.Dtype, b.Dtype), a.Hidden-b.Hidden, a.Inter-b.Inter, a.TopK-b.TopK, a.Experts-b.Experts,
			a.TP-b.TP, a.EP-b.EP, strings.Compare(a.Distribution, b.Distribution), strings.Compare(a.Kernel, b.Kernel), a.Tokens-b.Tokens)
	})
	data := newCurveSet[MoEShape]()
	for _, key := range p.order {
		data.add(key.MoEShape, float64(key.Tokens), p.mean(key))
	}
	return data
}

// MoETable predicts one mixture-of-experts layer.
type MoETable struct {
	Info  Info
	Shape MoEShape
	curve *curve
}

// MoE opens a layer that was measured. Layers that were not are an error, which
// lists up to eight of the same type and width: nothing is transferred.
func (l *Library) MoE(id ID, shape MoEShape) (*MoETable, error) {
	data, t, err := find[*moeData](l, id, MoE)
	if err != nil {
		return nil, err
	}
	var found []MoEShape
	var near []string
	for _, s := range data.order {
		same := s
		if shape.Kernel == "" {
			same.Kernel = ""
		}
		if same == shape {
			found = append(found, s)
		} else if s.Dtype == shape.Dtype && s.Hidden == shape.Hidden && len(near) < 8 {
			near = append(near, s.String())
		}
	}
	switch len(found) {
	case 1:
		return &MoETable{t.Info, found[0], data.curves[found[0]]}, nil
	case 0:
		return nil, &NoRowsError{Path: t.Path, Want: shape.String(), Have: cmp.Or(strings.Join(near, ", "), "none of that type and width")}
	}
	kernels := make([]string, len(found))
	for i, s := range found {
		kernels[i] = s.Kernel
	}
	return nil, fmt.Errorf("%s: %s was measured with several kernels, name one: %s", t.Path, shape.String(), strings.Join(kernels, ", "))
}

// MoEShapes lists the layers that were measured, in a fixed order.
func (l *Library) MoEShapes(id ID) ([]MoEShape, error) {
	data, _, err := find[*moeData](l, id, MoE)
	if err != nil {
		return nil, err
	}
	return slices.Clone(data.order), nil
}

// At is the time of a batch of so many tokens. Beyond the most that were measured
// it grows with them; one that is below the fewest is as long.
func (t *MoETable) At(tokens int) Answer {
	if tokens <= 0 {
		return Answer{}
	}
	x := float64(tokens)
	a, end := t.curve.at(x)
	if x > end {
		a.Ms *= x / end
	}
	return a
}
