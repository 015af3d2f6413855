package exectime

import "math"

// Heads are the attention heads on one device.
type Heads struct {
	Q, KV int
	Dim   int // values per head
}

func (h *Heads) grouped() bool { return h.Q != h.KV }

const (
	queryTile     = 64  // query tokens per thread block of the prefill kernel
	blocksPerSM   = 2   // thread blocks that an SM runs at a time
	decodeFewer   = 0.8 // blocks per SM
	shortContext  = 128 // tokens
	headReference = 128 // values per head of the models that were fitted
)

// AttnDecode is the time in µs of the attention of a batch of requests that each
// generate one token, with context tokens in the cache, the mean over the
// batch. Thread blocks are requests × KV heads, and run two per SM:
//
//	full waves, each       max(wave + twoPerSM · one, 2 SMs · bytes of one / bandwidth + [GQA] wave)
//	one = context · perToken · dim/128, of one block alone on an SM
//
// and the rest likewise; less than 0.8 blocks per SM have a formula of their
// own. Source: fitted to attention.csv of microsoft/vidur (Llama-2-70B, A100,
// TP2: 7 %); the kernels are of 2024. Contexts of different length are taken at
// their mean, as the original simulator does: exact where the bandwidth decides,
// and too short where the longest context does.
func (g *GPU) AttnDecode(batch int, context float64, h Heads) float64 {
	if batch <= 0 || h.KV <= 0 || h.Q <= 0 {
		return 0
	}
	f := &g.decode
	dim := float64(h.Dim)
	blocks := float64(batch) * float64(h.KV)
	bytes := context * dim * 2 * bytesPerValue / (g.bandwidth * f.Efficiency) // µs for the K and V of a block
	one := f.KVTokenNs / 1e3 * context * dim / headReference
	wave := 0.0
	if h.grouped() {
		wave = f.Wave
	}
	var us float64
	if w := blocks / g.sms; w < decodeFewer {
		us = f.Small + min(one, max(f.SmallPerBlock*blocks, blocks*bytes))
		if !h.grouped() && context < shortContext {
			us += f.Launch + f.Wave - f.Small
		}
	} else {
		full := math.Floor(w / blocksPerSM)
		us = f.Launch + full*max(f.Wave+f.TwoPerSM*one, blocksPerSM*g.sms*bytes+wave)
		if rest := w - blocksPerSM*full; rest > 0 {
			if rest > 1 {
				one *= f.TwoPerSM
			}
			us += max(f.Wave+one, rest*g.sms*bytes+wave)
		}
	}
	keys := float64(batch) * context
	return g.atLeast(us, 4*keys*float64(h.Q)*dim,
		2*bytesPerValue*(keys*float64(h.KV)+float64(batch)*float64(h.Q))*dim)
}

// AttnPrefill is the time in µs of the attention of a chunk of prompt tokens with
// cached ones before them:
//
//	launch + perToken · chunk · Q/32 + waves · (cached + own · chunk) · column · (1 + loss · KV/Q)
//	waves  = ceil(chunk/64) · Q / (2 SMs); fewer than one count as waves^small
//	column = 2 SMs · 64 · 4 dim / (peak · efficiency): a wave with one key
//
// Source: fitted to attention.csv of microsoft/vidur (Llama-2-70B, A100, TP2: 4 %),
// whose kernel computes the square of the chunk with itself (own 1.26), and to tables
// of vLLM 0.14, whose kernels skip what is above its diagonal (own 0.5).
func (g *GPU) AttnPrefill(chunk, cached int, h Heads) float64 {
	var s prefillSum
	s.add(chunk, cached)
	return g.prefillTime(&s, &h)
}

// prefillSum collects the chunks of several requests that one launch of a kernel
// for sequences of different length works on, as serving engines do.
type prefillSum struct {
	tokens  float64 // of the chunks
	tiles   float64 // of queries
	columns float64 // tiles × cached tokens before them
	own     float64 // tiles × tokens of their chunk
	pairs   float64 // query-key pairs below the diagonal
	keys    float64 // chunks and cached tokens
}

func (s *prefillSum) add(chunk, cached int) {
	c, v := float64(chunk), float64(cached)
	tiles := float64((chunk + queryTile - 1) / queryTile)
	s.tokens += c
	s.tiles += tiles
	s.columns += tiles * v
	s.own += tiles * c
	s.pairs += c*v + c*(c+1)/2
	s.keys += c + v
}

// prefillTime is AttnPrefill of several chunks: one launch, the work of every
// chunk by its own length, and one count of waves, because the thread blocks of
// all of them fill the GPU together. For one chunk it is the fitted formula. (The
// original simulator takes one chunk whose square is the sum of the squares, with
// all cached tokens before it, and 10 % more.)
func (g *GPU) prefillTime(s *prefillSum, h *Heads) float64 {
	if s.tokens <= 0 || h.Q <= 0 {
		return 0
	}
	f := &g.prefill
	q, dim := float64(h.Q), float64(h.Dim)
	waves := s.tiles * q / (blocksPerSM * g.sms)
	counted := 0.0
	if waves <= 1 {
		counted = math.Pow(waves, f.SmallPower)
	} else {
		counted = tail(waves, f.Tail)
	}
	column := blocksPerSM * g.sms * queryTile * 4 * dim / (g.peak * f.Efficiency)
	mean := (s.columns + f.OwnWeight*s.own) / s.tiles // keys per query tile
	us := f.Launch + f.PerToken*s.tokens*q/32 +
		counted*mean*column*(1+f.GQALoss*float64(h.KV)/q)
	return g.atLeast(us, 4*s.pairs*q*dim,
		2*bytesPerValue*(s.keys*float64(h.KV)+s.tokens*q)*dim)
}
