package exectime

import "math"

const bytesPerValue = 2 // fp16 and bf16

// GEMM is the time in µs of an m × k matrix (m tokens) times a k × n matrix of
// weights.
//
// It is the best over the tile sizes of cuBLAS and over splits of k into s = 1,
// 2 or 4 of
//
//	launch + (compute^p + memory^p)^(1/p) + perK k/1000
//	compute = waves · 2 · tile area · (k/s + prologue) / (peak per SM · efficiency)
//	memory  = (2 (mk + kn + mn) + [s>1] split · 4 m n s) / bandwidth · factor
//
// where waves = tiles · s / SMs, and at least 1. Source: fitted to the GEMMs of
// mlp.csv of microsoft/vidur, 21 models and cards; 6 % (A100) to 8 % (H100)
// mean absolute error for m <= 4096. Without splits it is 25 % off for m <= 64.
func (g *GPU) GEMM(m, n, k int) float64 {
	if m <= 0 || n <= 0 || k <= 0 {
		return 0
	}
	f := &g.gemm
	M, N, K := float64(m), float64(n), float64(k)
	bytes := bytesPerValue * (M*K + K*N + M*N)
	best := math.Inf(1)
	for i := range f.Tiles {
		tile := &f.Tiles[i]
		tiles := math.Ceil(M/tile.Rows) * math.Ceil(N/tile.Cols)
		for s := 1.0; s <= 4; s *= 2 {
			waves := tiles * s / g.sms
			if waves <= 1 {
				waves = 1
			} else {
				waves = tail(waves, f.Tail)
			}
			compute := waves * 2 * tile.Rows * tile.Cols * (K/s + f.PrologueK) / (g.peak / g.sms * tile.Efficiency)
			traffic := bytes
			if s > 1 {
				traffic += f.SplitTraffic * 4 * M * N * s
			}
			memory := traffic / g.bandwidth * f.BytesFactor
			if max(compute, memory) < best { // the norm is no less
				best = min(best, norm(compute, memory, f.Norm))
			}
		}
	}
	us := f.Launch + best + f.PerK*K/1000
	return g.atLeast(us, 2*M*N*K, bytes)
}

// norm joins the times of two things that overlap but for the shorter's ends.
func norm(x, y, p float64) float64 {
	hi, lo := max(x, y), min(x, y)
	if hi <= 0 {
		return 0
	}
	return hi * math.Pow(1+math.Pow(lo/hi, p), 1/p)
}
