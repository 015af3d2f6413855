package imports

import (
	"fmt"
	"slices"
	"strings"
)

// bundleLayers are the operators of dense.csv. A bundle has one layernorm, which a
// layer runs twice; its queries and keys are normalised before the rotary embedding,
// as part of which the simulator counts that.
var bundleLayers = map[string][]string{
	"embedding":    {"emb"},
	"layernorm":    {"input_layernorm", "post_attention_layernorm"},
	"qkv_proj":     {"attn_pre_proj"},
	"qk_norm":      {"attn_rope"},
	"rotary_emb":   {"attn_rope"},
	"o_proj":       {"attn_post_proj"},
	"gate_up_proj": {"mlp_up_proj"},
	"act_fn":       {"mlp_act"},
	"down_proj":    {"mlp_down_proj"},
}

// layerOps are the operators of a layer of dense.csv: the one that the user's rules
// say, or those of the table here.
func (b *bundle) layerOps(layer string) []string {
	if op := b.rules.layer(layer); slices.Contains(layerOps, op) {
		return []string{op}
	}
	return bundleLayers[layer]
}

// point is where a row of a bundle stands.
type point struct {
	op string
	x  int
}

// dense reads dense.csv: layer, tokens, time_us.
func (b *bundle) dense(path string) error {
	s, err := readCSV(path, "layer", "tokens", "time_us")
	if err != nil {
		return err
	}
	layers, tokens, times := s.words("layer"), s.counts("tokens", 1), s.times("time_us")
	if err := s.distinct(layers, tokens); err != nil {
		return err
	}
	b.extra(s, "layer", "tokens", "time_us")
	sums, alone := map[point]int{}, map[string]map[int]bool{}
	var unknown []string
	for i, layer := range layers {
		row := Row{X: tokens[i], Time: times[i], Line: s.Lines[i]}
		ops := b.layerOps(layer)
		if layer == "final_layernorm" && ops == nil {
			b.norms[row.X] = row
			continue
		}
		if ops == nil && !slices.Contains(unknown, layer) {
			unknown = append(unknown, layer)
		}
		mark(alone, layer, row.X)
		for _, op := range ops {
			row.Op = op
			b.sum(sums, row)
		}
	}
	if unknown != nil {
		b.trace.note("%s: layers without an operator here are left out: %s; --rules can name one", path, strings.Join(unknown, ", "))
	}
	b.normed(path, alone)
	if alone["layernorm"] != nil {
		b.trace.note("layernorm has the addition of the residual in it, as vLLM's layer does: add takes 0")
		b.nothing("add", s)
	}
	return nil
}

// mark keeps that a layer was measured at a size.
func mark(sizes map[string]map[int]bool, layer string, x int) {
	if sizes[layer] == nil {
		sizes[layer] = map[int]bool{}
	}
	sizes[layer][x] = true
}

// sum appends a row, or adds its time to that of the same operator and size.
func (b *bundle) sum(at map[point]int, row Row) {
	key := point{row.Op, row.X}
	if i, ok := at[key]; ok {
		b.trace.Rows[i].Time += row.Time
		return
	}
	at[key] = len(b.trace.Rows)
	b.trace.Rows = append(b.trace.Rows, row)
}

// normed leaves out where only one of the norm of queries and keys and the rotary
// embedding was measured, since the two are one operator here.
func (b *bundle) normed(path string, alone map[string]map[int]bool) {
	norm, rope := alone["qk_norm"], alone["rotary_emb"]
	if norm == nil {
		return
	}
	b.trace.note("qk_norm is part of attn_rope")
	if rope == nil {
		return
	}
	all := len(b.trace.Rows)
	b.trace.Rows = slices.DeleteFunc(b.trace.Rows, func(r Row) bool {
		return r.Op == "attn_rope" && norm[r.X] != rope[r.X]
	})
	if len(b.trace.Rows) < all {
		b.trace.note("%s: qk_norm and rotary_emb are not of the same numbers of tokens; attn_rope has those of both", path)
	}
}

// distinct is an error where a table has a size twice.
func (s *csvTable) distinct(names []string, sizes ...[]int) error {
	if s.err != nil {
		return s.err
	}
	seen := map[string]int{}
	for i, line := range s.Lines {
		var key []byte
		if names != nil {
			key = fmt.Appendf(key, "%q", names[i])
		}
		for _, v := range sizes {
			key = fmt.Appendf(key, " %d", v[i])
		}
		if before, ok := seen[string(key)]; ok {
			return errorAt(s.File, line, "the same sizes as in line %d", before)
		}
		seen[string(key)] = line
	}
	return nil
}

// extra notes columns that nothing reads.
func (b *bundle) extra(s *csvTable, known ...string) {
	if more := s.other(known...); more != nil {
		b.trace.note("%s: columns that are not used: %s", s.File, strings.Join(more, ", "))
	}
}

// perSequence reads per_sequence.csv: layer, sequences, time_us.
func (b *bundle) perSequence(path string) error {
	s, err := readCSV(path, "layer", "sequences", "time_us")
	if err != nil {
		return err
	}
	layers, sequences, times := s.words("layer"), s.counts("sequences", 1), s.times("time_us")
	if err := s.distinct(layers, sequences); err != nil {
		return err
	}
	b.extra(s, "layer", "sequences", "time_us")
	var unknown []string
	for i, layer := range layers {
		row := Row{Op: "lm_head", X: sequences[i], Time: times[i], Line: s.Lines[i]}
		switch {
		case layer == lmHead || b.rules.layer(layer) == lmHead:
			b.heads = append(b.heads, row)
		case layer == "sampler":
			b.picks[row.X] = row
		case !slices.Contains(unknown, layer):
			unknown = append(unknown, layer)
		}
	}
	if unknown != nil {
		b.trace.note("%s: layers without an operator here are left out: %s; --rules can name the LM head", path, strings.Join(unknown, ", "))
	}
	return nil
}

// finish joins what the simulator counts as the LM head: final norm, projection
// and sampling on the device.
func (b *bundle) finish(tp int) {
	norms, picks := 0, 0
	for _, row := range b.heads {
		if n, ok := b.norms[row.X]; ok {
			row.Time += n.Time
			norms++
		}
		if p, ok := b.picks[row.X]; ok {
			row.Time += p.Time
			picks++
		}
		b.trace.Rows = append(b.trace.Rows, row)
	}
	if n := len(b.heads); n > 0 {
		b.trace.note("lm_head has final_layernorm in %d of %d rows and the sampler in %d", norms, n, picks)
	}
	if tp > 1 {
		b.trace.note("bundles have no collectives: the analytic model stands in for all_reduce")
	}
}
