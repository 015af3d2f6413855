package exectime

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/govidur/govidur/data"
)

// figures is data/operators.json.
type figures struct {
	GPUs     []gpuFigures `json:"gpus"`
	Generic  genericGPU   `json:"generic"`
	Networks struct {
		Nodes []nodeCurves `json:"nodes"`
	} `json:"networks"`
	Accuracy []struct { // of the fit, in the file of a device
		Operator string  `json:"operator"`
		To       float64 `json:"to"` // 0: over all sizes
		MAPE     float64 `json:"mape"`
	} `json:"accuracy"`
}

// gpuFigures are fitted to one card. Its efficiencies are relative to Spec.
type gpuFigures struct {
	Name    string   `json:"name"`
	Devices []string `json:"devices"` // names of the devices they are used for
	From    string   `json:"from"`    // what they were fitted to
	Spec    struct {
		TFLOPS    float64 `json:"tflops"`
		Bandwidth float64 `json:"bandwidth_gbs"`
		SMs       float64 `json:"sms"`
		L2MB      float64 `json:"l2_mb"`
	} `json:"spec"`
	GEMM      gemmFigures      `json:"gemm"`
	Pointwise pointwiseFigures `json:"pointwise"`
	Decode    decodeFigures    `json:"attn_decode"`
	Prefill   prefillFigures   `json:"attn_prefill"`

	errors map[string]float64 // of the fit, %, by formula; nil where the file does not say
}

// genericGPU are means, for cards that nothing was fitted to.
type genericGPU struct {
	GEMM    gemmFigures      `json:"gemm"`
	HBM     pointwiseFigures `json:"pointwise_hbm"`
	GDDR    pointwiseFigures `json:"pointwise_gddr"`
	Decode  decodeFigures    `json:"attn_decode"`
	Prefill prefillFigures   `json:"attn_prefill"`
}

// gemmFigures are those of [GPU.GEMM].
type gemmFigures struct {
	Launch       float64 `json:"launch_us"`
	BytesFactor  float64 `json:"bytes_factor"` // of the time that the bytes take by the datasheet
	PerK         float64 `json:"us_per_1000_k"`
	Norm         float64 `json:"norm"`          // exponent that joins compute and memory time
	PrologueK    float64 `json:"prologue_k"`    // columns of K that filling the pipeline costs
	SplitTraffic float64 `json:"split_traffic"` // of the partial sums of split K
	Tail         float64 `json:"tail"`          // part of a last, unfilled wave that is lost
	Tiles        []struct {
		Rows       float64 `json:"rows"`
		Cols       float64 `json:"cols"`
		Efficiency float64 `json:"efficiency"` // of the peak
	} `json:"tiles"`
}

// pointwiseFigures are those of [GPU.Pointwise].
type pointwiseFigures map[string]pointwiseOp

type pointwiseOp struct {
	Launch     float64 `json:"launch_us"`
	PerWidth   float64 `json:"us_per_1000_width"`
	Efficiency float64 `json:"efficiency"` // of the memory bandwidth
	L2Gain     float64 `json:"l2_gain"`    // fraction by which data in the L2 cache are faster
}

// decodeFigures are those of [GPU.AttnDecode].
type decodeFigures struct {
	Launch        float64 `json:"launch_us"`
	Wave          float64 `json:"wave_us"`
	KVTokenNs     float64 `json:"kv_token_ns"` // of 128 wide heads, for a block alone on its SM; 0 if it follows from the bandwidth
	TwoPerSM      float64 `json:"two_per_sm"`  // factor for two blocks on one SM
	Efficiency    float64 `json:"efficiency"`
	Small         float64 `json:"small_us"`
	SmallPerBlock float64 `json:"small_us_per_block"`
}

// prefillFigures are those of [GPU.AttnPrefill].
type prefillFigures struct {
	Launch     float64 `json:"launch_us"`
	PerToken   float64 `json:"us_per_token"` // with 32 heads
	OwnWeight  float64 `json:"own_weight"`   // of the chunk's own tokens as keys, beside cached ones
	Efficiency float64 `json:"efficiency"`
	Tail       float64 `json:"tail"`        // part of a last, unfilled wave that is lost
	GQALoss    float64 `json:"gqa_loss"`    // times KV heads per query head
	SmallPower float64 `json:"small_power"` // how less than a wave shrinks
}

// nodeCurves are the collectives of one kind of node.
type nodeCurves struct {
	Name      string  `json:"name"`
	AllReduce []curve `json:"all_reduce"`
	SendRecv  []curve `json:"send_recv"`
}

// find is the curve for so many devices, perNode of them in each node, or nil.
func find(curves []curve, devices, perNode int) *curve {
	i := slices.IndexFunc(curves, func(c curve) bool { return c.Devices == devices && c.PerNode == perNode })
	if i < 0 {
		return nil
	}
	return &curves[i]
}

// embedded reads the figures that the module ships, once. Nothing changes them.
var embedded = sync.OnceValues(func() (*figures, error) {
	const name = "operators.json"
	raw, err := data.FS.ReadFile(name)
	if err != nil {
		return nil, err
	}
	f := new(figures)
	if err := json.Unmarshal(raw, f); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return f, nil
})

// with adds figures, behind the others: the last of a name counts.
func (f *figures) with(text string) (*figures, error) {
	if text == "" {
		return f, nil
	}
	more := new(figures)
	if err := json.Unmarshal([]byte(text), more); err != nil {
		return nil, fmt.Errorf("figures of operators: %w", err)
	}
	for _, g := range more.GPUs {
		if g.Name == "" || !(g.Spec.TFLOPS > 0) || !(g.Spec.Bandwidth > 0) || !(g.Spec.SMs > 0) || len(g.GEMM.Tiles) == 0 {
			return nil, fmt.Errorf("figures of operators: GPU %q needs a name, tflops, bandwidth_gbs, sms and tiles", g.Name)
		}
	}
	more.attachErrors()
	merged := *f
	merged.GPUs = append(slices.Clone(f.GPUs), more.GPUs...)
	merged.Networks.Nodes = append(slices.Clone(f.Networks.Nodes), more.Networks.Nodes...)
	return &merged, nil
}

// attachErrors gives the GPUs the errors that the file states.
func (f *figures) attachErrors() {
	errors := map[string]float64{}
	for _, a := range f.Accuracy {
		if a.To == 0 {
			errors[a.Operator] = a.MAPE
		}
	}
	for i := range f.GPUs {
		f.GPUs[i].errors = errors
	}
}

// curves are those of a kind of node, each collective from the last that has it.
func (f *figures) curves(node string) nodeCurves {
	all := nodeCurves{Name: node}
	for _, c := range f.Networks.Nodes {
		if c.Name != node {
			continue
		}
		if len(c.AllReduce) > 0 {
			all.AllReduce = c.AllReduce
		}
		if len(c.SendRecv) > 0 {
			all.SendRecv = c.SendRecv
		}
	}
	return all
}
