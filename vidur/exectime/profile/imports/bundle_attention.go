package imports

// attention reads attention.csv: prefill_chunk, kv_prefill, n_decode, kv_decode,
// time_us. Rows in which a chunk is prefilled and others decode, in one launch, are
// of neither operator.
func (b *bundle) attention(path string) error {
	columns := []string{"prefill_chunk", "kv_prefill", "n_decode", "kv_decode", "time_us"}
	s, err := readCSV(path, columns...)
	if err != nil {
		return err
	}
	chunk, cached := s.counts("prefill_chunk", 0), s.counts("kv_prefill", 0)
	decodes, context := s.counts("n_decode", 0), s.counts("kv_decode", 0)
	times := s.times("time_us")
	if err := s.distinct(nil, chunk, cached, decodes, context); err != nil {
		return err
	}
	b.extra(s, columns...)
	mixed := 0
	for i, line := range s.Lines {
		switch {
		case chunk[i] > 0 && decodes[i] > 0:
			mixed++
		case chunk[i] > 0:
			b.trace.Rows = append(b.trace.Rows, Row{Op: "attn_prefill", X: chunk[i], Cached: cached[i], Time: times[i], Line: line})
		case decodes[i] > 0:
			b.trace.Rows = append(b.trace.Rows, Row{Op: "attn_decode", X: decodes[i], Cached: context[i], Time: times[i], Line: line})
		default:
			return errorAt(path, line, "attention of no chunk and no request that decodes")
		}
	}
	if mixed > 0 {
		b.trace.note("%s: %d of %d rows are of chunks and decoding requests in one launch and not used: the simulator adds the times of the two", path, mixed, len(s.Lines))
	}
	b.trace.note("attention has the writing of keys and values in it, as vLLM's layer does: attn_kv_cache_save takes 0")
	b.nothing("attn_kv_cache_save", s)
	return nil
}

// nothing says that an operator takes no time of its own, at one size: where it
// takes 0, sizes do not matter.
func (b *bundle) nothing(op string, s *csvTable) {
	b.trace.Rows = append(b.trace.Rows, Row{Op: op, X: 1, Line: s.Lines[0]})
}

// experts reads moe.csv: tokens, activated_experts, time_us. Models here are dense.
func (b *bundle) experts(path string) error {
	s, err := readCSV(path, "tokens", "activated_experts", "time_us")
	if err != nil {
		return err
	}
	s.counts("tokens", 1)
	s.counts("activated_experts", 1)
	s.times("time_us")
	if s.err != nil {
		return s.err
	}
	b.trace.note("%s: %d rows of a mixture of experts are not used: the simulator's models are dense ones, and their MLP stays analytic where dense.csv has none", path, s.Rows())
	return nil
}

// skew reads skew.csv: batches whose requests differ in context. The simulator
// takes the mean context of a batch.
func (b *bundle) skew(path string) error {
	s, err := readCSV(path, "n", "t_mean_us", "t_max_us", "t_skew_us")
	if err != nil {
		return err
	}
	mean, mixed := s.times("t_mean_us"), s.times("t_skew_us")
	s.times("t_max_us")
	if s.err != nil {
		return s.err
	}
	var sum float64
	for i := range mean {
		sum += mixed[i]/mean[i] - 1
	}
	b.trace.note("%s: %d batches of requests with different contexts are not used; on average they take %.1f %% longer than as many requests of the mean context, which is what the simulator takes",
		path, s.Rows(), 100*sum/float64(s.Rows()))
	return nil
}

// skewFit reads skew_fit.csv, the weights that LLMServingSim corrects for such
// batches with.
func (b *bundle) skewFit(path string) error {
	s, err := readCSV(path, "alpha", "n_samples")
	if err != nil {
		return err
	}
	s.numbers("alpha", -maxCount)
	if s.err != nil {
		return s.err
	}
	b.trace.note("%s: %d fitted corrections for different contexts in a batch are not used", path, s.Rows())
	return nil
}
