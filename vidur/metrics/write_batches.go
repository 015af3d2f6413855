package metrics

// batchColumns are the metrics of a batch in the order of batch_metrics.csv.
var batchColumns = []struct {
	name, unit string
	whole      bool
	value      func(*batchRow) float64
}{
	{batchTokensName, "tokens", true, func(b *batchRow) float64 { return float64(b.tokens) }},
	{batchPrefillName, "tokens", true, func(b *batchRow) float64 { return float64(b.prefill) }},
	{batchDecodeName, "tokens", true, func(b *batchRow) float64 { return float64(b.tokens - b.prefill) }},
	{batchSizeName, "requests", true, func(b *batchRow) float64 { return float64(b.requests) }},
	{batchTimeName, "s", false, func(b *batchRow) float64 { return b.ended - b.scheduled }},
}

func (s *Store) batchOutputs() []output {
	tokens, prefill, decode, size := s.inBatches()
	out := []output{
		{"plots/" + batchTokensName + ".csv", sketchFile(batchTokensName, tokens.sketch())},
		{"plots/" + batchPrefillName + ".csv", sketchFile(batchPrefillName, prefill.sketch())},
		{"plots/" + batchDecodeName + ".csv", sketchFile(batchDecodeName, decode.sketch())},
		{"plots/" + batchSizeName + ".csv", sketchFile(batchSizeName, size.sketch())},
		{"plots/" + batchTimeName + ".csv", sketchFile(batchTimeName, &s.batchTime)},
	}
	if !s.opt.KeepBatches {
		return out
	}
	out = append(out, output{"batch_metrics.csv", s.batchTable})
	for i := range batchColumns {
		out = append(out, output{"plots/" + batchColumns[i].name + "_per_batch.csv", s.batchSeries(i)})
	}
	return out
}

// batchTable writes a row per batch, in the order in which they ended.
func (s *Store) batchTable(e *encoder) {
	e.raw("Batch Id")
	for i := range batchColumns {
		e.sep()
		e.raw(batchColumns[i].name)
	}
	e.end()
	for _, b := range s.batches.all {
		e.int(int(b.id))
		for i := range batchColumns {
			e.sep()
			e.batchValue(b, i)
		}
		e.end()
	}
}

func (e *encoder) batchValue(b *batchRow, column int) {
	if c := &batchColumns[column]; c.whole {
		e.whole(c.value(b))
	} else {
		e.float(c.value(b))
	}
}

func (s *Store) batchSeries(column int) func(*encoder) {
	return func(e *encoder) {
		e.raw(",Batch Id," + batchColumns[column].name)
		e.end()
		for i, b := range s.batches.all {
			e.int(i)
			e.sep()
			e.int(int(b.id))
			e.sep()
			e.batchValue(b, column)
			e.end()
		}
	}
}

// operationOutputs are the files about operators; what the original does not
// have is left out where nothing of it ran.
func (s *Store) operationOutputs() []output {
	var out []output
	var device, cpu []int
	for i := range opMetrics {
		m := &opMetrics[i]
		if m.kind == furtherOp && (s.opt.Original || s.ops.sketch(i).Count() == 0) {
			continue
		}
		if m.onCPU() {
			cpu = append(cpu, i)
		} else {
			device = append(device, i)
		}
		out = append(out, output{"plots/" + m.name + "_execution_time.csv", sketchFile(m.name, s.ops.sketch(i))})
		if s.opt.KeepBatches {
			out = append(out, output{"plots/" + m.name + "_per_batch.csv", s.opSeries(i)})
		}
	}
	if s.opt.KeepBatches {
		out = append(out, output{"operation_metrics.csv", s.opTable(device)}, output{"cpu_operation_metrics.csv", s.opTable(cpu)})
	}
	return out
}

// opTable writes the mean times of operators per batch, in ms, in the order in
// which the batches began.
func (s *Store) opTable(columns []int) func(*encoder) {
	return func(e *encoder) {
		e.raw("Batch Id")
		for _, i := range columns {
			e.sep()
			e.raw(opMetrics[i].name)
		}
		e.end()
		for _, id := range s.ops.order.all {
			row := s.ops.rows.at(int(*id))
			e.int(int(*id))
			for _, i := range columns {
				e.sep()
				if ms, ok := row.mean(i); ok {
					e.float(ms)
				}
			}
			e.end()
		}
	}
}

func (s *Store) opSeries(column int) func(*encoder) {
	return func(e *encoder) {
		e.raw(",Batch Id," + opMetrics[column].name)
		e.end()
		n := 0
		for _, id := range s.ops.order.all {
			ms, ok := s.ops.rows.at(int(*id)).mean(column)
			if !ok {
				continue
			}
			e.int(n)
			n++
			e.sep()
			e.int(int(*id))
			e.sep()
			e.float(ms)
			e.end()
		}
	}
}
