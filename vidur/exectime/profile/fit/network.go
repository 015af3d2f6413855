package fit

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/govidur/govidur/vidur"
)

// networks fits the curves of every node.
func (f *fitter) networks(root string) error {
	base := filepath.Join(root, "network")
	nodes := f.opt.Nodes
	if nodes == nil {
		entries, err := os.ReadDir(base)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), f.opt.Folder+"_") {
				nodes = append(nodes, e.Name())
			}
		}
	}
	for _, name := range nodes {
		node := Node{Name: name, AllReduce: []Curve{}, SendRecv: []Curve{}}
		for _, v := range []struct {
			op  vidur.Op
			out *[]Curve
		}{{vidur.OpAllReduce, &node.AllReduce}, {vidur.OpSendRecv, &node.SendRecv}} {
			curves, err := messages(filepath.Join(base, name, v.op.String()+".csv"), v.op.String())
			if err != nil {
				return err
			}
			if len(curves) == 0 {
				f.note("%s: no %s.csv", name, v.op)
			}
			*v.out = f.curves(name+" "+v.op.String(), curves)
		}
		f.result.Nodes = append(f.result.Nodes, node)
	}
	return nil
}

// unusable is the mean error, %, of a curve for large messages beyond which its
// data are no basis for one.
const unusable = 25

func (f *fitter) curves(name string, all map[curveKey][]message) []Curve {
	out := []Curve{}
	keys := slices.SortedFunc(maps.Keys(all), func(a, b curveKey) int {
		return cmp.Or(cmp.Compare(a.devices, b.devices), cmp.Compare(a.perNode, b.perNode))
	})
	for _, k := range keys {
		label := fmt.Sprintf("%s, %d devices, %d per node", name, k.devices, k.perNode)
		if len(all[k]) < leastRows {
			f.note("%s: %d measurements are too few for a curve", label, len(all[k]))
			continue
		}
		v := curveProblem(all[k]).solve(curveStarts(all[k])...)
		var small, large deviation
		for _, m := range all[k] {
			d := &small
			if m.bytes >= largeBytes {
				d = &large
			}
			d.add(collective(v, m.bytes), m.us)
		}
		a := []Accuracy{small.accuracy(label, 0, largeBytes), large.accuracy(label, largeBytes, 0)}
		f.result.Accuracy = append(f.result.Accuracy, a...)
		if a[1].MAPE > unusable {
			f.note("%s: the curve is %.0f %% off for large messages: left out, the data are not usable", label, a[1].MAPE)
			continue
		}
		for i := range v {
			v[i] = round(v[i], digits)
		}
		out = append(out, Curve{k.devices, k.perNode, v[cFloor], v[cLatency], v[cBandwidth], v[cRamp]})
	}
	return out
}

const largeBytes = 1.5e6 // beyond which the bandwidth decides

// curveProblem seeks a curve. Octaves weigh as the root of the number of their
// messages: the small ones are mostly noise of the hosts. The bandwidth lies
// between what the largest messages reach and three times that.
func curveProblem(data []message) *problem {
	p := &problem{weights: weigh(len(data), func(i int) (int, float64) { return octave(data[i].bytes), data[i].us })}
	for i := range p.weights {
		p.weights[i] = math.Sqrt(p.weights[i])
	}
	top := slices.MaxFunc(data, func(a, b message) int { return cmp.Compare(a.bytes, b.bytes) }).bytes
	var rates []float64
	for _, m := range data {
		if m.bytes > top/2 {
			rates = append(rates, m.bytes/m.us/1e3)
		}
	}
	slices.Sort(rates)
	reached := rates[len(rates)/2]
	p.figures = []figure{{10, 1e-3, 1e3}, {10, 1e-3, 1e3}, {1.2 * reached, reached, 3 * reached}, {5, 1e-4, 1e4}}
	p.errors = func(at, out []float64) {
		for i, m := range data {
			out[i] = math.Log(collective(at, m.bytes) / m.us)
		}
	}
	return p
}

// curveStarts are with a floor, without, and with a slow ramp.
func curveStarts(data []message) [][]float64 {
	first := curveProblem(data).first()
	var out [][]float64
	for _, s := range [][3]float64{{10, 10, 5}, {40, 5, 1}, {0.1, 30, 0.1}, {20, 8, 200}} {
		v := slices.Clone(first)
		v[cFloor], v[cLatency], v[cRamp] = s[0], s[1], s[2]
		out = append(out, v)
	}
	return out
}
