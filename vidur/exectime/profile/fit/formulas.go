package fit

import "math"

// The formulas of package exectime as functions of their figures; a test holds
// the two together. All times are µs.

// spec is what the formulas take from the datasheet.
type spec struct {
	peak, bandwidth, sms, l2 float64 // FLOPs and bytes per µs; number; bytes
}

const bytesPerValue = 2

// join is the norm of two times that overlap but for the shorter's ends.
func join(x, y, p float64) float64 {
	hi, lo := max(x, y), min(x, y)
	if hi <= 0 {
		return 0
	}
	return hi * math.Pow(1+math.Pow(lo/hi, p), 1/p)
}

func tail(w, lost float64) float64 { return w + (math.Ceil(w)-w)*lost }

// The figures of a GEMM, by their place.
const (
	gLaunch = iota
	gBytes
	gPerK
	gNorm
	gPrologue
	gSplit
	gTail
	gTile // the efficiencies of the tiles
)

var tileSizes = [...][2]float64{{256, 128}, {128, 128}, {64, 64}}

// gemm is the time of an m × k times a k × n matrix.
func (c *spec) gemm(f []float64, m, n, k float64) float64 {
	bytes := bytesPerValue * (m*k + k*n + m*n)
	best := math.Inf(1)
	for i, tile := range tileSizes {
		tiles := math.Ceil(m/tile[0]) * math.Ceil(n/tile[1])
		perTile := 2 * tile[0] * tile[1] / (c.peak / c.sms * f[gTile+i])
		for s := 1.0; s <= 4; s *= 2 {
			waves := tiles * s / c.sms
			if waves <= 1 {
				waves = 1
			} else {
				waves = tail(waves, f[gTail])
			}
			compute := waves * perTile * (k/s + f[gPrologue])
			traffic := bytes
			if s > 1 {
				traffic += f[gSplit] * 4 * m * n * s
			}
			memory := traffic / c.bandwidth * f[gBytes]
			if max(compute, memory) < best {
				best = min(best, join(compute, memory, f[gNorm]))
			}
		}
	}
	return f[gLaunch] + best + f[gPerK]*k/1000
}

// The figures of a pointwise operator.
const (
	pLaunch = iota
	pWidth
	pEfficiency
	pGain
)

// pointwise is the time of an operator on m tokens; once says that one wave of
// thread blocks is counted however many tokens there are.
func (c *spec) pointwise(f []float64, m, width, bytes float64, once bool) float64 {
	waves := 1.0
	if !once {
		waves = math.Ceil(m / (2 * c.sms))
	}
	gain := 1.0
	if c.l2 > 0 {
		x := bytes / c.l2
		gain += f[pGain] * math.Exp(-x*x)
	}
	return f[pLaunch] + join(waves*f[pWidth]*width/1000, bytes/(c.bandwidth*f[pEfficiency]*gain), 3)
}

// heads are the attention heads on one device.
type heads struct{ q, kv, dim float64 }

// The figures of prefill attention.
const (
	aLaunch = iota
	aToken
	aOwn
	aEfficiency
	aTail
	aGQA
	aPower
)

const queryTile = 64

func (c *spec) prefill(f []float64, chunk, cached float64, h heads) float64 {
	tiles := math.Ceil(chunk / queryTile)
	waves := tiles * h.q / (2 * c.sms)
	counted := tail(waves, f[aTail])
	if waves <= 1 {
		counted = math.Pow(waves, f[aPower])
	}
	column := 2 * c.sms * queryTile * 4 * h.dim / (c.peak * f[aEfficiency])
	return f[aLaunch] + f[aToken]*chunk*h.q/32 + counted*(cached+f[aOwn]*chunk)*column*(1+f[aGQA]*h.kv/h.q)
}

// The figures of decode attention.
const (
	dLaunch = iota
	dWave
	dTokenNs
	dTwo
	dEfficiency
	dSmall
	dBlock
)

func (c *spec) decode(f []float64, batch, context float64, h heads) float64 {
	blocks := batch * h.kv
	bytes := context * h.dim * 2 * bytesPerValue / (c.bandwidth * f[dEfficiency])
	one := f[dTokenNs] / 1e3 * context * h.dim / 128
	wave := f[dWave]
	if h.q == h.kv {
		wave = 0
	}
	w := blocks / c.sms
	if w < 0.8 {
		us := f[dSmall] + min(one, max(f[dBlock]*blocks, blocks*bytes))
		if h.q == h.kv && context < 128 {
			us += f[dLaunch] + f[dWave] - f[dSmall]
		}
		return us
	}
	full := math.Floor(w / 2)
	us := f[dLaunch] + full*max(f[dWave]+f[dTwo]*one, 2*c.sms*bytes+wave)
	if rest := w - 2*full; rest > 0 {
		if rest > 1 {
			one *= f[dTwo]
		}
		us += max(f[dWave]+one, rest*c.sms*bytes+wave)
	}
	return us
}

// The figures of a curve of a collective.
const (
	cFloor = iota
	cLatency
	cBandwidth // 10^9 bytes/s
	cRamp
)

// collective is the time of a message of which each device sends so many bytes.
func collective(f []float64, bytes float64) float64 {
	x := bytes / (f[cBandwidth] * 1e3)
	return join(f[cFloor], f[cLatency]+x, 6) + math.Sqrt(f[cRamp]*x)
}
