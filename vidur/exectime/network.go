package exectime

import (
	"math"
	"slices"

	"github.com/govidur/govidur/vidur"
)

// curve is the time of a collective by the size of its message, between so many
// devices, PerNode of them in each node.
type curve struct {
	Devices   int     `json:"devices"`
	PerNode   int     `json:"per_node"`
	Floor     float64 `json:"floor_us"`
	Latency   float64 `json:"latency_us"`
	Bandwidth float64 `json:"gbs"`     // 10^9 bytes per second
	Ramp      float64 `json:"ramp_us"` // how slowly the bandwidth is reached

	limit float64 // bytes per µs that the link allows; 0 if not known
}

const floorNorm = 6 // exponent that joins floor and transfer

// time is what a message takes, in µs, when each device sends and receives that
// many bytes:
//
//	(floor^6 + (latency + x)^6)^(1/6) + sqrt(ramp · x),  x = bytes / bandwidth
//
// Source: fitted to all_reduce.csv and send_recv.csv of microsoft/vidur: 1 to 5 %
// beyond 1.5 MB, 5 to 60 % below, where the data are mostly the skew of hosts.
func (c *curve) time(bytes float64) float64 {
	if bytes <= 0 {
		return 0
	}
	x := bytes / (c.Bandwidth * giga)
	us := norm(c.Floor, c.Latency+x, floorNorm) + math.Sqrt(c.Ramp*x)
	if c.limit > 0 {
		us = max(us, bytes/c.limit)
	}
	return us
}

// Network predicts the collectives of one replica. Its methods give
// microseconds.
type Network struct {
	devices           int
	allReduce         curve
	sendNear, sendFar curve
	perNode           int // devices of a node; 0 if all are in one
}

// The rule for links without a fitted curve.
const (
	linkEfficiency = 0.75 // of the link's datasheet in one direction; fitted curves reach 0.62 to 0.92
	linkRamp       = 25   // µs; fitted curves have 0 to 123
	pcieGBs        = 32   // PCIe 4.0 x16, one direction
	pcieEfficiency = 0.5  // through the host, as without peer access
	networkUs      = 25   // latency between nodes; fitted curves have 17 to 64
)

// bridged are the devices whose link is a bridge between two cards: more of
// them talk by PCIe.
var bridged = [...]string{"a40", "a100-pcie-80gb", "h100-pcie", "h100-nvl"}

// Network makes the predictor of a replica's collectives. Curves fitted to the
// node, by its name, come first. Otherwise devices of a node reach 75 % of
// their link, or half of PCIe 4.0 x16 if they have none, after a latency of
// AnalyticOptions.LatencyUs; and nodes reach AnalyticOptions.NetworkGBs per
// device after 25 µs.
func (a *Analytic) Network(spec vidur.ReplicaSpec) *Network {
	tp := max(spec.TP, 1)
	n := &Network{devices: tp, perNode: spec.Node.Devices}
	d := &spec.Device
	node := a.figures.curves(spec.Node.Name)
	near := tp
	if n.perNode > 0 {
		near = min(tp, n.perNode)
	}
	n.allReduce = a.pick(node.AllReduce, d, tp, near)
	n.sendNear = a.pick(node.SendRecv, d, 2, 2)
	n.sendFar = a.pick(node.SendRecv, d, 2, 1)
	return n
}

// pick is the fitted curve, or the one by rule. No curve inside a node may beat
// the link's datasheet.
func (a *Analytic) pick(curves []curve, d *vidur.Device, devices, perNode int) curve {
	inside := perNode >= devices
	c := a.ruled(d, devices, inside)
	if fitted := find(curves, devices, perNode); fitted != nil {
		c = *fitted
		if a.options.IdealCollectives {
			c.Floor, c.Latency = 0, a.latency(inside)
		}
		if inside && d.LinkGBs > 0 {
			c.limit = d.LinkGBs / 2 * giga
		}
	}
	return c
}

// ruled is the curve of a link that no curve was fitted to.
func (a *Analytic) ruled(d *vidur.Device, devices int, inside bool) curve {
	c := curve{Devices: devices, Latency: a.latency(inside), Ramp: linkRamp}
	switch {
	case !inside:
		c.Bandwidth = a.options.NetworkGBs
		c.limit = c.Bandwidth * giga
	case d.LinkGBs <= 0 || devices > 2 && isBridged(d):
		c.Bandwidth = pcieGBs * pcieEfficiency
		c.limit = pcieGBs * giga
	default:
		c.limit = d.LinkGBs / 2 * giga // a datasheet counts both directions
		c.Bandwidth = d.LinkGBs / 2 * linkEfficiency
	}
	return c
}

func (a *Analytic) latency(inside bool) float64 {
	if inside {
		return a.options.LatencyUs
	}
	return networkUs
}

func isBridged(d *vidur.Device) bool { return slices.Contains(bridged[:], kin(d)) }

// AllReduce is the time in µs of summing so many bytes over the devices of a
// stage: each sends 2 (n-1)/n of them. 0 for one device.
func (n *Network) AllReduce(bytes float64) float64 {
	if n.devices <= 1 {
		return 0
	}
	return n.allReduce.time(2 * bytes * float64(n.devices-1) / float64(n.devices))
}

// AllGather is the time in µs after which every device of a stage has so many
// bytes, of which each had its part: each sends (n-1)/n of them, as quickly as
// in an all-reduce. 0 for one device.
func (n *Network) AllGather(bytes float64) float64 {
	if n.devices <= 1 {
		return 0
	}
	return n.allReduce.time(bytes * float64(n.devices-1) / float64(n.devices))
}

// SendRecv is the time in µs of sending so many bytes to the next pipeline
// stage, in the same node or (far) in another one.
func (n *Network) SendRecv(bytes float64, far bool) float64 {
	if far {
		return n.sendFar.time(bytes)
	}
	return n.sendNear.time(bytes)
}

// bound is the network as its datasheet promises it; links that have none take
// no time.
func (n *Network) bound() *Network {
	b := *n
	for _, c := range []*curve{&b.allReduce, &b.sendNear, &b.sendFar} {
		*c = curve{Devices: c.Devices, PerNode: c.PerNode, Bandwidth: math.Inf(1), limit: c.limit}
	}
	return &b
}

// Fitted reports whether the curves of the all-reduce and of sending to the next
// stage were fitted to measurements of the node.
func (n *Network) Fitted() (allReduce, send bool) {
	return n.allReduce.PerNode > 0, n.sendNear.PerNode > 0
}

// Far reports whether the stage after the given one lies in another node, when
// stages fill nodes in order.
func (n *Network) Far(stage int) bool {
	if n.perNode <= 0 {
		return false
	}
	next := (stage + 1) * n.devices
	return (next-1)/n.perNode != next/n.perNode || n.devices > n.perNode
}
