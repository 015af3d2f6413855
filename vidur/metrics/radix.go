package metrics

import "math"

// entry is a value of a request that is sorted by it.
type entry struct {
	value float64
	rank  int32 // in order of completion
	id    int32
}

// sortEntries sorts by value and keeps the order of equal ones. It sorts by the
// digits of the bits, from the last on, which for the many values of a large
// run is several times as fast as by comparison.
func sortEntries(entries []entry) []entry {
	const digit = 11 // bits
	from, to := entries, make([]entry, len(entries))
	for shift := 0; shift < 64; shift += digit {
		var starts [1 << digit]int32
		for i := range from {
			starts[ordered(from[i].value)>>shift&(1<<digit-1)]++
		}
		sum := int32(0)
		for d, n := range starts {
			if int(n) == len(from) {
				sum = -1 // all have this digit
				break
			}
			starts[d] = sum
			sum += n
		}
		if sum < 0 {
			continue
		}
		for i := range from {
			d := ordered(from[i].value) >> shift & (1<<digit - 1)
			to[starts[d]] = from[i]
			starts[d]++
		}
		from, to = to, from
	}
	return from
}

// ordered maps numbers to integers of the same order.
func ordered(v float64) uint64 {
	if v == 0 {
		v = 0 // of either sign
	}
	bits := math.Float64bits(v)
	if bits>>63 != 0 {
		return ^bits
	}
	return bits | 1<<63
}
