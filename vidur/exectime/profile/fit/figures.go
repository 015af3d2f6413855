package fit

import (
	"encoding/json"
	"fmt"

	"github.com/govidur/govidur/data"
)

// Operators are the figures of the analytic model in the layout of
// data/operators.json, where package exectime says what each means.
type Operators struct {
	Source   string    `json:"source"`
	GPUs     []GPU     `json:"gpus"`
	Networks *Networks `json:"networks,omitempty"`

	Accuracy []Accuracy `json:"accuracy,omitempty"` // of the fit
}

// GPU are the figures of a card. Efficiencies are relative to Spec.
type GPU struct {
	Name    string   `json:"name"`
	Devices []string `json:"devices"`        // names of the devices they are used for
	From    string   `json:"from,omitempty"` // what they were fitted to
	Note    string   `json:"note,omitempty"`
	Spec    struct {
		TFLOPS    float64 `json:"tflops"`
		Bandwidth float64 `json:"bandwidth_gbs"`
		SMs       int     `json:"sms"`
		L2MB      float64 `json:"l2_mb"`
	} `json:"spec"`
	GEMM      GEMM                 `json:"gemm"`
	Pointwise map[string]Pointwise `json:"pointwise"`
	Decode    Decode               `json:"attn_decode"`
	Prefill   Prefill              `json:"attn_prefill"`
}

// GEMM are the figures of matrix products.
type GEMM struct {
	Launch       float64 `json:"launch_us"`
	BytesFactor  float64 `json:"bytes_factor"`
	PerK         float64 `json:"us_per_1000_k"`
	Norm         float64 `json:"norm"`
	PrologueK    float64 `json:"prologue_k"`
	SplitTraffic float64 `json:"split_traffic"`
	Tail         float64 `json:"tail"`
	Tiles        []Tile  `json:"tiles"`
}

// Tile is a size of the thread blocks of a GEMM.
type Tile struct {
	Rows       float64 `json:"rows"`
	Cols       float64 `json:"cols"`
	Efficiency float64 `json:"efficiency"`
}

// Pointwise are the figures of one pointwise operator.
type Pointwise struct {
	Launch     float64 `json:"launch_us"`
	PerWidth   float64 `json:"us_per_1000_width"`
	Efficiency float64 `json:"efficiency"`
	L2Gain     float64 `json:"l2_gain"`
}

// Decode are the figures of decode attention.
type Decode struct {
	Launch        float64 `json:"launch_us"`
	Wave          float64 `json:"wave_us"`
	KVTokenNs     float64 `json:"kv_token_ns"`
	TwoPerSM      float64 `json:"two_per_sm"`
	Efficiency    float64 `json:"efficiency"`
	Small         float64 `json:"small_us"`
	SmallPerBlock float64 `json:"small_us_per_block"`
}

// Prefill are the figures of prefill attention.
type Prefill struct {
	Launch     float64 `json:"launch_us"`
	PerToken   float64 `json:"us_per_token"`
	OwnWeight  float64 `json:"own_weight"`
	Efficiency float64 `json:"efficiency"`
	Tail       float64 `json:"tail"`
	GQALoss    float64 `json:"gqa_loss"`
	SmallPower float64 `json:"small_power"`
}

// Networks are the curves of collectives.
type Networks struct {
	Nodes []Node `json:"nodes"`
}

// Node are the curves of one kind of node.
type Node struct {
	Name      string  `json:"name"`
	AllReduce []Curve `json:"all_reduce"`
	SendRecv  []Curve `json:"send_recv"`
}

// Curve is a collective between so many devices, PerNode of them in each node.
type Curve struct {
	Devices   int     `json:"devices"`
	PerNode   int     `json:"per_node"`
	Floor     float64 `json:"floor_us"`
	Latency   float64 `json:"latency_us"`
	Bandwidth float64 `json:"gbs"`
	Ramp      float64 `json:"ramp_us"`
}

func (g *GEMM) vector() []float64 {
	v := []float64{g.Launch, g.BytesFactor, g.PerK, g.Norm, g.PrologueK, g.SplitTraffic, g.Tail}
	for _, t := range g.Tiles {
		v = append(v, t.Efficiency)
	}
	return v
}

func gemmOf(v []float64) GEMM {
	g := GEMM{v[gLaunch], v[gBytes], v[gPerK], v[gNorm], v[gPrologue], v[gSplit], v[gTail], nil}
	for i, size := range tileSizes {
		g.Tiles = append(g.Tiles, Tile{size[0], size[1], v[gTile+i]})
	}
	return g
}

func (p *Pointwise) vector() []float64 {
	return []float64{p.Launch, p.PerWidth, p.Efficiency, p.L2Gain}
}

func pointwiseOf(v []float64) Pointwise { return Pointwise{v[0], v[1], v[2], v[3]} }

func (d *Decode) vector() []float64 {
	return []float64{d.Launch, d.Wave, d.KVTokenNs, d.TwoPerSM, d.Efficiency, d.Small, d.SmallPerBlock}
}

func decodeOf(v []float64) Decode { return Decode{v[0], v[1], v[2], v[3], v[4], v[5], v[6]} }

func (p *Prefill) vector() []float64 {
	return []float64{p.Launch, p.PerToken, p.OwnWeight, p.Efficiency, p.Tail, p.GQALoss, p.SmallPower}
}

func prefillOf(v []float64) Prefill { return Prefill{v[0], v[1], v[2], v[3], v[4], v[5], v[6]} }

// vector are the figures of a kind.
func (g *GPU) vector(k kind) []float64 {
	switch k {
	case kGEMM:
		return g.GEMM.vector()
	case kPrefill:
		return g.Prefill.vector()
	case kDecode:
		return g.Decode.vector()
	}
	p := g.Pointwise[string(k)]
	return p.vector()
}

func (g *GPU) set(k kind, v []float64) {
	switch k {
	case kGEMM:
		g.GEMM = gemmOf(v)
	case kPrefill:
		g.Prefill = prefillOf(v)
	case kDecode:
		g.Decode = decodeOf(v)
	default:
		g.Pointwise[string(k)] = pointwiseOf(v)
	}
}

const digits = 4 // that figures are written with

// round keeps the digits that are written.
func (g *GPU) round() {
	for _, k := range allKinds() {
		v := g.vector(k)
		for i := range v {
			v[i] = round(v[i], digits)
		}
		g.set(k, v)
	}
}

func allKinds() []kind {
	return append(append([]kind{kGEMM}, pointwiseKinds[:]...), kPrefill, kDecode)
}

// The A100's figure, from which that of a card without attention data follows
// by the bandwidth of an SM: see package exectime.
const (
	kvTokenNs     = 31.5
	kvTokenGBsPer = 18.9
)

// usual are the figures of a card that nothing is known of but its datasheet:
// the means that the module ships. They are where fits start.
func usual(gddr bool, c *spec) (*GPU, error) {
	raw, err := data.FS.ReadFile("operators.json")
	if err != nil {
		return nil, err
	}
	var f struct {
		Generic struct {
			GEMM    GEMM                 `json:"gemm"`
			HBM     map[string]Pointwise `json:"pointwise_hbm"`
			GDDR    map[string]Pointwise `json:"pointwise_gddr"`
			Decode  Decode               `json:"attn_decode"`
			Prefill Prefill              `json:"attn_prefill"`
		} `json:"generic"`
	}
	if err := json.Unmarshal(raw, &f); err != nil {
		return nil, fmt.Errorf("operators.json: %w", err)
	}
	g := &GPU{GEMM: f.Generic.GEMM, Pointwise: f.Generic.HBM, Decode: f.Generic.Decode, Prefill: f.Generic.Prefill}
	if gddr {
		g.Pointwise = f.Generic.GDDR
	}
	g.Decode.KVTokenNs = kvTokenNs * kvTokenGBsPer / (c.bandwidth / 1e3 / c.sms)
	if len(g.GEMM.Tiles) != len(tileSizes) {
		return nil, fmt.Errorf("operators.json: %d sizes of GEMM tiles, %d are due", len(g.GEMM.Tiles), len(tileSizes))
	}
	return g, nil
}
